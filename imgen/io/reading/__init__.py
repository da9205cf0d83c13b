"""One reader for each file format: all that is in the file, each part carried or left out with a note."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ...image.photo import Photo

READERS = {
    "JPEG": ("jpeg", "read_jpeg"),
    "PNG": ("png", "read_png"),
    "TIFF": ("tiff", "read_tiff"),
    "WEBP": ("webp", "read_webp"),
    "HEIC": ("heif", "read_heic"),
    "AVIF": ("heif", "read_avif"),
}


def reader(kind: str) -> Callable[[bytes, Path], Photo]:
    """The function that reads files of a format; its libraries are loaded with it."""
    module, name = READERS[kind]
    return getattr(import_module(f"{__name__}.{module}"), name)
