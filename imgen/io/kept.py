"""What each file format keeps of a photo: one table for the notes, the documentation and the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..image.photo import Photo
from .parts import tiff

FORMS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF")
NAMES = {"WEBP": "WebP"}  # as people write them
KEPT = "kept"
LOST = "dropped, with a note"


@dataclass(frozen=True)
class Part:
    """One part of a photo.

    Attributes:
        name: words for it.
        there: whether a photo has it.
        held: what becomes of it in a format; formats that are not named drop it with a note.
    """

    name: str
    there: Callable[[Photo], bool]
    held: dict[str, str]

    def lost(self, form: str) -> bool:
        """Whether a file of that format cannot hold it."""
        return form not in self.held


def kept(*forms: str, **more: str) -> dict[str, str]:
    """Formats that keep a part as it is, and what becomes of it in others."""
    return dict.fromkeys(forms, KEPT) | more


PARTS = (
    Part("transparency", lambda p: p.alpha is not None, kept("PNG", "TIFF", "WEBP", JPEG="refused", GIF="refused")),
    Part("16 bits a channel", lambda p: p.depth == 16, kept("PNG", "TIFF")),
    Part("animation", lambda p: p.frames is not None, kept("PNG", "WEBP", "GIF")),
    Part("colour profile", lambda p: p.icc is not None, kept("JPEG", "PNG", "TIFF", "WEBP", GIF="converted to sRGB")),
    Part(
        "colours of a PNG (cICP, sRGB, gAMA, cHRM)",
        lambda p: bool(p.parts.colour),
        kept("PNG", **dict.fromkeys(("JPEG", "TIFF", "WEBP"), "as a profile"), GIF="converted to sRGB"),
    ),
    Part("resolution", lambda p: p.dpi is not None, kept("JPEG", "PNG", "TIFF", WEBP="in EXIF")),
    Part("EXIF", lambda p: bool(p.exif), kept("PNG", "TIFF", "WEBP", JPEG="kept up to 64 KiB")),
    Part("XMP", lambda p: bool(p.xmp), kept("PNG", "TIFF", "WEBP", JPEG="kept, extended where it is large")),
    Part("extended XMP that cannot be joined", lambda p: bool(p.parts.xmp_extension), kept("JPEG")),
    Part(
        "IPTC and other Photoshop resources",
        lambda p: bool(p.parts.resources.blocks or p.parts.resources.rest),
        kept("JPEG", "TIFF", PNG="as a raw profile text"),
    ),
    Part("comments of a JPEG", lambda p: bool(p.parts.comments), kept("JPEG", PNG="as texts")),
    Part("text “Comment” of a PNG", lambda p: "Comment" in p.text, kept("PNG", JPEG="as a comment")),
    Part("other texts of a PNG", lambda p: bool(p.text.keys() - {"Comment"}), kept("PNG")),
    Part(
        "names of a TIFF (DocumentName, PageName)",
        lambda p: any(entry.tag in tiff.TEXTS for entry in p.parts.tags),
        kept("TIFF"),
    ),
    Part(
        "GeoTIFF and GDAL tags",
        lambda p: any(entry.tag in tiff.PLACES for entry in p.parts.tags),
        kept("TIFF"),
    ),
    Part("recipe", lambda p: bool(p.recipe), kept("JPEG", "PNG", "TIFF")),
)
SPOKEN = {"transparency", "16 bits a channel", "animation", "recipe"}  # encoders have notes of their own on these

READING = {
    "JPEG": "EXIF, XMP (extended XMP is joined), IPTC and other Photoshop resources, comments, profile, resolution",
    "PNG": "texts, EXIF, XMP, profile, cICP, sRGB, gAMA and cHRM, resolution, IPTC in raw profile texts",
    "TIFF": "EXIF, XMP, IPTC, Photoshop resources, GeoTIFF, GDAL, DocumentName, PageName, profile, resolution",
    "WebP": "EXIF, XMP, profile",
    "HEIC, AVIF": "EXIF, XMP, profile or code points of the colours",
}
LEFT_OUT = {
    "JPEG": "gain map, motion video, second pictures, small previews, content credentials (their signature holds no "
    "longer), layers' names, unknown segments, bytes behind the picture; XMP claims none of them any longer",
    "PNG": "frames after the first, tIME, bKGD, sPLT and other chunks, content credentials, bytes behind the picture",
    "TIFF": "further pages and SubIFDs, reduced copies, masks, channels beside colours and transparency, layers, "
    "other tags",
    "WebP": "frames after the first, other chunks, bytes behind the picture",
    "HEIC, AVIF": "gain and depth maps, small previews, further pictures; AVIF's bits beyond 8",
}


def losses(photo: Photo, form: str) -> list[str]:
    """Words for what a photo has and a file of that format cannot hold, but for what is said elsewhere."""
    return [part.name for part in PARTS if part.name not in SPOKEN and part.lost(form) and part.there(photo)]


def page() -> str:
    """docs/formats.md's tables."""
    head = "| part | " + " | ".join(NAMES.get(form, form) for form in FORMS) + " |\n"
    rows = "".join(
        f"| {part.name} | " + " | ".join(part.held.get(form, LOST) for form in FORMS) + " |\n" for part in PARTS
    )
    table = head + "|---" * (len(FORMS) + 1) + "|\n" + rows
    read = "".join(f"| {form} | {READING[form]} | {LEFT_OUT[form]} |\n" for form in READING)
    return HEAD.format(table=table, read="| format | carried | left out, each with a note |\n|---|---|---|\n" + read)


HEAD = """# File formats

Written by `python docs/generate.py` from `imgen/io/kept.py`, which the program's notes come from, too.

imgen opens JPEG (`.jpg`, `.jpeg`, `.jpe`, `.jfif`), PNG, TIFF (`.tif`, `.tiff`, BigTIFF), WebP, AVIF and, with
`pip install "imgen[heic]"`, HEIC; it looks at a file's first bytes, not at its name. It saves JPEG, PNG, TIFF, WebP
and GIF.

## What is read

{read}
Orientation is applied. CMYK and Lab are converted to sRGB, with a note. A picture that is all there but for its end
mark opens with a note; one that is cut is refused. JPEGs of 12 bits, lossless and arithmetic ones, TIFFs of
floating-point values or with a compression that no decoder here knows, and cameras' raw files get a message that names
what is unsupported.

## What is saved

{table}
`--strip` (`metadata=False`) leaves out all of it but pixels, transparency and colours.

**Made true again.** Sizes in EXIF and XMP, the format in XMP, and the resolution in Photoshop's resources follow the
picture that is saved. The orientation becomes 1. EXIF's small preview is overwritten, not just unlinked: it shows the
unedited picture.

Cameras' maker notes go along unread; in a TIFF, places in them that count from the start of the old EXIF lead nowhere.

**Places.** What says places in the picture goes, with a note, when the picture was cut, scaled or turned: GeoTIFF and
GDAL tags, marked faces and panoramas in XMP, EXIF's place of the subject, Photoshop's paths, slices and guides.

**Colours of a PNG.** The first of cICP, iCCP, sRGB, gAMA with cHRM counts, as the PNG specification says; it becomes a
profile of the same colours, so that every format keeps them. PQ and HLG are expressed up to the brightness of a white
sheet, with a note.
"""
