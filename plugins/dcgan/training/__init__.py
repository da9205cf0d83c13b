"""What trains the models of this plugin; needs torch."""

from .digits import Digits
from .directions import Directions
from .encoder import Encoding
from .faces import Faces
from .faces_edits import FacesEdits
from .likely import Likeliness

TRAINERS = [Faces, Digits, Encoding, Directions, FacesEdits, Likeliness]
