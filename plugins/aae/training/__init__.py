"""What trains the models of this plugin; needs torch."""

from .acai import Lines, MixDigits, MixFaces
from .digits import Digits
from .facemap import FaceMap
from .faces import Faces
from .matching import Map

TRAINERS = [Map, FaceMap, Digits, Faces, MixFaces, MixDigits, Lines]
