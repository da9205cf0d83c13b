"""Selections, everyday adjustments and the document."""

from .adjust import blur, saturation
from .detail import sharpen
from .document import crop, flatten, selection_to_alpha
from .geometry import flip, resize, rotate
from .ranges import select_brightness, select_colour, select_strokes
from .selections import (
    clear_selection,
    feather_selection,
    grow_selection,
    invert_selection,
    load_selection,
    select_rectangle,
)
from .tone import contrast, curves, light, temperature
from .words import text

TOOLS = [
    select_rectangle, select_colour, select_brightness, select_strokes, load_selection, invert_selection,
    feather_selection, grow_selection, clear_selection, selection_to_alpha,
    flatten, crop, rotate, flip, resize, text, light, contrast, temperature, curves, saturation, sharpen, blur,
]  # fmt: skip
