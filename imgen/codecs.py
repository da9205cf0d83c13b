"""Read picture files without losing anything that belongs to them."""

from __future__ import annotations

import io
import math
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, PngImagePlugin, UnidentifiedImageError

from .context import note
from .errors import PhotoError
from .metadata import RECIPE, RECIPE_TAG, read_recipe, tiff_exif, upright_exif
from .photo import Photo, as_float

JPEGS = dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG")
FORMATS = {**JPEGS, ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
PngImagePlugin.MAX_TEXT_CHUNK = 16 * 2**20  # printers' ICC profiles exceed Pillow's 1 MiB
NEEDS_CONVERSION = {"CMYK", "LAB", "YCbCr", "HSV"}


def read(path: Path) -> Photo:
    """Open a picture file as a Photo: orientation applied, 16 bits kept, profile and EXIF carried along.

    Raises:
        PhotoError: missing, empty, damaged, more than 179 megapixels, or no JPEG, PNG, TIFF or WebP.
    """
    check_readable(path)
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 megapixels on and refuses from 179 on; large scans are welcome here.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            warnings.filterwarnings("ignore", "Corrupt EXIF data")  # a note says so
            with Pillow.open(path) as file:
                return from_pillow(file, path)
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        with path.open("rb") as opened:
            if opened.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
                return from_tifffile(path)
        raise PhotoError(f"{path} is not a picture that imgen reads (JPEG, PNG, TIFF or WebP)") from error
    except Pillow.DecompressionBombError as error:
        raise too_large(path) from error
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever they like for damaged files
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error


def too_large(path: Path) -> PhotoError:
    """The answer to a decompression bomb."""
    return PhotoError(f"{path} claims more than 179 megapixels; scale it down or cut it first")


def check_readable(path: Path) -> None:
    """Say plainly what is wrong with a path before a decoder guesses."""
    if not path.exists():
        raise PhotoError(f"{path} does not exist")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder, not a picture; name the files in it")
    if not os.access(path, os.R_OK):
        raise PhotoError(f"{path} may not be read; change its permissions")
    if path.stat().st_size == 0:
        raise PhotoError(f"{path} is empty")


def from_pillow(file: Pillow.Image, path: Path) -> Photo:
    """An opened file as a Photo."""
    if file.format not in (*FORMATS.values(), "MPO"):  # MPO: a phone's JPEG with a second picture inside
        raise PhotoError(f"{path} is a {file.format} file; imgen reads JPEG, PNG, TIFF and WebP")
    if getattr(file, "n_frames", 1) > 1:
        note(f"{path.name} holds {getattr(file, 'n_frames', 1)} pictures; the first is used")
    info: dict[str, Any] = {str(k): v for k, v in file.info.items()}
    values = deep_values(path, file)
    icc: bytes | None = info.get("icc_profile") or None
    if values is None:
        values, icc = shallow_values(file, icc)
    orientation, exif, xmp = upright_exif(file, info.get("xmp"))
    return assemble(
        turned(values, orientation),
        icc=icc,
        exif=exif,
        xmp=xmp,
        dpi=sane_dpi(info.get("dpi"), swap=orientation >= 5),
        text={k: str(v) for k, v in getattr(file, "text", {}).items() if k not in (RECIPE, XMP_KEY)},
        recipe=read_recipe(file),
        source=path,
    )


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


XMP_KEY = "XML:com.adobe.xmp"


def deep_values(path: Path, file: Pillow.Image) -> NDArray[np.uint16] | None:
    """The 16-bit values of a PNG or TIFF, which Pillow would cut to 8 bits; None for any other file."""
    if file.format == "PNG":
        import imagecodecs

        data = path.read_bytes()
        return imagecodecs.png_decode(data) if data[24:25] == b"\x10" else None  # byte 24 is the bit depth
    if file.format == "TIFF":
        import tifffile

        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            if page.dtype == np.uint16:
                return page_values(page, path)
            if page.dtype is None or page.dtype.name not in ("uint8", "bool"):
                raise PhotoError(f"{path} holds {page.dtype} values; save it with 8 or 16 whole bits a channel")
    return None


def page_values(page: Any, path: Path) -> NDArray[np.uint16]:
    """One page of a TIFF file as (H, W) or (H, W, C), alpha not premultiplied.

    Raises:
        PhotoError: colours that are neither RGB nor grey, or a decompression bomb.
    """
    if page.imagewidth * page.imagelength > 178_956_970:
        raise too_large(path)
    kind = getattr(page.photometric, "name", str(page.photometric))
    if kind not in ("RGB", "MINISBLACK", "MINISWHITE"):
        raise PhotoError(f"{path} is a 16-bit {kind} picture; convert it to RGB or grey")
    values = page.asarray()
    if values.ndim == 3 and page.planarconfig == 2:  # channels after each other
        values = np.moveaxis(values, 0, 2)
    if kind == "MINISWHITE":
        values = np.iinfo(values.dtype).max - values
    if values.ndim == 3 and values.shape[2] in (2, 4):
        extra = int(page.extrasamples[0]) if page.extrasamples else 0
        if extra == 0:
            note(f"{path.name} has a fourth channel that is not marked as transparency; it was left out")
            values = values[..., :-1]
        elif extra == 1:  # premultiplied
            alpha = values[..., -1:].astype(np.float64) / np.iinfo(values.dtype).max
            colours = np.minimum(values[..., :-1] / np.maximum(alpha, 1e-9), np.iinfo(values.dtype).max)
            values = np.concatenate([colours.round().astype(values.dtype), values[..., -1:]], 2)
    return values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values


def from_tifffile(path: Path) -> Photo:
    """A TIFF that Pillow does not know, such as 16-bit grey with alpha.

    Raises:
        PhotoError: tifffile cannot read it either.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            values, tags = page_values(page, path), page.tags
            found = {code: tags[code].value for code in (274, 700, 34675, RECIPE_TAG) if code in tags}
            exif = Pillow.Exif()
            if not tiff.is_bigtiff:
                exif.load(b"Exif\0\0" + path.read_bytes())
            dpi = page.get_resolution("INCH") if 282 in tags else None
    except PhotoError:
        raise
    except Exception as error:  # tifffile lets whatever its codecs raise through
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if (
        values.dtype.name not in ("uint8", "uint16")
        or values.ndim not in (2, 3)
        or (values.ndim == 3 and values.shape[2] > 4)
    ):
        raise PhotoError(f"{path} holds {values.dtype} values of shape {values.shape}; save it with 8 or 16 bits")
    orientation = int(found.get(274, 1))
    return assemble(
        turned(values, orientation),
        icc=found.get(34675),
        exif=tiff_exif(exif),
        xmp=found.get(700),
        dpi=sane_dpi(dpi, swap=orientation >= 5),
        recipe=bytes(found[RECIPE_TAG]).decode() if RECIPE_TAG in found else None,
        source=path,
    )


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


def srgb_profile() -> bytes:
    """The ICC profile of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
