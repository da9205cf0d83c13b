"""How many bytes all open work may take, in memory and on disk together, and how many of them one session."""

from __future__ import annotations

import base64
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import ImgenError

LIMIT = 16 * 2**30  # bytes of all open work, most of them on disk
SHARE = 0.5  # of the limit: what one session may have of it
FLOAT = 4  # bytes of a value in memory
CARRIED = 3 * FLOAT + 4  # bytes of a pixel that a recipe carries: three floats, and the values of the file
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF")  # whose headers are looked at before they are decoded


class Budget:
    """Bytes that are promised to owners before they are used.

    Args:
        limit: bytes for all.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._parts: dict[str, dict[str, int]] = {}
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes that are promised now."""
        with self._lock:
            return sum(sum(parts.values()) for parts in self._parts.values())

    def of(self, owner: str, purpose: str) -> int:
        """Bytes that are promised to one owner for one purpose."""
        with self._lock:
            return self._parts.get(owner, {}).get(purpose, 0)

    def of_all(self, purpose: str) -> int:
        """Bytes that are promised to all owners for one purpose."""
        with self._lock:
            return sum(parts.get(purpose, 0) for parts in self._parts.values())

    def room_for(self, owner: str, purpose: str) -> int:
        """Bytes that an owner may have for a purpose just now, with those that it has for it already."""
        with self._lock:
            own = self._parts.get(owner, {})
            rest = sum(own.values()) - own.get(purpose, 0)
            others = sum(sum(parts.values()) for who, parts in self._parts.items() if who != owner)
        return int(min(self.limit * SHARE, self.limit - others)) - rest

    def reserve(self, owner: str, size: int, purpose: str = "") -> None:
        """Promise bytes to an owner, in place of those that it had for the same purpose.

        Raises:
            ImgenError: the owner, or all together, would have too much; nothing was changed.
        """
        with self._lock:
            own = self._parts.get(owner, {})
            rest = sum(own.values()) - own.get(purpose, 0)
            others = sum(sum(parts.values()) for who, parts in self._parts.items() if who != owner)
            if rest + size > self.limit * SHARE:
                raise ImgenError(
                    f"this needs {in_words(rest + size)}, and one page may have {in_words(int(self.limit * SHARE))}; "
                    "use a smaller picture, or start the editor with a larger --work-limit"
                )
            if others + rest + size > self.limit:
                raise ImgenError(
                    f"the editor has no room for {in_words(size)} more: all open work takes {in_words(others + rest)} "
                    f"of {in_words(self.limit)}; close a page, or start it with a larger --work-limit"
                )
            self._parts.setdefault(owner, {})[purpose] = size

    @contextmanager
    def room(self, owner: str, size: int, purpose: str) -> Iterator[None]:
        """Promise bytes for as long as the block lasts.

        Raises:
            ImgenError: there is no room.
        """
        self.reserve(owner, size, purpose)
        try:
            yield
        finally:
            self.release(owner, purpose)

    def release(self, owner: str, purpose: str | None = None) -> None:
        """Take the promise back; None is all of the owner's."""
        with self._lock:
            if purpose is None:
                self._parts.pop(owner, None)
            elif owner in self._parts:
                self._parts[owner].pop(purpose, None)


def cost(path: Path) -> int:
    """Bytes that a picture file will take once it is decoded, from its header; 0 where that cannot be read.

    Five floats a pixel: colours, transparency and a selection.
    """
    from PIL import Image as Pillow

    try:
        with Pillow.open(path, formats=FORMATS) as file:
            return file.width * file.height * 5 * FLOAT
    except Exception:  # whatever decoders raise; the reader itself will say what is wrong
        return tiff_cost(path)


def decoding(path: Path) -> int:
    """Bytes that decoding a picture file takes for a moment: its values twice, as Pillow has them and as an array."""
    return cost(path) // (5 * FLOAT) * 8


def carried_cost(text: str) -> int:
    """Bytes that a PNG inside a recipe, as a data URL, will take once it is decoded; 0 where it is no PNG.

    `CARRIED` bytes a pixel.
    """
    try:
        head = base64.b64decode(text.partition(",")[2][:32], validate=True)
    except ValueError:
        return 0
    if head[12:16] != b"IHDR" or len(head) < 24:
        return 0
    width, height = struct.unpack(">II", head[16:24])
    return width * height * CARRIED


def tiff_cost(path: Path) -> int:
    """The same for a TIFF that Pillow does not know."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            return int(page.imagewidth) * int(page.imagelength) * 5 * FLOAT
    except Exception:  # the reader itself will say what is wrong
        return 0


def in_words(size: int) -> str:
    """Bytes as people say it."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1024:.0f} KiB"
