"""Image file directories, the tables of tags that TIFF and EXIF are made of (TIFF 6.0, section 2; BigTIFF)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...image.parts import NUMBERS as NUMBERS
from ...image.parts import Entry as Entry

EXIF, GPS, INTEROP = 34665, 34853, 40965  # tags that point to directories
BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
WORD = {**BYTES, 5: 4, 10: 4}  # bytes that are swapped together


@dataclass
class Tree:
    """A directory and those that it points to; `damaged` are tags of it that cannot be read."""

    entries: dict[int, Entry] = field(default_factory=dict[int, Entry])
    nested: dict[int, Tree] = field(default_factory=dict)
    damaged: list[int] = field(default_factory=list[int])


def header(data: bytes | bytearray) -> tuple[str, bool, int]:
    """Byte order as struct writes it, whether it is a BigTIFF, and where the first directory lies.

    Raises:
        ValueError: this is no TIFF header.
    """
    order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
    if order is None or len(data) < 8:
        raise ValueError("no TIFF header")
    (magic,) = struct.unpack_from(order + "H", data, 2)
    if magic == 43 and len(data) >= 16:
        return order, True, struct.unpack_from(order + "Q", data, 8)[0]
    return order, False, struct.unpack_from(order + "I", data, 4)[0]


def read_directory(data: bytes, offset: int, order: str, big: bool = False) -> tuple[dict[int, Entry], list[int]]:
    """The tags of the directory at `offset`, and those whose values lie outside the data or have an unknown type.

    Raises:
        ValueError: the directory itself lies outside the data.
    """
    counts, step, offsets = ("Q", 20, "Q") if big else ("H", 12, "I")
    first = offset + struct.calcsize(counts)
    if not 0 < offset <= len(data) - struct.calcsize(counts):
        raise ValueError("a directory lies outside the data")
    (count,) = struct.unpack_from(order + counts, data, offset)
    end = first + count * step
    if end > len(data):
        raise ValueError("a directory is cut off")
    found: dict[int, Entry] = {}
    damaged: list[int] = []
    for at in range(first, end, step):
        tag, kind, number = struct.unpack_from(order + "HH" + offsets, data, at)
        place, length = at + step - struct.calcsize(offsets), number * BYTES.get(kind, 0)
        if length > struct.calcsize(offsets):
            (place,) = struct.unpack_from(order + offsets, data, place)
        if kind in BYTES and place + length <= len(data):
            value = bytes(data[place : place + length])
            found[tag] = Entry(tag, kind, number, value if order == "<" else swapped(value, WORD[kind]))
        else:
            damaged.append(tag)
    return found, damaged


def read_tree(data: bytes, offset: int, order: str, big: bool = False, depth: int = 3) -> Tree:
    """A directory with EXIF's, GPS's and the interoperability directory inside. Damaged ones inside are left out."""
    entries, damaged = read_directory(data, offset, order, big)
    tree = Tree(entries, damaged=damaged)
    for tag in (EXIF, GPS, INTEROP):
        pointer = entries.pop(tag, None)
        if pointer and depth and pointer.numbers():
            try:
                tree.nested[tag] = read_tree(data, pointer.numbers()[0], order, big, depth - 1)
            except ValueError:
                tree.damaged.append(tag)
    return tree


def swapped(value: bytes, size: int) -> bytes:
    """The same numbers of `size` bytes each in the other byte order."""
    if size == 1:
        return value
    out = bytearray(len(value))
    for i in range(size):
        out[i::size] = value[size - 1 - i :: size]
    return bytes(out)


def directory_bytes(entries: Iterable[Entry], offset: int) -> bytes:
    """A little-endian directory that begins at `offset` of its file, its values behind it; no directory follows."""
    ordered = sorted(entries)
    place = offset + 2 + 12 * len(ordered) + 4
    table, values = struct.pack("<H", len(ordered)), b""
    for entry in ordered:
        inline = entry.data.ljust(4, b"\0")
        if len(entry.data) > 4:
            inline = struct.pack("<I", place + len(values))
            values += entry.data + b"\0" * (len(entry.data) % 2)
        table += struct.pack("<HHI", entry.tag, entry.kind, entry.count) + inline
    return table + b"\0\0\0\0" + values


def tree_bytes(tree: Tree, offset: int) -> bytes:
    """A directory with those inside it behind it, little-endian, beginning at `offset`."""

    def own(pointers: Mapping[int, int]) -> bytes:
        more = [pointer(tag, place) for tag, place in pointers.items()]
        return directory_bytes([*tree.entries.values(), *more], offset)

    end = offset + len(own(dict.fromkeys(tree.nested, 0)))
    pointers: dict[int, int] = {}
    inside = b""
    for tag, nested in tree.nested.items():
        pointers[tag] = end + len(inside)
        inside += tree_bytes(nested, pointers[tag])
    return own(pointers) + inside


def pointer(tag: int, place: int) -> Entry:
    """A tag that says where another directory lies."""
    return Entry(tag, 4, 1, struct.pack("<I", place))
