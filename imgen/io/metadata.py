"""Metadata on the way into a file: recipes, and where each format keeps EXIF, XMP, IPTC, comments and texts."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..contract.context import note
from ..image.photo import Photo
from .parts import Entry, exif, jpeg, png, tiff, xmp
from .parts.ifd import Tree, header, pointer, tree_bytes
from .parts.photoshop import IPTC, resources_bytes, with_resolution

RECIPE = "imgen-recipe"
RECIPE_TAG = tiff.RECIPE_TAG
SEGMENT = b"imgen-recipe\0"  # begins each JPEG APP11 segment of ours


def jpeg_segments(photo: Photo) -> bytes:
    """XMP, IPTC, comments and the recipe as JPEG segments; Pillow writes EXIF and the profile."""
    out = xmp_segments(photo)
    out += jpeg.pieces(0xED, jpeg.PHOTOSHOP, whole_resources(photo))
    for comment in all_comments(photo):
        out += jpeg.pieces(jpeg.COM, b"", comment) or jpeg.segment_bytes(jpeg.COM, b"")
    return out + jpeg.pieces(0xEB, SEGMENT, (photo.recipe or "").encode())


def whole_resources(photo: Photo) -> bytes:
    """Photoshop's resources with IPTC among them; bytes of a TIFF's tag that are none stay there."""
    resources = with_resolution(photo.parts.resources, photo.dpi)
    return resources_bytes(resources._replace(rest=b"") if resources.apart else resources)


def xmp_segments(photo: Photo) -> bytes:
    """The XMP packet, in two where it is too large for one segment."""
    extension = photo.parts.xmp_extension
    made = xmp.split(photo.xmp, extension)
    if made is None and extension:
        note("the extended XMP that could not be joined was left out, as the other one needs its place")
        made = xmp.split(photo.xmp)
    if made is None:
        note("the XMP data is larger than a JPEG can hold and was left out; save as .png or .tif")
        return b""
    main, extended = made
    out = jpeg.segment_bytes(0xE1, jpeg.XMP + main) if main else b""
    if extended:
        out += jpeg.extended_xmp_bytes(xmp.extension_of(main or b"") or "", extended)
    return out


def all_comments(photo: Photo) -> list[bytes]:
    """The comments of a JPEG, and a PNG's text of that name."""
    comments = list(photo.parts.comments)
    text = photo.text.get("Comment", "").encode()
    return comments if not text or text in comments else [*comments, text]


def png_chunks(photo: Photo) -> Iterator[png.Chunk]:
    """Colours, EXIF, resolution, XMP, IPTC, texts and recipe as PNG chunks that go between IHDR and IDAT."""
    yield from colour_chunks(photo)
    if photo.dpi:
        metre = [round(d / 0.0254) for d in photo.dpi]
        yield png.Chunk("pHYs", struct.pack(">IIB", *metre, 1))
    if photo.exif:
        yield png.Chunk("eXIf", photo.exif.removeprefix(exif.HEAD))
    if photo.xmp:
        yield png.text_chunk(png.XMP_KEY, photo.xmp.decode(errors="replace"))
    resources = whole_resources(photo)
    if resources:
        yield png.raw_profile_chunk("iptc", resources)
    yield from text_chunks(photo)
    if photo.recipe:
        yield png.text_chunk(RECIPE, photo.recipe)


def colour_chunks(photo: Photo) -> Iterator[png.Chunk]:
    """The chunks that said which colours are meant, as long as they still do; else the profile."""
    parts = photo.parts
    holds = bool(parts.colour) and parts.colour_icc == photo.icc
    names = [kind for kind, _ in parts.colour] if holds else []
    if holds:
        yield from (png.Chunk(kind, data) for kind, data in parts.colour)
    # many programs know no cICP, so that the profile goes beside it; gAMA and cHRM are known to all
    if photo.icc and "iCCP" not in names and (not holds or names[0] == "cICP"):
        yield png.Chunk("iCCP", b"ICC profile\0\0" + zlib.compress(photo.icc))


