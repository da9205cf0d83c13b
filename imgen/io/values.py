"""Decoded values as a Photo: colours that imgen works in, alpha apart, upright."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

from ..contract.context import note
from ..errors import PhotoError
from ..image.levels import as_float
from ..image.photo import Photo
from ..image.profiles import srgb_profile as srgb_profile

NEEDS_CONVERSION = {"CMYK", "LAB", "YCbCr", "HSV"}
LARGEST = 178_956_970  # pixels: Pillow's limit, beyond which it takes a file for an attack


def check_size(width: int, height: int, name: Any) -> None:
    """Refuse a decompression bomb before it is decoded.

    Raises:
        PhotoError: more than 179 megapixels.
    """
    if width * height > LARGEST:
        raise PhotoError(f"{name} claims more than 179 megapixels; scale it down or cut it first")


def sane_dpi(dpi: Any, swap: bool = False) -> tuple[float, float] | None:
    """A resolution that every format can hold; anything else says nothing."""
    try:
        x, y = (float(d) for d in dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not (math.isfinite(x) and math.isfinite(y) and min(x, y) >= 1 and max(x, y) <= 1e6):
        return None
    return (y, x) if swap else (x, y)


def assemble(values: NDArray[Any], **more: Any) -> Photo:
    """A Photo from grey, grey+alpha, RGB or RGBA values of 8 or 16 bits."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    alpha = as_float(np.ascontiguousarray(values[..., -1])) if channels in (2, 4) else None
    colours = values[..., None] if values.ndim == 2 else values[..., : 1 if channels < 3 else 3]
    pixels = as_float(np.broadcast_to(colours, (*values.shape[:2], 3)))
    return Photo(pixels, alpha=alpha, depth=16 if values.dtype == np.uint16 else 8, grey=channels < 3, **more)


def shallow_values(file: Pillow.Image, icc: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    """8-bit values as grey, grey+alpha, RGB or RGBA, and the profile that now describes them."""
    mode = file.mode
    if mode in NEEDS_CONVERSION:
        note(f"converted from {mode} to sRGB, in which imgen works")
        return np.asarray(to_srgb(file, icc)), srgb_profile()
    if mode in ("P", "PA"):
        file = file.convert("RGBA" if "transparency" in file.info or mode == "PA" else "RGB")
    elif mode in ("RGB", "L", "1") and "transparency" in file.info:
        file = file.convert("RGBA" if mode == "RGB" else "LA")
    elif mode in ("1", "La", "RGBa", "RGBX"):
        file = file.convert({"1": "L", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}[mode])
    elif mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        raise PhotoError(f"pictures with {mode} values cannot be edited; save it with 8 or 16 bits a channel")
    return np.asarray(file), icc


def to_srgb(file: Pillow.Image, icc: bytes | None) -> Pillow.Image:
    """Convert CMYK, Lab and the like, by the file's own profile where it has one."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            done = ImageCms.profileToProfile(file, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError) as error:
            note(f"the file's colour profile cannot be used ({error}); colours may be off")
        else:
            if done is not None:
                return done
    if file.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(file, lab, srgb, outputMode="RGB")
        return done if done is not None else file.convert("RGB")
    return file.convert("RGB")


def turned(values: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Apply an EXIF orientation, 1..8, to (H, W) or (H, W, C)."""
    if orientation >= 5:
        values = values.swapaxes(0, 1)
    vertical = orientation in (3, 4, 7, 8)
    horizontal = orientation in (2, 3, 6, 7)
    return values[:: -1 if vertical else 1, :: -1 if horizontal else 1]
