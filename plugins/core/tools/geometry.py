"""Which way up the photo is, and how large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.context import note
from imgen.contract.declaration import tool
from imgen.errors import ParameterError
from imgen.image.light import light_of, srgb_of
from imgen.image.photo import Photo

TURNS = {"left": 1, "right": 3, "half": 2}  # quarter turns against the clock
MOST = 400_000_000  # pixels of a result


@tool(group="Document", synonyms=["turn", "orientation", "upside down", "portrait", "landscape"])
def rotate(
    photo: Photo,
    *,
    turn: Annotated[Literal["left", "right", "half"], Field(description="By a quarter or half")] = "right",
) -> Photo:
    """Turn the photo by a quarter or half; no pixel changes. `crop` turns it by some degrees."""
    return changed(photo, lambda values: np.rot90(values, TURNS[turn]))


@tool(group="Document", synonyms=["mirror", "reflect"])
def flip(
    photo: Photo,
    *,
    direction: Annotated[
        Literal["sideways", "upside down"], Field(description="Left and right, or up and down")
    ] = "sideways",
) -> Photo:
    """Mirror the photo; no pixel changes."""
    return changed(photo, lambda values: values[:, ::-1] if direction == "sideways" else values[::-1])


@tool(group="Document", synonyms=["scale", "smaller", "larger", "size", "pixels", "resolution", "thumbnail"])
def resize(
    photo: Photo,
    *,
    longest: Annotated[
        int, Field(ge=1, le=30_000, description="Pixels of the longest side", json_schema_extra={"unit": "px"})
    ] = 2048,
    enlarge: Annotated[bool, Field(description="Also where the photo is smaller")] = False,
) -> Photo:
    """Make the photo smaller or larger, its proportions kept.

    Light is averaged, not sRGB's values, so that fine lights and lines keep their brightness; windowed sinc (Lanczos).
    """
    factor = longest / max(photo.width, photo.height)
    if factor >= 1 and not enlarge:
        if factor > 1:
            note("resize: the photo is smaller and stays as it is; enlarge=true makes it larger")
        return photo
    width, height = (max(1, round(side * factor)) for side in (photo.width, photo.height))
    if width * height > MOST:
        raise ParameterError(f"resize: {width} x {height} pixels are too many; at most {MOST // 10**6} megapixels")
    if factor == 1:
        return photo
    alpha = photo.alpha
    weight = None if alpha is None else alpha[..., None]
    light = light_of(photo.pixels) if weight is None else light_of(photo.pixels) * weight
    light = resampled(light, (width, height))
    if alpha is not None:
        alpha = resampled(alpha, (width, height))
        light = np.where(alpha[..., None] > 0, light / np.maximum(alpha[..., None], 1e-6), 0)
    selection = None if photo.selection is None else resampled(photo.selection, (width, height))
    return photo.replace(pixels=srgb_of(light), alpha=alpha, selection=selection)


def resampled(values: Array, size: tuple[int, int]) -> Array:
    """(H, W) or (H, W, C) at another (width, height), channel by channel, as floats in 0..1."""
    if values.ndim == 2:
        made = Pillow.fromarray(np.ascontiguousarray(values)).resize(size, Pillow.Resampling.LANCZOS)
        return np.asarray(made).clip(0, 1)
    return np.stack([resampled(values[..., c], size) for c in range(values.shape[2])], 2)


def changed(photo: Photo, turned: Callable[[Array], Array]) -> Photo:
    """The photo with all that belongs to its pixels moved alike."""
    arrays = {"pixels": photo.pixels, "alpha": photo.alpha, "selection": photo.selection}
    return photo.replace(**{k: None if a is None else np.ascontiguousarray(turned(a)) for k, a in arrays.items()})
