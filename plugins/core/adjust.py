"""The core's everyday adjustments, the other half of many a selection: blur the background, drain its colour."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage

from imgen.contract.context import progress
from imgen.contract.kinds import Image, Mask
from imgen.image.colour import light_of, srgb_of, stripwise

Array = NDArray[np.float32]

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
PASSES = 3  # box filters in a row look like a Gaussian

Radius = Annotated[float, Field(ge=0, le=500, description="Standard deviation", json_schema_extra={"unit": "px"})]
Amount = Annotated[float, Field(ge=0, le=3, description="0 grey, 1 as it is, above 1 stronger")]


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
    for c in range(3):
        progress(c, 3)
        light = stripwise(light_of, image[..., c])
        if weight is not None:
            light *= weight
        light = smooth(light, sides)
        if total is not None:
            light /= total
        result[..., c] = stripwise(srgb_of, light)
    return result


def box_sides(sigma: float) -> list[int]:
    """Odd sides of the box filters that together have that standard deviation (Kovesi, DICTA 2010)."""
    low = int((12 * sigma**2 / PASSES + 1) ** 0.5 - 1) // 2 * 2 + 1
    short = round((12 * sigma**2 - PASSES * (low**2 + 4 * low + 3)) / (-4 * low - 4))
    return [low] * short + [low + 2] * (PASSES - short)


def smooth(plane: Array, sides: list[int]) -> Array:
    """One channel after the box filters; the border is continued."""
    smoothed: Any = plane  # scipy states float64, and keeps float32
    for side in sides:
        smoothed = ndimage.uniform_filter(smoothed, side, mode="nearest")
    return smoothed


def saturation(image: Image, *, amount: Amount = 1.3) -> Image:
    """Make colours stronger or weaker; at 0 the picture is grey."""
    grey: Any = (image @ LUMA)[..., None]
    return grey + np.float32(amount) * (image - grey)
