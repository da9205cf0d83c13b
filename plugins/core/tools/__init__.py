"""Selections, everyday adjustments and the document."""

from .adjust import blur, saturation
from .document import crop, flatten, selection_to_alpha
from .selections import (
    clear_selection,
    feather_selection,
    grow_selection,
    invert_selection,
    load_selection,
    select_rectangle,
)

TOOLS = [
    select_rectangle, load_selection, invert_selection, feather_selection, grow_selection, clear_selection,
    selection_to_alpha, flatten, crop, blur, saturation,
]  # fmt: skip
