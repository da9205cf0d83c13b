"""A plugin for the tests: tools that show where they were told to work or look, and one that blinks."""

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen

Right = Annotated[float, Field(ge=0, le=1, json_schema_extra={"pad": "x"})]
Down = Annotated[float, Field(ge=0, le=1, json_schema_extra={"pad": "y"})]


def paint(
    image: imgen.Image,
    *,
    hints: imgen.Dots = [],  # noqa: B006
    points: imgen.Points = [],  # noqa: B006
    box: imgen.Box | None = None,
) -> imgen.Image:
    """Paint what was placed on the photo."""
    out = image.copy()
    height, width = image.shape[:2]
    for x, y, colour in hints:
        out[int(y * height), int(x * width)] = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    for x, y in points:
        out[int(y * height), int(x * width)] = 0
    if box:
        left, top, wide, high = np.multiply(box, (width, height, width, height)).astype(int)
        out[top : top + high, left : left + wide] = 1
    return out


def tint(image: imgen.Image, other: imgen.Image, *, other_points: imgen.Points = []) -> imgen.Image:  # noqa: B006
    """Paint the photo in the colour that another picture has where it was clicked."""
    height, width = other.shape[:2]
    colours = [other[int(y * height), int(x * width)] for x, y in other_points]
    return np.broadcast_to(colours[-1], image.shape) if colours else image


def blink(image: imgen.Image) -> imgen.Animation:
    """Show the photo and its negative by turns."""
    return np.stack([image, 1 - image])


def spot(*, x: Right = 0.5, y: Down = 0.5) -> imgen.Image:
    """Draw a white square on black where the pad says."""
    out = np.zeros((90, 90, 3), np.float32)
    out[int(80 * y) :][:10, int(80 * x) :][:, :10] = 1
    return out


@imgen.hookimpl
def imgen_tools():
    """Four tools."""
    return [paint, tint, blink, spot]
