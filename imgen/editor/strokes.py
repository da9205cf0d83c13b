"""Brush strokes become a selection at the photo's full size.

The page sends what the hand did, in the photo's own pixels, and no bitmap: the edge is as sharp on 24 megapixels
as on the screen, and undo is taking the last stroke away.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw
from pydantic import BaseModel, Field, ValidationError

from ..errors import ImgenError
from ..photo import as_float

Point = tuple[float, float]


class Stroke(BaseModel):
    """One movement of the hand, in pixels of the photo.

    Attributes:
        mode: "paint" and "erase" draw a line; "box" selects a rectangle, whose corners are the first and last point.
        radius: of the brush.
        points: that it went through.
    """

    mode: Literal["paint", "erase", "box"] = "paint"
    radius: Annotated[float, Field(gt=0, le=20_000)]
    points: Annotated[list[Point], Field(min_length=1, max_length=100_000)]


class Strokes(BaseModel):
    """What was brushed on the photo with that serial number."""

    photo: int = 0
    strokes: Annotated[list[Stroke], Field(max_length=10_000)] = []


def read_strokes(value: object) -> Strokes:
    """Check what the page sent.

    Raises:
        ImgenError: it is not what the page sends.
    """
    try:
        return Strokes.model_validate(value or {})
    except ValidationError as error:
        raise ImgenError(f"the selection cannot be read: {error.errors()[0]['msg']}") from error


def selection(strokes: Strokes, width: int, height: int, factor: float = 1.0) -> NDArray[np.float32] | None:
    """The selection of that size, 0 or 1; None where nothing is selected.

    Args:
        strokes: in pixels of the photo.
        width: of the selection.
        height: of the selection.
        factor: the selection's size over the photo's, for a small copy of it.
    """
    if not strokes.strokes:
        return None
    mask = Pillow.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    for stroke in strokes.strokes:
        (draw_box if stroke.mode == "box" else draw)(pen, stroke, factor)
    values = as_float(np.asarray(mask))
    return values if values.any() else None


def draw(pen: ImageDraw.ImageDraw, stroke: Stroke, factor: float) -> None:
    """Draw a line with round ends and joints; the middle of the first pixel is at (0.5, 0.5)."""
    ink = 0 if stroke.mode == "erase" else 255
    radius = max(stroke.radius * factor, 0.5)
    points = [(x * factor - 0.5, y * factor - 0.5) for x, y in stroke.points]
    for x, y in points:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    if len(points) > 1:
        pen.line(points, fill=ink, width=max(1, round(2 * radius)))


def draw_box(pen: ImageDraw.ImageDraw, stroke: Stroke, factor: float) -> None:
    """Fill a rectangle: the pixels whose middle lies inside it, and at least one."""
    ends = np.array([stroke.points[0], stroke.points[-1]]) * factor
    first = np.ceil(ends.min(0) - 0.5)
    last = np.maximum(np.ceil(ends.max(0) - 0.5) - 1, first)
    pen.rectangle((*first.tolist(), *last.tolist()), fill=255)
