"""Sharpen."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image
from imgen.image import guided
from imgen.lazy import ndimage

from .adjust import LUMA

Radius = Annotated[float, Field(gt=0, le=50, description="How wide the edges are", json_schema_extra={"unit": "px"})]

REACH = 4  # standard deviations that the Gaussian reaches


@tool(group="Adjust", synonyms=["sharpness", "unsharp mask", "soft", "crisp", "clarity", "details"], local=True)
def sharpen(
    image: Image,
    *,
    amount: Annotated[float, Field(ge=0, le=3, description="How much of what a blur would take is added")] = 0.6,
    radius: Radius = 1.0,
    threshold: Annotated[float, Field(ge=0, le=0.2, description="Differences up to this stay, such as noise")] = 0.01,
) -> Image:
    """Sharpen what is soft (an unsharp mask of the luma), so that edges get no coloured rims.

    No pixel becomes darker or brighter than those around it already are by more than half of the difference, so that
    edges get no white or black lines.
    """
    result = np.empty_like(image)
    height, width = image.shape[:2]
    reach = max(1, round(REACH * radius))
    for rows in guided.strips(height, width):
        progress(rows.start, height)
        wide = slice(max(0, rows.start - reach), min(height, rows.stop + reach))
        inner = slice(rows.start - wide.start, rows.stop - wide.start)
        result[rows] = np.clip(
            image[rows] + gained(image[wide] @ LUMA, amount, radius, threshold)[inner, :, None], 0, 1
        )
    return result


def gained(luma: Array, amount: float, radius: float, threshold: float) -> Array:
    """What is added to each pixel (H, W)."""
    soft: Any = ndimage.gaussian_filter(luma, radius, mode="nearest", truncate=REACH)
    fine = luma - soft
    more = np.float32(amount) * np.sign(fine) * np.maximum(np.abs(fine) - np.float32(threshold), 0)
    side = 2 * max(1, round(radius)) + 1
    above: Any = ndimage.maximum_filter(luma, side, mode="nearest") - luma
    below: Any = ndimage.minimum_filter(luma, side, mode="nearest") - luma
    slack = np.float32(0.5) * (above - below)
    return np.clip(more, below - slack, above + slack)
