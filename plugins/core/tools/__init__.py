"""Selections, everyday adjustments and the document."""

from .adjust import blur as blur
from .adjust import saturation as saturation
from .document import crop as crop
from .document import flatten as flatten
from .document import selection_to_alpha as selection_to_alpha
from .selections import clear_selection as clear_selection
from .selections import feather_selection as feather_selection
from .selections import grow_selection as grow_selection
from .selections import invert_selection as invert_selection
from .selections import load_selection as load_selection
from .selections import select_rectangle as select_rectangle
