"""The core's everyday adjustments, the other half of many a selection: blur the background, drain its colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image, Mask
from imgen.image.light import light_of, srgb_of, stripwise
from imgen.lazy import ndimage

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
PASSES = 3  # box filters in a row look like a Gaussian
PIECE = 1 << 16  # pixels that are filtered at once

Radius = Annotated[float, Field(ge=0, le=500, description="Standard deviation", json_schema_extra={"unit": "px"})]
Amount = Annotated[float, Field(ge=0, le=3, description="0 grey, 1 as it is, above 1 stronger")]


@tool(group="Adjust", synonyms=["blur background", "bokeh", "soften", "out of focus"])
def blur(image: Image, mask: Mask | None = None, *, radius: Radius = 8.0) -> Image:
    """Blur with a Gaussian. What is outside the selection does not bleed into it.

    Light is averaged, not sRGB's values, so that lamps glow and colours meet without a dark rim. Repeated box filters
    cost the same at every radius; a selection weights the pixels (normalised convolution, Knutsson & Westin 1993).
    """
    sides = box_sides(radius)
    if sides == [1] * PASSES:
        return image.copy()
    weight = None if mask is None else np.maximum(mask, np.float32(1e-4))
    total = None if weight is None else smooth(weight, sides)
    result = np.empty_like(image)
    height, width = image.shape[:2]
    for rows in pieces(height, 3 * width):
        progress(rows.start, 2 * height)
        part = light_of(image[rows])
        if weight is not None:
            part *= weight[rows, :, None]
        filter_rows(part, sides)
        result[rows] = part
    for columns in pieces(width, 3 * height):
        progress(width + columns.start, 2 * width)
        part = result[:, columns].transpose(1, 2, 0).copy()  # columns as rows
        filter_rows(part, sides, axis=2)
        if total is not None:
            part /= total[:, columns].T[:, None]
        result[:, columns] = srgb_of(part).transpose(2, 0, 1)
    return result


def box_sides(sigma: float) -> list[int]:
    """Odd sides of the box filters that together have that standard deviation (Kovesi, DICTA 2010)."""
    low = int((12 * sigma**2 / PASSES + 1) ** 0.5 - 1) // 2 * 2 + 1
    short = round((12 * sigma**2 - PASSES * (low**2 + 4 * low + 3)) / (-4 * low - 4))
    return [low] * short + [low + 2] * (PASSES - short)


def smooth(plane: Array, sides: list[int]) -> Array:
    """One channel after the box filters; the border is continued."""
    result = plane.copy()
    for rows in pieces(*plane.shape):
        filter_rows(result[rows], sides)
    for columns in pieces(*plane.shape[::-1]):
        part = result[:, columns].T.copy()
        filter_rows(part, sides)
        result[:, columns] = part.T
    return result


def pieces(count: int, length: int) -> Iterator[slice]:
    """The numbers of `count` lines of that length, by as many as the processor's cache holds with what is made of them.

    All filters run over the rows of a piece before the next one is looked at, and columns are brought together to rows
    of their own: each pixel comes from memory twice, not once a filter, and never alone.
    """
    step = max(1, PIECE // length)
    return (slice(first, first + step) for first in range(0, count, step))


def filter_rows(rows: Array, sides: list[int], axis: int = 1) -> None:
    """Run the box filters along an axis, in place."""
    for side in sides:
        ndimage.uniform_filter1d(rows, side, axis=axis, output=rows, mode="nearest")


@tool(group="Adjust", synonyms=["black and white", "grey", "desaturate", "vibrance", "vivid"], local=True)
def saturation(image: Image, *, amount: Amount = 1.3) -> Image:
    """Make colours stronger or weaker; at 0 the picture is grey."""

    def change(part: Array) -> Array:
        grey: Any = (part @ LUMA)[..., None]
        return grey + np.float32(amount) * (part - grey)

    return stripwise(change, image)
