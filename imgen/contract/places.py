"""Places in a picture as parameters: points, dots of colour, a box. The editor lets a hand put them there.

All are given in parts of the width and height, 0..1 from the upper left corner, so that they fit a photo of any size.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Share = Annotated[float, Field(ge=0, le=1)]

Points = Annotated[list[tuple[Share, Share]], Field(json_schema_extra={"format": "points"})]
"""Places: [[x, y], ...]."""

Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", json_schema_extra={"format": "colour"})]
"""A colour in sRGB: "#rrggbb"."""

Dots = Annotated[list[tuple[Share, Share, Colour]], Field(json_schema_extra={"format": "dots"})]
"""Places with a colour each: [[x, y, "#rrggbb"], ...]."""

Box = Annotated[tuple[Share, Share, Share, Share], Field(json_schema_extra={"format": "box"})]
"""A rectangle: [left, top, width, height]."""


def box_pixels(box: Box | None, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a box in a picture (H, W, ...), at least one of each; None is everything."""
    left, top, width, height = box or (0.0, 0.0, 1.0, 1.0)
    return span(top, height, shape[0]), span(left, width, shape[1])


def span(start: float, share: float, length: int) -> slice:
    """A part of one axis in pixels."""
    first = min(round(start * length), length - 1)
    return slice(first, min(length, first + max(1, round(share * length))))


def point_pixels(points: Points, rows: slice, columns: slice, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Points in a picture (H, W, ...) as (row, column) counted inside a part of it; those elsewhere are left out."""
    places = [(min(int(y * shape[0]), shape[0] - 1), min(int(x * shape[1]), shape[1] - 1)) for x, y in points]
    return [
        (y - rows.start, x - columns.start)
        for y, x in places
        if rows.start <= y < rows.stop and columns.start <= x < columns.stop
    ]
