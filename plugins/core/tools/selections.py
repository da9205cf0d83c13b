"""Selections: made, changed and forgotten. They come through the same door as any plugin's tools."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from imgen.contract.context import note
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image, Mask
from imgen.contract.places import Share
from imgen.image.photo import Photo
from imgen.lazy import ndimage

Radius = Annotated[float, Field(ge=0, le=500, description="Pixels", json_schema_extra={"unit": "px"})]


@tool(group="Select", synonyms=["rectangle", "area"])
def select_rectangle(
    image: Image,
    *,
    left: Annotated[Share, Field(description="Left edge, part of the width")] = 0.0,
    top: Annotated[Share, Field(description="Upper edge, part of the height")] = 0.0,
    width: Annotated[Share, Field(description="Part of the width")] = 1.0,
    height: Annotated[Share, Field(description="Part of the height")] = 1.0,
) -> Mask:
    """Select a rectangle, given in parts of the picture so that it fits a photo of any size."""
    rows, columns = image.shape[:2]
    mask = np.zeros((rows, columns), np.float32)
    y, x = round(top * rows), round(left * columns)
    mask[y : y + max(1, round(height * rows)), x : x + max(1, round(width * columns))] = 1
    if y == rows or x == columns:
        note("select_rectangle: it begins at the photo's far edge, so nothing is selected; make left or top smaller")
    return mask


@tool(group="Select", synonyms=["mask", "load mask"])
def load_selection(image: Image, *, file: Mask) -> Mask:
    """Select what a picture of the same size means: its white, its colour on black, or what is painted on transparency.

    Off-white counts as white, and noise of JPEG is cut off; a note says so where that is a guess.
    """
    return file


@tool(group="Select", synonyms=["inverse", "background", "everything else"])
def invert_selection(mask: Mask) -> Mask:
    """Select everything that was not selected."""
    return 1 - mask


@tool(group="Select", synonyms=["soft edge", "feather"])
def feather_selection(mask: Mask, *, radius: Radius = 8.0) -> Mask:
    """Soften the selection's edge with a Gaussian of that radius."""
    return np.asarray(ndimage.gaussian_filter(mask, radius, mode="nearest", truncate=3), np.float32)


@tool(group="Select", synonyms=["expand", "shrink", "dilate", "erode"])
def grow_selection(
    mask: Mask,
    *,
    pixels: Annotated[
        int, Field(ge=-500, le=500, description="Negative shrinks", json_schema_extra={"unit": "px"})
    ] = 8,
) -> Mask:
    """Make the selection larger on every side, or smaller with a negative number."""
    if pixels == 0:
        return mask
    # distances to the nearest (un)selected pixel: any radius at the same cost
    if pixels > 0:
        return np.maximum(mask, near(mask >= 0.5, pixels))
    smaller = np.minimum(mask, 1 - near(mask < 0.5, -pixels))
    if mask.any() and not smaller.any():
        note("grow_selection: nothing is selected any more; take fewer pixels away")
    return smaller


def near(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], pixels: int) -> Mask:
    """1 within `pixels` of `inside`, fading over one more pixel; 0 where there is no inside at all."""
    if not inside.any():
        return np.zeros(inside.shape, np.float32)
    distance = ndimage.distance_transform_edt(~inside)
    return np.clip(pixels + 1 - np.asarray(distance), 0, 1).astype(np.float32)


@tool(group="Select", synonyms=["deselect", "select nothing"])
def clear_selection(photo: Photo) -> Photo:
    """Forget the selection: the next steps act everywhere."""
    return photo.replace(selection=None)
