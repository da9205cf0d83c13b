"""Read picture files without losing anything that belongs to them."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, UnidentifiedImageError

from .context import note
from .errors import PhotoError
from .metadata import RECIPE, read_recipe, upright_exif
from .photo import Photo, as_float

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
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
            with Pillow.open(path) as file:
                return from_pillow(file, path)
    except UnidentifiedImageError as error:
        if path.read_bytes()[:4] in (b"II*\0", b"MM\0*"):
            return from_tifffile(path)
        raise PhotoError(f"{path} is not a picture that imgen reads (JPEG, PNG, TIFF or WebP)") from error
    except Pillow.DecompressionBombError as error:
        raise PhotoError(f"{path} claims more than 179 megapixels; scale it down or cut it first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow raises all of these for damaged files
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error


def check_readable(path: Path) -> None:
    """Say plainly what is wrong with a path before a decoder guesses."""
    if not path.exists():
        raise PhotoError(f"{path} does not exist")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder, not a picture; name the files in it")
    if path.stat().st_size == 0:
        raise PhotoError(f"{path} is empty")


def from_pillow(file: Pillow.Image, path: Path) -> Photo:
    """An opened file as a Photo."""
    if file.format not in FORMATS.values():
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
        dpi=info.get("dpi"),
        text={k: str(v) for k, v in getattr(file, "text", {}).items() if k not in (RECIPE, XMP_KEY)},
        recipe=read_recipe(file),
        source=path,
    )


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
    if file.format == "PNG" and path.read_bytes()[24:25] == b"\x10":
        import imagecodecs

        try:
            return imagecodecs.png_decode(path.read_bytes())
        except imagecodecs.PngError as error:
            raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if file.format == "TIFF":
        import tifffile

        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            if page.dtype == np.uint16 and page.photometric.name in ("RGB", "MINISBLACK") and page.ndim in (2, 3):
                values = page.asarray()
                planar = values.ndim == 3 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
                return np.moveaxis(values, 0, 2) if planar else values
            if page.dtype.name not in ("uint8", "bool"):
                raise PhotoError(f"{path} holds {page.dtype} {page.photometric.name} values; save it with 8 or 16 bits")
    return None


def from_tifffile(path: Path) -> Photo:
    """A TIFF that Pillow does not know, such as 16-bit grey with alpha; without EXIF.

    Raises:
        PhotoError: tifffile cannot read it either.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            values, tags = page.asarray(), page.tags
            icc = tags[34675].value if 34675 in tags else None
            orientation = int(tags[274].value) if 274 in tags else 1
    except Exception as error:  # tifffile lets whatever its codecs raise through
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if values.dtype.name not in ("uint8", "uint16") or values.ndim not in (2, 3) or values.shape[-1] > 4:
        raise PhotoError(f"{path} holds {values.dtype} values of shape {values.shape}; save it with 8 or 16 bits")
    return assemble(turned(values, orientation), icc=icc, source=path)


def shallow_values(file: Pillow.Image, icc: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    """8-bit values as grey, grey+alpha, RGB or RGBA, and the profile that now describes them."""
    mode = file.mode
    if mode in NEEDS_CONVERSION:
        note(f"converted from {mode} to sRGB, in which imgen works")
        return np.asarray(to_srgb(file, icc)), srgb_profile()
    if mode in ("P", "PA"):
        file = file.convert("RGBA" if "transparency" in file.info or mode == "PA" else "RGB")
    elif mode in ("RGB", "L") and "transparency" in file.info:
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
        except ImageCms.PyCMSError as error:
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
