"""Brush strokes become a selection at the photo's full size.

What is kept is what the hand did, and no bitmap: the edge is as sharp on 24 megapixels as on the screen, and undo is
taking the last stroke away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw
from pydantic import BaseModel, Field

from ..contract.arrays import Array
from ..contract.context import progress
from ..errors import ImgenError
from .levels import as_float

Coordinate = Annotated[float, Field(ge=-(10**6), le=10**6, allow_inf_nan=False)]
Point = tuple[Coordinate, Coordinate]
MOST_INK = 10**10  # pixels that all strokes together may paint, painted over or not: some four seconds
ROUND, STRAIGHT = 250, 40  # pixels that could be painted in the time that a row of a shape costs beside its pixels
NEAR = 16  # the radius over the distance at which the next round mark is drawn; marks are 1/2000 of it apart at the rim
LOOK = 10**7  # pixels between two looks at whether the run was cancelled


class Stroke(BaseModel):
    """One movement of the hand, in pixels of the photo, or in parts of its width and height.

    Attributes:
        mode: "paint" and "erase" draw a line; "box" selects a rectangle, whose corners are the first and last point.
        radius: of the brush, in pixels, or in parts of the longer side.
        points: that it went through.
    """

    mode: Literal["paint", "erase", "box"] = "paint"
    radius: Annotated[float, Field(gt=0, le=20_000)]
    points: Annotated[list[Point], Field(min_length=1, max_length=100_000)]


def painted(strokes: Iterable[Stroke], width: int, height: int, factor: float = 1.0) -> Array | None:
    """The selection of that size, 0 or 1; None where nothing is selected.

    Args:
        strokes: in pixels of the photo.
        width: of the selection.
        height: of the selection.
        factor: the selection's size over the photo's, for a small copy of it.

    Raises:
        ImgenError: there are so many strokes that painting them would take long.
        Cancelled: the run that needs it was cancelled.
    """
    canvas = Canvas(width, height)
    for stroke in strokes:
        (draw_box if stroke.mode == "box" else draw)(canvas, stroke, factor)
    if not canvas.used:
        return None
    values = as_float(np.asarray(canvas.mask))
    return values if values.any() else None


def in_pixels(stroke: Stroke, width: int, height: int) -> Stroke:
    """A stroke in parts of a picture of that size, in its pixels."""
    points = [(x * width, y * height) for x, y in stroke.points]
    return Stroke(mode=stroke.mode, radius=stroke.radius * max(width, height), points=points)


class Canvas:
    """What is painted on, which counts the ink.

    Args:
        width: in pixels.
        height: in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.mask = Pillow.new("L", (width, height))
        self.pen = ImageDraw.Draw(self.mask)
        self.used = 0.0
        self._looked = 0.0

    def use(self, width: float, height: float, rest: float = 0.0) -> None:
        """Count a shape before it is drawn: what of it fits on the canvas, and the rest of its cost.

        Raises:
            ImgenError: it is too much.
            Cancelled: the run was cancelled.
        """
        self.used += min(width, self.mask.width) * min(height, self.mask.height) + rest
        if self.used > MOST_INK:
            raise ImgenError("this selection has too many strokes with too large a brush; use boxes, or fewer strokes")
        if self.used > self._looked + LOOK:
            self._looked = self.used
            progress(0)


def draw(canvas: Canvas, stroke: Stroke, factor: float) -> None:
    """Draw a line with round ends and joints; the middle of the first pixel is at (0.5, 0.5)."""
    ink = 0 if stroke.mode == "erase" else 255
    radius = max(stroke.radius * factor, 0.5)
    points = [(x * factor - 0.5, y * factor - 0.5) for x, y in stroke.points]
    for x, y in marks(points, radius / NEAR):
        canvas.use(2 * radius, 2 * radius, ROUND * 2 * radius)
        canvas.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    for start, end in pairwise(points):
        length = math.dist(start, end)
        canvas.use(2 * radius, length, STRAIGHT * (2 * radius + length))
        canvas.pen.line((start, end), fill=ink, width=max(1, round(2 * radius)))


def marks(points: list[Point], near: float) -> Iterator[Point]:
    """The points where round marks are drawn: the ends, and those in between that are not near the one before."""
    last = points[0]
    yield last
    for point in points[1:-1]:
        if math.dist(last, point) >= near:
            last = point
            yield point
    if len(points) > 1:
        yield points[-1]


def draw_box(canvas: Canvas, stroke: Stroke, factor: float) -> None:
    """Fill a rectangle: the pixels whose middle lies inside it, and at least one."""
    ends = np.array([stroke.points[0], stroke.points[-1]]) * factor
    first = np.ceil(ends.min(0) - 0.5)
    last = np.maximum(np.ceil(ends.max(0) - 0.5) - 1, first)
    canvas.use(*(last - first + 1).tolist())
    canvas.pen.rectangle((*first.tolist(), *last.tolist()), fill=255)
