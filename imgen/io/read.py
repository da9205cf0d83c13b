"""Read picture files without losing anything that belongs to them."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import PhotoError
from ..image.photo import Photo
from .formats import FORMATS, READ, sniff
from .reading import READERS, reader
from .values import sane_dpi, srgb_profile, to_srgb, turned

__all__ = ["FORMATS", "READ", "decode", "read", "sane_dpi", "srgb_profile", "to_srgb", "turned"]


def read(path: Path) -> Photo:
    """Open a picture file as a Photo: orientation applied, 16 bits kept, profile, EXIF and the like carried along.

    Raises:
        PhotoError: missing, empty, damaged, more than 179 megapixels, or no JPEG, PNG, TIFF, WebP, HEIC or AVIF.
    """
    check_readable(path)
    return decode(path.read_bytes(), path)


def decode(data: bytes, path: Path) -> Photo:
    """The same of bytes; `path` is for messages and becomes the photo's source.

    The format is known by the first bytes, and only its own decoder sees the others.

    Raises:
        PhotoError: see `read`.
    """
    kind = sniff(data[:64])
    if kind not in READERS:
        if kind is None:
            raise PhotoError(f"{path} is not a picture that imgen reads (JPEG, PNG, TIFF or WebP, HEIC or AVIF)")
        article = "an" if kind[0] in "AEIOX" or kind == "SVG" else "a"
        raise PhotoError(f"{path} is {article} {kind} file; imgen reads JPEG, PNG, TIFF and WebP, and HEIC and AVIF")
    try:
        return reader(kind)(data, path)
    except (PhotoError, MemoryError):
        raise
    except Exception as error:  # decoders raise whatever they like for damaged files
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error


def check_readable(path: Path) -> None:
    """Say plainly what is wrong with a path before a decoder guesses."""
    if not path.exists():
        raise PhotoError(f"{path} does not exist")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder, not a picture; name the files in it")
    if not os.access(path, os.R_OK):
        raise PhotoError(f"{path} may not be read; change its permissions")
    if path.is_file() and path.stat().st_size == 0:
        raise PhotoError(f"{path} is empty")
