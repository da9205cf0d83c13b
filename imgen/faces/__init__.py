"""Faces: found, chosen, cut out upright, and changed by a difference that is put back (docs/faces.md)."""

from .crop import CLOSE as CLOSE
from .crop import EYES as EYES
from .crop import SIZE as SIZE
from .crop import WIDE as WIDE
from .crop import Crop as Crop
from .crop import Face as Face
from .crop import align as align
from .crop import oval as oval
from .crop import put_back as put_back
from .crop import warp as warp
from .finder import DOUBTFUL as DOUBTFUL
from .finder import SURE as SURE
from .finder import Clicks as Clicks
from .finder import Frame as Frame
from .finder import choose as choose
from .finder import find as find
