"""What kind of picture a file is, by its first bytes or its name, and which kind that imgen writes is nearest to it."""

from __future__ import annotations

import re
from pathlib import Path

from ..io.formats import SUFFIXES, sniff

LOSSY = dict.fromkeys((".heic", ".heif", ".hif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx"), ".jpg")
LOSSLESS = dict.fromkeys(
    (".bmp", ".dib", ".ico", ".pbm", ".pcx", ".pgm", ".pnm", ".ppm", ".qoi", ".sgi", ".tga", ".xbm", ".xpm"), ".png"
)
DEEP = dict.fromkeys(
    (".arw", ".cr2", ".cr3", ".dng", ".exr", ".hdr", ".nef", ".orf", ".pef", ".psb", ".psd", ".raf", ".rw2"), ".tif"
)
NEAREST: dict[str, str] = {**LOSSY, **LOSSLESS, **DEEP}  # pictures' suffixes that imgen doesn't write
WRITTEN = {  # an edit has more colours than a GIF holds
    "JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "WEBP": ".webp", "GIF": ".png", "HEIC": ".jpg", "AVIF": ".jpg",
}  # fmt: skip

WILD = re.compile(r"[*?\[]")  # in a name that stands for others


def suffix_of(name: str) -> str:
    """The suffix of a file's name in small letters, with its dot; "" where there is none."""
    head, dot, own = name.rpartition(".")
    return f".{own.lower()}" if dot and head and head[-1] != "/" and "/" not in own else ""


def is_picture(path: str | Path) -> bool:
    """Whether a file's name or its first bytes are a picture's."""
    own = suffix_of(str(path))
    return own in SUFFIXES or own in NEAREST or content(Path(path)) is not None


def content(path: Path) -> str | None:
    """The suffix in which imgen would save what is in a file, by its first bytes; None if that is no picture's."""
    try:
        with path.open("rb") as file:
            return WRITTEN.get(sniff(file.read(64)) or "")
    except OSError:
        return None


def writable_name(name: Path, photo: Path) -> Path:
    """A result's name with a suffix that imgen writes: the photo's own, else the nearest."""
    suffix = name.suffix.lower()
    if suffix in SUFFIXES:
        return name
    found = content(photo) or NEAREST.get(suffix, ".png")
    return with_suffix(name, found)


def with_suffix(name: Path, suffix: str) -> Path:
    """The name as another kind of picture; what follows a dot that is no picture's suffix stays, as in "v1.2"."""
    known = name.suffix.lower() in SUFFIXES or name.suffix.lower() in NEAREST
    return name.with_suffix(suffix) if known else name.with_name(name.name + suffix)
