"""The values and the profile of a photo as a format takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..image import profiles
from ..image.levels import as_integers
from ..image.photo import Photo
from .values import srgb_profile

DEEP = ("PNG", "TIFF")  # hold 16 bits a channel
MOVING = ("GIF", "PNG", "WEBP")  # hold animations


def values_of(photo: Photo, form: str) -> tuple[NDArray[Any], bytes | None]:
    """The values to write, (H, W) or (H, W, C), for an animation (N, H, W, C), and the profile that fits them."""
    if photo.frames is None or form not in MOVING:
        return channels_of(photo, photo.depth if form in DEEP else 8)
    stills = [photo.replace(pixels=frame, frames=None, grey=False) for frame in photo.frames]
    written = [channels_of(still, 8) for still in stills]
    return np.stack([values for values, _ in written]), written[0][1]


def channels_of(photo: Photo, depth: int) -> tuple[NDArray[Any], bytes | None]:
    """The values to write, with as many channels as the picture needs, and the profile that fits them."""
    grey = photo.grey and is_grey(photo)
    colours = as_integers(photo.pixels[..., :1] if grey else photo.pixels, depth)
    if photo.alpha is not None:
        colours = np.concatenate([colours, as_integers(photo.alpha, depth)[..., None]], 2)
    if colours.shape[2] == 1:
        colours = colours[..., 0]
    profile = photo.icc
    if profile is not None and profile[16:20] == b"GRAY" and not grey:
        profile = coloured(profile)  # the picture has gained colour, which a grey profile cannot describe
    return colours, profile


def coloured(icc: bytes) -> bytes:
    """The profile of a grey picture that has gained colour: the same curve, sRGB's primaries."""
    try:
        return profiles.coloured(icc)
    except ValueError:
        return srgb_profile()


def is_grey(photo: Photo) -> bool:
    """Whether red, green and blue are equal everywhere."""
    p = photo.pixels
    return all(
        np.array_equal(p[y : y + 256, :, 0], p[y : y + 256, :, c]) for y in range(0, len(p), 256) for c in (1, 2)
    )
