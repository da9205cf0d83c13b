"""Faces: found, chosen, cut out upright, and changed by a difference that is put back (docs/faces.md).

`attributes` is the table of what can be changed of a face, `editing` what tools that draw faces share, and `training`
holds aligned faces, the networks that know faces, and their figures.
"""

from .change import changed as changed
from .change import put_change as put_change
from .choosing import Clicks as Clicks
from .choosing import EachClick as EachClick
from .choosing import Frame as Frame
from .choosing import OtherClicks as OtherClicks
from .choosing import OtherFrame as OtherFrame
from .choosing import choose as choose
from .choosing import choose_each as choose_each
from .crop import CLOSE as CLOSE
from .crop import EYES as EYES
from .crop import SIZE as SIZE
from .crop import WIDE as WIDE
from .crop import Crop as Crop
from .crop import Face as Face
from .crop import align as align
from .crop import oval as oval
from .crop import put_back as put_back
from .crop import resized as resized
from .crop import side_of as side_of
from .crop import warp as warp
from .detail import detailed as detailed
from .editing import check_codes as check_codes
from .editing import morph as morph
from .editing import warn_if_strange as warn_if_strange
from .finder import DOUBTFUL as DOUBTFUL
from .finder import SURE as SURE
from .finder import find as find
