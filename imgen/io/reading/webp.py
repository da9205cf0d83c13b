"""WebP files: every chunk."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import WebPImagePlugin

from ...contract.context import note
from ...image.photo import Photo
from ..parts import webp
from ..values import check_size
from .found import Found, photo_of


def read_webp(data: bytes, path: Path) -> Photo:
    """A WebP."""
    parts = webp.read_webp(data)
    values = WebPImagePlugin.WebPImageFile(io.BytesIO(data))
    check_size(values.width, values.height, path)
    values.load()
    if parts.frames > 1:
        note(f"{path.name} holds {parts.frames} pictures; the first is used")
    found = Found(icc=parts.first("ICCP"), exif=parts.first("EXIF"), xmp=parts.first("XMP "))
    found.unknown += [k.strip() for k, _ in parts.chunks if k not in {*webp.STORAGE, "ICCP", "EXIF", "XMP "}]
    if parts.trailer.strip(b"\0"):
        found.unedited.append(f"{len(parts.trailer)} bytes behind the picture")
    return photo_of(values, found, path)
