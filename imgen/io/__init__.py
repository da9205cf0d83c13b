"""Files, read and written with every part accounted for; pictures as parameters, in recipes, from arrays."""

from ..image.photo import Photo, set_door
from . import door

set_door(door)

__all__ = ["Photo"]
