"""What trains the models of this plugin; needs torch."""

from .digits import Digits
from .directions import Directions
from .encoder import Encoding
from .faces import Faces

TRAINERS = [Faces, Digits, Encoding, Directions]
