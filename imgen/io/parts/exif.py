"""EXIF, a TIFF directory behind "Exif" and two zeros: upright, of the right size, without the old small picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .ifd import EXIF, GPS, INTEROP, Entry, Tree, header, read_directory, read_tree, tree_bytes

HEAD = b"Exif\0\0"
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, UNIT = 274, 282, 283, 296
THUMBNAIL, THUMBNAIL_LENGTH = 513, 514
STRIPS, STRIP_LENGTHS = 273, 279
WIDTHS, HEIGHTS = {256, 40962}, {257, 40963}
RELATED = {0x1001: 0, 0x1002: 1}  # size in the interoperability directory
PLACES = {37396, 41492}  # subject area and location

# Tags of a TIFF file that describe the picture rather than how its pixels are stored: description, make, model,
# resolution, software, date, artist, computer, copyright, rating; Windows' title, comment, author, keywords, subject
DESCRIPTIVE = {270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 33432, 18246, 18249, *range(40091, 40096)}


def upright(block: bytes) -> tuple[int, bytes, bool]:
    """The orientation of an EXIF block; the block with that set to 1 and without its thumbnail, which is of the
    unedited picture; and whether there was one. Nothing else is touched: maker notes and texts stay as they were.

    Raises:
        ValueError, struct.error: the block is damaged.
    """
    data = bytearray(block.removeprefix(HEAD))
    order, _, first = header(data)
    orientation = 1
    following = 0
    for at, tag, kind in entries(data, first, order):
        following = at + 12
        if tag == ORIENTATION and kind == 3:
            (orientation,) = struct.unpack_from(order + "H", data, at + 8)
            struct.pack_into(order + "H", data, at + 8, 1)
    following = following or first + 2
    if following + 4 > len(data):
        return orientation, HEAD + bytes(data), False
    (second,) = struct.unpack_from(order + "I", data, following)
    struct.pack_into(order + "I", data, following, 0)
    had = bool(second) and erase_thumbnail(data, second, order)
    return orientation, HEAD + bytes(data), had


def entries(data: bytes | bytearray, offset: int, order: str) -> Iterator[tuple[int, int, int]]:
    """(place, tag, type) of each entry of a directory.

    Raises:
        ValueError: the directory lies outside the data.
    """
    if not 0 < offset <= len(data) - 2:
        raise ValueError("a directory lies outside the data")
    (count,) = struct.unpack_from(order + "H", data, offset)
    if offset + 2 + 12 * count > len(data):
        raise ValueError("a directory is cut off")
    for at in range(offset + 2, offset + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", data, at)
        yield at, tag, kind


def erase_thumbnail(data: bytearray, directory: int, order: str) -> bool:
    """Overwrite the small picture that the second directory names with zeros, or cut it off at the end."""
    try:
        found, _ = read_directory(bytes(data), directory, order)
    except ValueError:
        return False
    places = {tag: found[tag].numbers() for tag in (THUMBNAIL, THUMBNAIL_LENGTH, STRIPS, STRIP_LENGTHS) if tag in found}
    pairs = [
        *zip(places.get(THUMBNAIL, ()), places.get(THUMBNAIL_LENGTH, ()), strict=False),
        *zip(places.get(STRIPS, ()), places.get(STRIP_LENGTHS, ()), strict=False),
    ]
    for place, length in pairs:
        if place >= len(data):
            continue
        if place + length >= len(data):
            del data[place:]
        else:
            data[place : place + length] = bytes(length)
    return bool(pairs)


def sized(block: bytes, width: int, height: int, moved: bool) -> bytes:
    """The block with the size that it states set to the picture's, and, where the picture was cut or turned,
    without the place of its subject.
    """
    data = bytearray(block.removeprefix(HEAD))
    order, _, first = header(data)
    directories = [(first, 0)]
    while directories:
        offset, depth = directories.pop()
        try:
            found = list(entries(data, offset, order))
        except ValueError:
            continue
        for at, tag, _ in found:
            if tag in WIDTHS or (tag in RELATED and depth == 2 and RELATED[tag] == 0):
                struct.pack_into(order + "HII", data, at + 2, 4, 1, width)
            elif tag in HEIGHTS or (tag in RELATED and depth == 2):
                struct.pack_into(order + "HII", data, at + 2, 4, 1, height)
            elif tag in (EXIF, INTEROP) and depth < 2:
                directories.append((struct.unpack_from(order + "I", data, at + 8)[0], depth + 1))
        if moved:
            for at in [at for at, tag, _ in reversed(found) if tag in PLACES]:
                remove_entry(data, offset, at, order)
    return HEAD + bytes(data)


def remove_entry(data: bytearray, directory: int, at: int, order: str) -> None:
    """Take one entry out of a directory in place: what follows moves up, so that no offset changes."""
    (count,) = struct.unpack_from(order + "H", data, directory)
    end = min(directory + 2 + 12 * count + 4, len(data))  # with the pointer to the next directory
    data[at:end] = data[at + 12 : end] + bytes(12)
    struct.pack_into(order + "H", data, directory, count - 1)


def has_places(block: bytes) -> bool:
    """Whether the block says where in the picture its subject is."""
    tree = tree_of(block)
    return bool(tree and EXIF in tree.nested and PLACES & tree.nested[EXIF].entries.keys())


def tree_of(block: bytes | None) -> Tree | None:
    """An EXIF block's directories; None where there are none to read."""
    if not block:
        return None
    data = block.removeprefix(HEAD)
    try:
        order, big, first = header(data)
        return read_tree(data, first, order, big)
    except (ValueError, struct.error):
        return None


