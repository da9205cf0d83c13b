"""EXIF, XMP, text and recipes inside picture files: where each format keeps them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image as Pillow
from PIL import TiffImagePlugin
from PIL.ExifTags import IFD, Base

from .photo import Photo

RECIPE = "imgen-recipe"
SEGMENT = b"imgen-recipe\0"  # begins each JPEG APP11 segment of ours
SEGMENT_SIZE = 60_000  # a JPEG segment holds at most 65,533 bytes

# Tags of a TIFF file that describe the picture rather than how its pixels are stored.
DESCRIPTIVE = {
    Base.ImageDescription, Base.Make, Base.Model, Base.XResolution, Base.YResolution, Base.ResolutionUnit,
    Base.Software, Base.DateTime, Base.Artist, Base.HostComputer, Base.Copyright, Base.Rating,
    Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject,
    Base.ExifOffset, Base.GPSInfo,
}  # fmt: skip


def upright_exif(file: Pillow.Image, xmp: Any) -> tuple[int, bytes | None, bytes | None]:
    """The orientation to apply, 1..8, and EXIF and XMP without it, so that no viewer turns the picture twice."""
    exif = file.getexif()
    orientation = exif.get(Base.Orientation, 1)
    if file.format == "TIFF":
        for tag in [t for t in exif if t not in DESCRIPTIVE]:
            del exif[tag]
    elif Base.Orientation in exif:
        exif[Base.Orientation] = 1
    block = exif.tobytes() if len(exif) else None
    if block is not None and not block.startswith(b"Exif\0\0"):
        block = b"Exif\0\0" + block
    packet = xmp.encode() if isinstance(xmp, str) else xmp
    if isinstance(packet, bytes):
        packet = re.sub(rb'tiff:Orientation="\d"', b'tiff:Orientation="1"', packet)
        packet = re.sub(rb"<tiff:Orientation>\d", b"<tiff:Orientation>1", packet)
    return orientation if orientation in range(1, 9) else 1, block, packet or None


def read_recipe(file: Pillow.Image) -> str | None:
    """The recipe that imgen embedded, if any."""
    segments = getattr(file, "applist", [])
    parts = [data[len(SEGMENT) :] for _, data in segments if data.startswith(SEGMENT)]
    if parts:
        return b"".join(parts).decode(errors="replace")
    text = getattr(file, "text", {}).get(RECIPE)
    return None if text is None else str(text)


def app_segments(photo: Photo) -> bytes:
    """The recipe as JPEG APP11 segments."""
    data = (photo.recipe or "").encode()
    parts = [SEGMENT + data[i : i + SEGMENT_SIZE] for i in range(0, len(data), SEGMENT_SIZE)]
    return b"".join(b"\xff\xeb" + struct.pack(">H", len(part) + 2) + part for part in parts)


def png_chunks(photo: Photo) -> bytes:
    """Profile, EXIF, resolution, XMP, texts and recipe as PNG chunks that go between IHDR and IDAT."""
    return b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunk_parts(photo)
    )


def chunk_parts(photo: Photo) -> Iterator[tuple[bytes, bytes]]:
    """(type, data) of each chunk, as the PNG specification 1.2 and its eXIf extension lay them out."""
    if photo.icc:
        yield b"iCCP", b"ICC profile\0\0" + zlib.compress(photo.icc)
    if photo.dpi:
        metre = [round(d / 0.0254) for d in photo.dpi]
        yield b"pHYs", struct.pack(">IIB", *metre, 1)
    if photo.exif:
        yield b"eXIf", photo.exif.removeprefix(b"Exif\0\0")
    texts = dict(photo.text)
    if photo.xmp:
        texts["XML:com.adobe.xmp"] = photo.xmp.decode(errors="replace")
    if photo.recipe:
        texts[RECIPE] = photo.recipe
    for key, text in texts.items():
        packed = key == RECIPE  # XMP must stay uncompressed to be found by other programs
        data = zlib.compress(text.encode()) if packed else text.encode()
        yield b"iTXt", key.encode("latin-1", "replace")[:79] + b"\0" + bytes([packed, 0]) + b"\0\0" + data


def tiff_tags(photo: Photo) -> tuple[list[tuple[int, Any, int, Any, bool]], Callable[[Path], None]]:
    """EXIF and XMP for tifffile: tags to write at once, and a function that adds the nested directories after."""
    tags: list[tuple[int, Any, int, Any, bool]] = []
    nested: dict[int, dict[int, Any]] = {}
    if photo.exif:
        exif = Pillow.Exif()
        exif.load(photo.exif)
        for tag, value in exif.items():
            if isinstance(value, str) and tag in DESCRIPTIVE:
                tags.append((tag, "s", 0, value, True))
        nested = {ifd: dict(exif.get_ifd(ifd)) for ifd in (IFD.Exif, IFD.GPSInfo)}
        nested = {ifd: values for ifd, values in nested.items() if values}
    if photo.xmp:
        tags.append((700, "B", len(photo.xmp), photo.xmp, True))
    return tags, lambda path: append_directories(path, nested)


def append_directories(path: Path, nested: dict[int, dict[int, Any]]) -> None:
    """Put EXIF's own directories at the end of a TIFF file, and a copy of the main one that points to them.

    tifffile writes no such pointers. An entry is 12 bytes whose offsets count from the start of the file, so
    copying the main directory leaves them valid (TIFF 6.0, section 2).
    """
    if not nested:
        return
    with path.open("r+b") as file:
        head = file.read(8)
        order = "<" if head[:2] == b"II" else ">"
        file.seek(struct.unpack(order + "I", head[4:])[0])
        (count,) = struct.unpack(order + "H", file.read(2))
        entries = [file.read(12) for _ in range(count)]
        following = file.read(4)
        for tag, values in nested.items():
            entries.append(struct.pack(order + "HHII", tag, 4, 1, append_directory(file, values, head)))
        entries.sort(key=lambda entry: struct.unpack(order + "H", entry[:2]))
        offset = even_end(file)
        file.write(struct.pack(order + "H", len(entries)) + b"".join(entries) + following)
        file.seek(4)
        file.write(struct.pack(order + "I", offset))


def append_directory(file: BinaryIO, values: dict[int, Any], head: bytes) -> int:
    """Write one EXIF directory at the end of the file; returns where it begins."""
    directory = TiffImagePlugin.ImageFileDirectory_v2(head)
    for key, value in values.items():
        if not isinstance(value, dict):  # the interoperability directory inside says nothing of the picture
            directory[key] = value
    offset = even_end(file)
    file.write(directory.tobytes(offset))
    return offset


def even_end(file: BinaryIO) -> int:
    """Go to the end of the file, padded to a word boundary as TIFF asks."""
    end = file.seek(0, 2)
    file.write(b"\0" * (end % 2))
    return end + end % 2
