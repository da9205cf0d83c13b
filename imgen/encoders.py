"""Write picture files: everything that the format can hold, and never half a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from .codecs import FORMATS, srgb_profile
from .context import note
from .errors import PhotoError
from .metadata import app_segments, png_chunks, tiff_tags
from .photo import Photo, as_integers


def write(photo: Photo, path: Path, *, quality: int = 95, metadata: bool = True) -> Path:
    """Save a photo to a temporary file beside `path`, then rename it, so that nothing half-written remains.

    Raises:
        PhotoError: unknown suffix, alpha in a JPEG, a size that the format cannot hold, or a folder that
            cannot be written to.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise PhotoError(f"{path}: cannot save {suffix or 'without a suffix'}; use {', '.join(FORMATS)}")
    if not metadata:
        photo = photo.replace(exif=None, xmp=None, text={}, recipe=None)
    path = path.resolve()  # through a link, to the file that it stands for
    form = FORMATS[suffix]
    check_fits(photo, path, form)
    values, profile = channels_of(photo, photo.depth if form in ("PNG", "TIFF") else 8)
    photo = photo.replace(icc=profile)
    encode = ENCODERS[form]
    try:
        handle, name = tempfile.mkstemp(prefix=".imgen-", suffix=suffix, dir=path.parent)
    except OSError as error:
        raise PhotoError(f"cannot write to {path.parent}: {error.strerror}; choose another output folder") from error
    os.close(handle)
    part = Path(name)
    try:
        encode(photo, values, part, quality)
        part.chmod(0o666 & ~current_umask())
        part.replace(path)
    except MemoryError:
        raise
    except Exception as error:  # encoders raise whatever they like for what they cannot hold
        raise PhotoError(f"cannot write {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def current_umask() -> int:
    """The process's umask; mkstemp's files are private, a saved picture should be as any other file."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_fits(photo: Photo, path: Path, form: str) -> None:
    """Refuse what the format would lose for good; mention what it loses a little."""
    if form == "JPEG" and photo.alpha is not None and photo.alpha.min() < 1:
        raise PhotoError(f"{path}: JPEG has no transparency; save as .png, .tif or .webp, or add the step flatten")
    limit = {"JPEG": 65500, "WEBP": 16383}.get(form, 2**31)
    if max(photo.width, photo.height) > limit:
        raise PhotoError(f"{path}: {form} holds at most {limit} pixels a side; save as .png or .tif")
    if photo.depth == 16 and form in ("JPEG", "WEBP"):
        note(f"{path.name} has 8 bits a channel, the photo had 16; save as .png or .tif to keep them")
    if form == "WEBP" and photo.recipe:
        note("WebP files carry no recipe; --save-pipeline keeps it beside")


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
        profile = srgb_profile()  # the picture has gained colour, which a grey profile cannot describe
    return colours, profile


def is_grey(photo: Photo) -> bool:
    """Whether red, green and blue are equal everywhere."""
    p = photo.pixels
    return all(
        np.array_equal(p[y : y + 256, :, 0], p[y : y + 256, :, c]) for y in range(0, len(p), 256) for c in (1, 2)
    )


def encode_png(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """8 or 16 bits; Pillow cannot write 16-bit colour, so the chunks around the pixels are set here."""
    import imagecodecs

    data = imagecodecs.png_encode(values, level=6)
    path.write_bytes(data[:33] + png_chunks(photo) + data[33:])  # 8 bytes signature and 25 of IHDR come first


def encode_tiff(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Deflate with a predictor, lossless."""
    import tifffile

    tags, finish = tiff_tags(photo)
    photometric = "minisblack" if values.ndim == 2 or values.shape[2] < 3 else "rgb"
    tifffile.imwrite(
        path,
        values,
        photometric=photometric,
        planarconfig="contig" if values.ndim == 3 else None,
        extrasamples=["unassalpha"] if photo.alpha is not None else None,
        compression="zlib",
        predictor=True,
        iccprofile=photo.icc,
        resolution=photo.dpi,
        resolutionunit="INCH" if photo.dpi else None,
        metadata=None,
        software=False,
        extratags=tags,
    )
    finish(path)


def encode_jpeg(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Without chroma subsampling: an edit should not cost colour resolution."""
    opaque = values[..., 0] if values.ndim == 3 and values.shape[2] == 2 else values[..., :3]
    file = Pillow.fromarray(np.ascontiguousarray(values if values.ndim == 2 else opaque))
    file.save(path, "JPEG", quality=quality, subsampling=0, extra=app_segments(photo), **options(photo))


def encode_webp(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Quality 100 is lossless."""
    file = Pillow.fromarray(values).convert("RGB" if photo.alpha is None else "RGBA")
    file.save(path, "WEBP", quality=quality, lossless=quality == 100, exact=True, method=4, **options(photo))


SEGMENT = 65_000  # a JPEG segment holds at most 65,533 bytes, its own name included


def options(photo: Photo) -> dict[str, Any]:
    """What JPEG and WebP take alike."""
    found = {"icc_profile": photo.icc, "exif": photo.exif, "xmp": photo.xmp, "dpi": photo.dpi}
    for name in ("exif", "xmp"):
        if len(found[name] or b"") > SEGMENT:
            note(f"the {name.upper()} data is larger than a JPEG can hold and was left out; save as .png or .tif")
            found[name] = None
    return {k: v for k, v in found.items() if v}


ENCODERS: dict[str, Callable[[Photo, NDArray[Any], Path, int], None]] = {
    "PNG": encode_png,
    "TIFF": encode_tiff,
    "JPEG": encode_jpeg,
    "WEBP": encode_webp,
}