def block_of(tree: Tree) -> bytes | None:
    """Directories as an EXIF block."""
    if not tree.entries and not tree.nested:
        return None
    return HEAD + b"II*\0\x08\0\0\0" + tree_bytes(tree, 8)


def descriptive(tree: Tree) -> Tree:
    """What an EXIF block keeps of a TIFF file's directory."""
    kept = {tag: entry for tag, entry in tree.entries.items() if tag in DESCRIPTIVE}
    return Tree(kept, {tag: nested for tag, nested in tree.nested.items() if tag in (EXIF, GPS)})


def resolution(entries: dict[int, Entry]) -> tuple[float, float] | None:
    """Dots an inch of a directory; None where it says nothing or nonsense."""
    try:
        (x, x_per), (y, y_per) = entries[X_RESOLUTION].numbers(), entries[Y_RESOLUTION].numbers()
        unit = entries[UNIT].numbers()[0] if UNIT in entries else 2
        factor = {2: 1.0, 3: 2.54}[unit]
        return x / x_per * factor, y / y_per * factor
    except (KeyError, ValueError, ZeroDivisionError, IndexError):
        return None


def with_resolution(block: bytes | None, dpi: tuple[float, float]) -> bytes:
    """EXIF that says the resolution, for formats that keep it nowhere else.

    A block that says one already, or that cannot be read, is left alone. A longer copy of the main directory goes
    behind all others, so that nothing that was there moves.
    """
    data = (block or HEAD + b"II*\0\x08\0\0\0" + bytes(6)).removeprefix(HEAD)
    try:
        order, _, first = header(data)
        rows = [data[at : at + 12] for at, _, _ in entries(data, first, order)]
    except ValueError:
        return HEAD + data
    tags = {struct.unpack_from(order + "H", row)[0] for row in rows}
    if X_RESOLUTION in tags:
        return HEAD + data
    place = len(data) + len(data) % 2
    rows = [row for row in rows if struct.unpack_from(order + "H", row)[0] not in (Y_RESOLUTION, UNIT)]
    values = place + 2 + 12 * (len(rows) + 3) + 4
    rows.append(struct.pack(order + "HHII", X_RESOLUTION, 5, 1, values))
    rows.append(struct.pack(order + "HHII", Y_RESOLUTION, 5, 1, values + 8))
    rows.append(struct.pack(order + "HHIHH", UNIT, 3, 1, 2, 0))
    rows.sort(key=lambda row: struct.unpack_from(order + "H", row))
    table = struct.pack(order + "H", len(rows)) + b"".join(rows) + bytes(4)
    numbers = struct.pack(order + "IIII", round(dpi[0] * 1000), 1000, round(dpi[1] * 1000), 1000)
    moved = data[:4] + struct.pack(order + "I", place) + data[8:].ljust(place - 8, b"\0")
    return HEAD + moved + table + numbers
