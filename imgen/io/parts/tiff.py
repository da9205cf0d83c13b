"""The parts of a TIFF file: which of its pictures is the photo, and which tags go along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...contract.context import note
from ...errors import PhotoError
from . import exif
from .ifd import EXIF, GPS, Entry, Tree, header, read_tree
from .photoshop import Resources, read_resources

XMP, IPTC_TAG, RESOURCES_TAG, ICC = 700, 33723, 34377, 34675
TEXTS = {269: "DocumentName", 285: "PageName"}
PLACES = {  # true as long as the picture keeps its size
    33550: "GeoTIFF", 33920: "GeoTIFF", 33922: "GeoTIFF", 34264: "GeoTIFF", 34735: "GeoTIFF", 34736: "GeoTIFF",
    34737: "GeoTIFF", 42112: "GDAL", 42113: "GDAL",
}  # fmt: skip
CARRIED = {**TEXTS, **PLACES}
STORAGE = {  # how pixels are stored
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 284, 290, 291, 292, 293,
    297, 317, 320, 321, 322, 323, 324, 325, 326, 327, 328, 330, 332, 334, 336, 338, 339, 340, 341, 347,
    50674, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532,
}  # fmt: skip
NAMES = {301: "TransferFunction", 318: "WhitePoint", 319: "PrimaryChromaticities", 37724: "Photoshop's layers",
         286: "XPosition", 287: "YPosition", 50838: "ImageJ", 50839: "ImageJ"}  # fmt: skip
RAW = {32803, 34892}  # photometric interpretations of a sensor's values
DESCRIPTION = 270
LAYOUTS = (b'{"shape"', b"ImageJ=", b"<?xml", b"<OME")  # descriptions that tell a program how the file is laid out


def choose_page(tiff: Any, path: Path) -> Any:
    """The page, as tifffile knows it, that is the photo: the first one that is no reduced copy and no mask.

    Raises:
        PhotoError: a camera's raw file.
    """
    pages = [page.aspage() for page in tiff.pages]
    inner = [part.aspage() for page in pages for part in page.pages or ()]
    if any(int(page.photometric) in RAW for page in (*pages, *inner) if page.photometric is not None):
        raise PhotoError(f"{path} is a camera's raw file; develop it first and save it as TIFF with 16 bits")
    full = [page for page in pages if not aside(page)] or [page for page in inner if not aside(page)]
    chosen = full[0] if full else max(pages, key=lambda page: page.imagewidth * page.imagelength)
    others = [page for page in (*pages, *inner) if page is not chosen]
    small = [page for page in others if aside(page)]
    if chosen is not pages[0]:
        note(
            f"{path.name} begins with a smaller picture; the photo of {chosen.imagewidth}x{chosen.imagelength} is used"
        )
    if len(others) > len(small):
        note(f"{path.name} holds {len(others) - len(small) + 1} pictures; the first is used")
    if small:
        note(f"{path.name} holds {counted(len(small), 'smaller copy or mask', 'smaller copies or masks')}; left out")
    return chosen


def counted(number: int, one: str, many: str) -> str:
    """1 mask, 2 masks."""
    return f"{number} {one if number == 1 else many}"


def aside(page: Any) -> bool:
    """Whether a page is a reduced copy or a mask of another (NewSubfileType bits 0 and 2, SubfileType 2)."""
    old = page.tags.get(255)
    return bool(int(page.subfiletype or 0) & 5) or (old is not None and old.value == 2)


def read_tags(data: bytes, offset: int) -> Tree:
    """The chosen page's directory, with EXIF and GPS inside; empty where it cannot be read."""
    try:
        order, big, _ = header(data)
        return read_tree(data, offset, order, big)
    except ValueError:
        return Tree()


def exif_of(tree: Tree) -> bytes | None:
    """What describes the picture as an EXIF block. A description that says how the file is laid out goes."""
    kept = exif.descriptive(tree)
    text = kept.entries.get(DESCRIPTION)
    if text and text.data.lstrip().startswith(LAYOUTS):
        del kept.entries[DESCRIPTION]
        if not text.data.startswith(b'{"shape"'):
            note("the description said how the file was laid out, which holds no longer; it was left out")
    resolution = {exif.X_RESOLUTION, exif.Y_RESOLUTION, exif.UNIT}
    return exif.block_of(kept) if kept.nested or kept.entries.keys() - resolution else None


def resources_of(tree: Tree) -> Resources:
    """Photoshop's resources, with the IPTC record of its own tag."""
    found = tree.entries.get(RESOURCES_TAG)
    record = tree.entries.get(IPTC_TAG)
    # as a row of LONG, which some programs write, the record is padded with zeros
    data = record.data.rstrip(b"\0") if record and record.kind == 4 else record.data if record else b""
    return (read_resources(found.data) if found else Resources()).with_iptc(data)


def carried(tree: Tree) -> tuple[Entry, ...]:
    """Tags that go along; those that do not are named in a note."""
    known = {XMP, IPTC_TAG, RESOURCES_TAG, ICC, EXIF, GPS, RECIPE_TAG} | exif.DESCRIPTIVE | STORAGE | CARRIED.keys()
    others = [NAMES.get(tag, str(tag)) for tag in sorted(tree.entries) if tag not in known]
    if others:
        names = ", ".join(dict.fromkeys(others))
        note(f"TIFF tags that imgen does not know, or that hold no longer, were left out: {names}")
    if tree.damaged:
        note(f"TIFF tags that are damaged were left out: {', '.join(map(str, tree.damaged))}")
    return tuple(entry for tag, entry in sorted(tree.entries.items()) if tag in CARRIED)


RECIPE_TAG = 65042  # in TIFF: from the range that is free for private use
