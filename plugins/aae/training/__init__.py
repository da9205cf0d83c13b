"""What trains the models of this plugin; needs torch."""

from .acai import Lines, MixDigits, MixFaces
from .digits import Digits
from .faces import Faces
from .matching import FaceMap, Map

TRAINERS = [Map, FaceMap, Digits, Faces, MixFaces, MixDigits, Lines]
