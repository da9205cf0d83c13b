"""Packs: folders of pictures, decoded, in one file that is mapped into memory.

A pack begins with MAGIC. Then come the bytes of all pictures, row by row, (H, W, 3) or (H, W) uint8, and those of
tables and other small files as they are. At its end are the index, as JSON, and 16 bytes: its length, its CRC-32 and
"pack".
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ..errors import ImgenError

SUFFIX = ".imgen"
VERSION = 1
MAGIC = b"imgen pack\n\0\0\0\0\0"
TAIL = struct.Struct("<QI4s")  # of the index: bytes, CRC-32; and END
END = b"pack"
CHANNELS = {"RGB": 3, "L": 1, "P": 1, "1": 1}  # of Pillow's modes that are packed as they are
BLOCK = 2**22  # bytes that are read at once


class PackError(ImgenError):
    """A pack is damaged or something else, or is used as what it is not; the message says what to do."""


class Picture(NamedTuple):
    """A packed picture.

    Attributes:
        mode: Pillow's: "RGB", "L", "P" (its palette is in the index) or "1" (stored as 0 and 255).
        offset: of its first byte in the pack.
        height: in pixels.
        width: in pixels.
        size: bytes of the file that it was read from.
        palette: which one, for mode "P".
    """

    mode: str
    offset: int
    height: int
    width: int
    size: int
    palette: int = -1


class Stored(NamedTuple):
    """A table or another small file."""

    offset: int
    size: int


class Unreadable(NamedTuple):
    """A picture that could not be read when it was to be packed."""

    reason: str


Entry = Picture | Stored | Unreadable


class Pack:
    """One pack, open for reading.

    Attributes:
        path: of the file.
        about: what its index says besides: version, "size" of `imgen pack`, CRC-32 of the data.
        entries: by name, "FOLDER/below/it.jpg", in the order in which they were packed.
        roots: the names of the folders, and files, that were packed.
        bytes: the whole file, mapped.

    Raises:
        PackError: it is no pack, a newer one, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.about = index = read_index(path)
        try:
            self.roots: list[str] = index["roots"]
            self.palettes = [bytes.fromhex(one) for one in index["palettes"]]
            self.entries: dict[str, Entry] = {name: Picture(*rest) for name, *rest in index["pictures"]}
            self.entries |= {name: Unreadable(reason) for name, reason in index["unreadable"]}
            self.entries |= {name: Stored(*rest) for name, *rest in index["files"]}
            inside = all(fits(entry, index["end"]) for entry in self.entries.values())
        except (KeyError, TypeError, ValueError) as error:
            raise PackError(f"{path} is no pack of imgen's own ({error!r}); pack it anew") from error
        if not inside:
            raise PackError(f"{path} is damaged: it names bytes that it does not hold; pack it anew")
        self.folders = parents(self.entries)
        self.bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")

    def picture(self, entry: Picture) -> Pillow.Image:
        """As Pillow would have opened it."""
        end = entry.offset + entry.height * entry.width * CHANNELS[entry.mode]
        shape = (entry.height, entry.width, 3)[: 3 if entry.mode == "RGB" else 2]
        pixels = self.bytes[entry.offset : end].reshape(shape)
        picture = Pillow.fromarray(pixels > 0 if entry.mode == "1" else pixels)
        if entry.mode == "P":
            picture.putpalette(self.palettes[entry.palette])
        return picture

    def verify(self) -> None:
        """Compare all bytes with their checksum.

        Raises:
            PackError: they have changed.
        """
        found, end = 0, int(self.about["end"])
        for start in range(len(MAGIC), end, BLOCK):
            found = zlib.crc32(self.bytes[start : min(end, start + BLOCK)].data, found)
        if found != self.about["crc"]:
            raise PackError(f"{self.path} is damaged: its pixels have changed since it was packed; copy it again")


def parents(names: Iterable[str]) -> set[str]:
    """All folders above names."""
    found: set[str] = set()
    for name in names:
        above = name.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


def fits(entry: Entry, end: int) -> bool:
    """Whether a pack whose data ends there can hold it."""
    if isinstance(entry, Unreadable):
        return True
    size = entry.height * entry.width * CHANNELS[entry.mode] if isinstance(entry, Picture) else entry.size
    return len(MAGIC) <= entry.offset and 0 <= size <= end - entry.offset


def read_index(path: Path) -> dict[str, Any]:
    """The index of a pack, checked.

    Raises:
        PackError: see `Pack`.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise PackError(f"{path} is no pack; make one with: imgen pack FOLDER -o {path.name}")
        cut = PackError(f"{path} is cut short or damaged; copy it again, or pack it anew")
        if size < len(MAGIC) + TAIL.size:
            raise cut
        file.seek(size - TAIL.size)
        length, crc, end = TAIL.unpack(file.read(TAIL.size))
        if end != END or length > size - len(MAGIC) - TAIL.size:
            raise cut
        file.seek(size - TAIL.size - length)
        text = file.read(length)
    if zlib.crc32(text) != crc:
        raise cut
    index: dict[str, Any] = json.loads(text)
    if index.get("version", 0) > VERSION:
        raise PackError(
            f"{path} was packed by a newer imgen (format {index['version']}); update imgen, or pack it anew"
        )
    if index.get("end") != size - TAIL.size - length:
        raise cut
    return index


@lru_cache(maxsize=64)
def _kept(path: str, stamp: tuple[int, int]) -> Pack:
    return Pack(Path(path))


def pack(path: Path) -> Pack:
    """The pack in a file; read once, until the file changes."""
    stat = path.stat()
    return _kept(str(path), (stat.st_size, stat.st_mtime_ns))