def text_chunks(photo: Photo) -> Iterator[png.Chunk]:
    """Texts: as they lay in the file where nothing changed them. A JPEG's comments become texts of that name."""
    kept: dict[str, list[png.Chunk]] = {}
    joined: dict[str, str] = {}
    for kind, data in photo.parts.texts:
        chunk = png.Chunk(kind, data)
        key, text = png.text_of(chunk)
        kept.setdefault(key, []).append(chunk)
        joined[key] = f"{joined[key]}\n{text}" if key in joined else text
    for key, text in photo.text.items():
        yield from kept[key] if joined.get(key) == text else [png.text_chunk(key, text)]
    for comment in photo.parts.comments:
        text = as_text(comment)
        if text != photo.text.get("Comment"):
            yield png.text_chunk("Comment", text)


def as_text(comment: bytes) -> str:
    """A JPEG's comment, whose encoding nothing says."""
    comment = comment.rstrip(b"\0")
    try:
        return comment.decode()
    except UnicodeDecodeError:
        return comment.decode("latin-1")


def tiff_tags(photo: Photo) -> tuple[list[Entry], dict[int, Tree]]:
    """Tags for a TIFF's directory, and the directories of EXIF and GPS that belong inside."""
    tree = exif.tree_of(photo.exif) or Tree()
    # the resolution is written with the pixels; what is unknown here is about the file that EXIF came from
    written = {exif.X_RESOLUTION, exif.Y_RESOLUTION, exif.UNIT}
    tags = [entry for tag, entry in tree.entries.items() if tag in exif.DESCRIPTIVE - written]
    unknown = tree.entries.keys() - exif.DESCRIPTIVE - tiff.STORAGE
    if unknown:
        note(
            f"EXIF's main directory has tags that a TIFF keeps for other things: {', '.join(map(str, sorted(unknown)))}"
        )
    damaged = [tag for part in (tree, *tree.nested.values()) for tag in part.damaged]
    if damaged:
        note(f"EXIF tags that are damaged were left out: {', '.join(map(str, damaged))}")
    resources = with_resolution(photo.parts.resources, photo.dpi)
    record = next((block.data for block in resources.blocks if block.number == IPTC), None)  # has a tag of its own, too
    for tag, data in (
        (RECIPE_TAG, (photo.recipe or "").encode()),
        (tiff.XMP, photo.xmp),
        (tiff.IPTC_TAG, record),
        (tiff.RESOURCES_TAG, resources_bytes(resources.without({IPTC}) if resources.apart else resources)),
    ):
        if data:
            tags.append(Entry(tag, 1, len(data), data))
    own = {entry.tag for entry in tags}
    return tags + [entry for entry in photo.parts.tags if entry.tag not in own], tree.nested


def append_directories(path: Path, nested: dict[int, Tree]) -> None:
    """Put EXIF's own directories at the end of a TIFF file, and a copy of the main one that points to them.

    tifffile writes no such pointers. An entry is 12 bytes whose offsets count from the start of the file, so
    copying the main directory leaves them valid (TIFF 6.0, section 2).
    """
    if not nested:
        return
    with path.open("r+b") as file:
        order, big, first = header(file.read(16))
        if big:
            note("a TIFF of this size carries no EXIF beside its main tags")
            return
        file.seek(first)
        (count,) = struct.unpack(order + "H", file.read(2))
        entries = [file.read(12) for _ in range(count)]
        following = file.read(4)
        for tag, tree in nested.items():
            place = even_end(file)
            file.write(tree_bytes(tree, place))
            made = pointer(tag, place)
            entries.append(struct.pack(order + "HHI", tag, made.kind, made.count) + made.data)
        entries.sort(key=lambda entry: struct.unpack(order + "H", entry[:2]))
        offset = even_end(file)
        file.write(struct.pack(order + "H", len(entries)) + b"".join(entries) + following)
        file.seek(4)
        file.write(struct.pack(order + "I", offset))


def even_end(file: BinaryIO) -> int:
    """Go to the end of the file, padded to a word boundary as TIFF asks."""
    end = file.seek(0, 2)
    file.write(b"\0" * (end % 2))
    return end + end % 2
