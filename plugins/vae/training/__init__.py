"""What trains the models of this plugin; needs torch."""

from .closeup import Closeup
from .closeup_directions import CloseupDirections
from .closeup_edits import CloseupEdits
from .digits import Digits
from .directions import Direction, Directions
from .faces import Faces
from .mixture import Mixture
from .quantised import Quantised

TRAINERS = [Faces, Closeup, Digits, Directions, CloseupEdits, CloseupDirections, Direction, Mixture, Quantised]
