"""Enlarging: interpolation, and what a network adds to it, band by band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.errors import ParameterError
from imgen.image.resize import resize
from imgen.image.seen import continued
from imgen.image.tiling import WHOLE

NAME = "autoencoder/upscale"
MOST = 400_000_000  # pixels of a result
BAND = 512  # rows of a large photo that are enlarged at once

Factor = Annotated[Literal[2, 4], Field(description="How many times as wide and as tall")]
Sharpness = Annotated[
    float, Field(ge=0, le=1.5, description="How much of what the network adds: 0 is plain interpolation, 1 all of it")
]


@imgen.tool(
    group="Document",
    synonyms=[
        "enlarge",
        "super resolution",
        "superresolution",
        "bigger",
        "larger",
        "resize",
        "zoom",
        "sharper",
        "print",
    ],
    expensive=True,
)
@imgen.uses(NAME)
def upscale(photo: imgen.Photo, *, factor: Factor = 2, sharpness: Sharpness = 1.0) -> imgen.Photo:
    """Make the photo two or four times as wide and as tall, with edges as sharp as a larger photo has.

    A network adds to bicubic interpolation what that lacks (VDSR, arXiv 1511.04587), computed at the small size
    (ESPCN, arXiv 1609.05158); four times is twice two times. Transparency and the selection are enlarged with it.
    """
    height, width = factor * photo.height, factor * photo.width
    if height * width > MOST:
        raise ParameterError(
            f"upscale: {width} x {height} pixels are too many, at most {MOST // 10**6} megapixels; "
            + ("factor=2 or a smaller photo may do" if factor == 4 else "make the photo smaller first")
        )
    pixels = photo.pixels
    if photo.alpha is not None and photo.alpha.min() <= 0:
        pixels = continued(pixels, photo.alpha)  # what is hidden does not bleed into what is seen
    rounds = [bands(photo.height, photo.width), bands(2 * photo.height, 2 * photo.width)][: factor // 2]
    total, done = sum(map(len, rounds)), 0
    for cut in rounds:
        pixels = doubled(pixels, sharpness, cut, (done, total))
        done += len(cut)
    alpha, selection = (
        None if plane is None else smooth(plane, (height, width)) for plane in (photo.alpha, photo.selection)
    )
    return photo.replace(pixels=pixels, alpha=alpha, selection=selection)


def doubled(image: Array, sharpness: float, cut: Sequence[slice], place: tuple[int, int]) -> Array:
    """(H, W, 3) in 0..1 as (2H, 2W, 3), band by band: memory is the result and one band.

    Args:
        image: the picture.
        sharpness: as for `upscale`.
        cut: its bands.
        place: the number of the first band among all of the run, and their number, for progress.
    """
    result = np.empty((2 * image.shape[0], 2 * image.shape[1], 3), np.float32)
    for i, band in enumerate(cut, place[0]):
        with imgen.portion(i, place[1]):
            sharp = enlarged(image, band)
        if sharpness != 1:
            plain = interpolated(image, band)
            sharp = plain + np.float32(sharpness) * (sharp - plain)
        np.clip(sharp, 0, 1, out=result[2 * band.start : 2 * band.stop])
    return result


def enlarged(image: Array, band: slice) -> Array:
    """Those rows (h, W, 3) as the network enlarges them, (2h, 2W, 3)."""
    model = imgen.model(NAME)
    halo = model.card["halo"]
    low, high = max(0, band.start - halo), min(len(image), band.stop + halo)
    parts = imgen.tiled(lambda tile: model(image=tile), image[low:high], halo=halo, tile=BAND + 2 * halo)
    parts = parts[band.start - low : band.stop - low]  # (h, W, 12)
    return parts.reshape(*parts.shape[:2], 3, 2, 2).transpose(0, 3, 1, 4, 2).reshape(2 * len(parts), -1, 3)


def interpolated(image: Array, band: slice) -> Array:
    """The same rows by bicubic interpolation."""
    low, high = max(0, band.start - 2), min(len(image), band.stop + 2)
    plain = resize(image[low:high], (2 * (high - low), 2 * image.shape[1]))
    return plain[2 * (band.start - low) : 2 * (band.stop - low)]


def bands(height: int, width: int) -> list[slice]:
    """All rows of a small photo at once, `BAND` of a large one."""
    rows = height if height * width <= WHOLE else BAND
    return [slice(top, min(height, top + rows)) for top in range(0, height, rows)]


def smooth(plane: Array, shape: tuple[int, int]) -> Array:
    """A mask (H, W) at the larger size; what is fully in or out stays so."""
    return resize(plane[..., None], shape, Pillow.Resampling.BICUBIC)[..., 0].clip(0, 1)
