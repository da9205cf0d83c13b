"""EXIF, XMP, text and recipes inside picture files: where each format keeps them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image as Pillow
from PIL import TiffImagePlugin, TiffTags
from PIL.ExifTags import IFD, Base

from .context import note
from .photo import Photo

RECIPE = "imgen-recipe"
RECIPE_TAG = 65042  # in TIFF: from the range that is free for private use
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
    """The orientation to apply, 1..8, and EXIF and XMP without it, so that no viewer turns the picture twice.

    Damaged EXIF is left out with a note: it must never keep a picture from being opened.
    """
    try:
        if file.format == "TIFF":
            exif = file.getexif()
            orientation, block = exif.get(Base.Orientation, 1), tiff_exif(exif)
        else:
            orientation, block = upright_block(file.info.get("exif"))
    except Exception as error:  # whatever Pillow's parser trips over in a stranger's file
        note(f"the EXIF data is damaged and was left out ({error})")
        orientation, block = 1, None
    packet = xmp.encode() if isinstance(xmp, str) else xmp
    if isinstance(packet, bytes):
        packet = re.sub(rb"""(tiff:Orientation=["'])\d""", rb"\g<1>1", packet)
        packet = re.sub(rb"<tiff:Orientation>\d", b"<tiff:Orientation>1", packet)
    return orientation if orientation in range(1, 9) else 1, block, packet or None


def upright_block(block: bytes | None) -> tuple[int, bytes | None]:
    """Orientation of an EXIF block, and the block with that set to 1 and its thumbnail, which is of the unedited
    picture, unlinked. Nothing else is touched: maker notes and texts stay as the camera wrote them.
    """
    if not block:
        return 1, None
    tiff = bytearray(block.removeprefix(b"Exif\0\0"))
    order = {b"II": "<", b"MM": ">"}[bytes(tiff[:2])]
    (first,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, first)
    orientation = 1
    for entry in range(first + 2, first + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", tiff, entry)
        if tag == Base.Orientation and kind == 3:
            (orientation,) = struct.unpack_from(order + "H", tiff, entry + 8)
            struct.pack_into(order + "H", tiff, entry + 8, 1)
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, 0)
    return orientation, b"Exif\0\0" + bytes(tiff)


def tiff_exif(exif: Pillow.Exif) -> bytes | None:
    """The descriptive tags of a TIFF file as an EXIF block."""
    kept = Pillow.Exif()
    for tag, value in exif.items():
        if tag in DESCRIPTIVE and tag not in (IFD.Exif, IFD.GPSInfo):
            kept[tag] = raw(value)
    for ifd in (IFD.Exif, IFD.GPSInfo):
        nested = exif.get_ifd(ifd)
        if nested:
            kept[ifd] = {tag: raw(value) for tag, value in nested.items() if not isinstance(value, dict)}
    return b"Exif\0\0" + kept.tobytes().removeprefix(b"Exif\0\0") if len(kept) else None


def raw(value: Any) -> Any:
    """Texts as the bytes they were where Pillow, which reads them as Latin-1, would write question marks."""
    return value.encode("latin-1", "replace") if isinstance(value, str) and not value.isascii() else value


def read_recipe(file: Pillow.Image) -> str | None:
    """The recipe that imgen embedded, if any."""
    segments = getattr(file, "applist", [])
    parts = [data[len(SEGMENT) :] for _, data in segments if data.startswith(SEGMENT)]
    if parts:
        return b"".join(parts).decode(errors="replace")
    tags = getattr(file, "tag_v2", {})
    text = tags.get(RECIPE_TAG) or getattr(file, "text", {}).get(RECIPE)
    return text.decode(errors="replace").rstrip("\0") if isinstance(text, bytes) else (str(text) if text else None)


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
        # uncompressed: XMP must be found by other programs, and readers refuse large compressed texts
        yield b"iTXt", key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + text.encode()


def tiff_tags(photo: Photo) -> tuple[list[tuple[int, Any, int, Any, bool]], Callable[[Path], None]]:
    """EXIF and XMP for tifffile: tags to write at once, and a function that adds the nested directories after."""
    tags: list[tuple[int, Any, int, Any, bool]] = []
    nested: dict[int, dict[int, Any]] = {}
    if photo.exif:
        exif = Pillow.Exif()
        exif.load(photo.exif)
        tags += [made for tag, value in exif.items() if (made := tiff_tag(tag, value))]
        nested = {ifd: dict(exif.get_ifd(ifd)) for ifd in (IFD.Exif, IFD.GPSInfo)}
        nested = {ifd: values for ifd, values in nested.items() if values}
    if photo.recipe:
        recipe = photo.recipe.encode()
        tags.append((RECIPE_TAG, "B", len(recipe), recipe, True))
    if photo.xmp:
        tags.append((700, "B", len(photo.xmp), photo.xmp, True))
    return tags, lambda path: append_directories(path, nested)


def tiff_tag(tag: int, value: Any) -> tuple[int, Any, int, Any, bool] | None:
    """One tag as tifffile takes it; None for those that it writes itself or that lie in a directory of their own."""
    written = (Base.XResolution, Base.YResolution, Base.ResolutionUnit, IFD.Exif, IFD.GPSInfo)
    if tag not in DESCRIPTIVE or tag in written:
        return None
    if isinstance(value, str):
        value = value.encode("latin-1", "replace")
    if isinstance(value, bytes):
        windows = tag in (Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject)
        return (tag, "B", len(value), value, True) if windows else (tag, "s", 0, value, True)
    return (tag, "H", 1, value, True) if isinstance(value, int) and value < 65536 else None


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
            if isinstance(value, str):
                directory.tagtype[key] = TiffTags.ASCII  # else bytes would be taken for binary data
            directory[key] = raw(value)
    offset = even_end(file)
    file.write(directory.tobytes(offset))
    return offset


def even_end(file: BinaryIO) -> int:
    """Go to the end of the file, padded to a word boundary as TIFF asks."""
    end = file.seek(0, 2)
    file.write(b"\0" * (end % 2))
    return end + end % 2
