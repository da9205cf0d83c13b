"""Pictures as other libraries hold them: NumPy arrays, tensors, PIL images; photos are made of them and become them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from ..errors import PhotoError
from ..image.levels import as_float
from ..image.photo import Photo

OVERSHOOT = 0.25  # floats may leave 0..1 by so much, as resampling with negative lobes does; they are clipped
SHOWN = 1024  # pixels a side in a notebook


def photo_from(picture: Any, more: dict[str, Any]) -> Photo:
    """A photo from what another library calls a picture; see `Photo.from_array`."""
    if isinstance(picture, Pillow.Image):
        values, found = from_pil(picture)
        more = found | more
    elif type(picture).__module__.partition(".")[0] == "torch":
        values = channels_last(tensor_values(picture))
    elif isinstance(picture, str | Path):
        raise PhotoError(f"{picture} is a file's name; imgen.open reads files")
    else:
        values = checked_shape(np.asarray(picture))
    pixels = in_range(values)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if values.dtype.name == "uint16":
        more.setdefault("depth", 16)
    if channels in (2, 4):
        more.setdefault("alpha", np.ascontiguousarray(pixels[..., -1]))
    if channels < 3:
        more.setdefault("grey", True)
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], channels)[..., :1], 3, 2)
    return Photo(np.ascontiguousarray(pixels[..., :3]), **more)


def tensor_values(tensor: Any) -> NDArray[Any]:
    """A torch tensor, of any device and precision, as an array; a batch of one as its picture."""
    tensor = tensor.detach().cpu()
    if tensor.is_floating_point():
        tensor = tensor.float()  # NumPy knows no bfloat16
    values: NDArray[Any] = tensor.numpy()
    return values[0] if values.ndim == 4 and len(values) == 1 else values


def channels_last(values: NDArray[Any]) -> NDArray[Any]:
    """(C, H, W), torch's own order, as (H, W, C); where only the last axis can be channels, it is left as it is."""
    if values.ndim == 3 and values.shape[0] in (1, 2, 3, 4):
        return np.moveaxis(values, 0, 2)
    return checked_shape(values)


def checked_shape(values: NDArray[Any]) -> NDArray[Any]:
    """The array, if it has the shape of one picture.

    Raises:
        PhotoError: another shape; the message says how to change it.
    """
    if values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (1, 2, 3, 4)):
        if values.size == 0:
            raise PhotoError(f"a picture has at least one pixel, got the shape {values.shape}")
        return values
    if values.ndim == 3 and values.shape[0] in (1, 2, 3, 4):
        raise PhotoError(f"channels come last, got the shape {values.shape}; give array.transpose(1, 2, 0)")
    if values.ndim == 4:
        raise PhotoError(f"got the shape {values.shape}, which is several pictures; give one of them, such as array[0]")
    raise PhotoError(f"a picture has the shape (H, W) or (H, W, C) with 1 to 4 channels, not {values.shape}")


def in_range(values: NDArray[Any]) -> NDArray[np.float32]:
    """The numbers as float32 in 0..1.

    Raises:
        PhotoError: another range or type; the message says how to change it.
    """
    if values.dtype.kind in "iu" and values.dtype.name not in ("uint8", "uint16"):
        low, high = int(values.min()), int(values.max())
        kind = "uint8" if low >= 0 and high <= 255 else "uint16" if low >= 0 and high <= 65535 else ""
        remedy = f"give array.astype('{kind}')" if kind else "scale them to 0..255 and give uint8"
        raise PhotoError(
            f"a picture holds uint8, uint16 or floats in 0..1, not {values.dtype} from {low} to {high}; {remedy}"
        )
    pixels = as_float(values)
    if values.dtype.kind != "f":
        return pixels
    low, high = check_range(pixels, OVERSHOOT)
    return pixels.clip(0, 1, out=pixels) if low < 0 or high > 1 else pixels


def check_range(pixels: NDArray[Any], overshoot: float) -> tuple[float, float]:
    """The least and the largest of floats, which may leave 0..1 by so much.

    Raises:
        PhotoError: they leave it farther, or are not finite; the message says how to change them.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise PhotoError("the picture holds values that are not finite; numpy.nan_to_num replaces them")
    if low >= -overshoot and high <= 1 + overshoot:
        return low, high
    remedy = "scale them to 0..1"
    if low < -overshoot and high <= 1 + overshoot:
        remedy = "give (array + 1) / 2" if low >= -1 - OVERSHOOT else remedy
    elif low >= -overshoot:
        top = 255 if high <= 256 else 65535
        kind = "uint8" if top == 255 else "uint16"
        remedy = f"divide them by {top}, or give {kind}" if high <= 65536 else remedy
    raise PhotoError(f"floats must be from 0 to 1, and these go from {low:.4g} to {high:.4g}; {remedy}")


def from_pil(picture: Pillow.Image) -> tuple[NDArray[Any], dict[str, Any]]:
    """The values of a PIL image, upright, and what belongs to it."""
    from .read import sane_dpi, srgb_profile, to_srgb

    picture = ImageOps.exif_transpose(picture)
    info = picture.info
    icc: bytes | None = info.get("icc_profile") or None
    found = {"icc": icc, "exif": info.get("exif"), "xmp": info.get("xmp"), "dpi": sane_dpi(info.get("dpi"))}
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.uint16), found
    if picture.mode == "F":
        return np.asarray(picture), found
    if picture.mode == "I":  # so Pillow opens some 16-bit files
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > 65535:
            raise PhotoError("the PIL image holds whole numbers beyond 16 bits; scale it to 0..65535")
        return values.astype(np.uint16), found
    if picture.mode not in ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX"):
        return np.asarray(to_srgb(picture, icc)), found | {"icc": srgb_profile()}  # CMYK, Lab, YCbCr, HSV
    grey = picture.mode in ("1", "L", "LA", "La")
    kind = ("LA" if grey else "RGBA") if picture.has_transparency_data else ("L" if grey else "RGB")
    return np.asarray(picture.convert(kind)), found


def to_pil(photo: Photo) -> Pillow.Image:
    """The photo as a PIL image of 8 bits: L, LA, RGB or RGBA, with its colour profile and resolution in `info`."""
    from .channels import channels_of

    values, profile = channels_of(photo, 8)
    picture = Pillow.fromarray(values)
    if profile:
        picture.info["icc_profile"] = profile
    if photo.dpi:
        picture.info["dpi"] = photo.dpi
    return picture


def png(photo: Photo) -> bytes:
    """A small sRGB copy, for a page that shows it."""
    picture = to_pil(photo)
    profile = picture.info.pop("icc_profile", None)
    picture.thumbnail((SHOWN, SHOWN), Pillow.Resampling.LANCZOS)
    file = io.BytesIO()
    shown_in_srgb(picture, profile).save(file, "PNG")
    return file.getvalue()


def shown_in_srgb(picture: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """Its colours in sRGB, by its profile; as they are where that cannot be used."""
    if profile is None:
        return picture
    alpha = picture.getchannel("A") if picture.mode.endswith("A") else None
    colours = picture.convert("L" if profile[16:20] == b"GRAY" else "RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        done = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture
    if done is None:
        return picture
    done.info.pop("icc_profile", None)  # a page takes what has no profile for sRGB
    if alpha is not None:
        done.putalpha(alpha)
    return done
