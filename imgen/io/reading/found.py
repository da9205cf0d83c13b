"""What a file held, made true for a picture that will be edited: upright, and without claims of what is left out."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image as Pillow

from ...contract.context import note
from ...image import profiles
from ...image.photo import Photo
from ..parts import Entry, Parts, Resources, exif, photoshop, xmp
from ..parts.ifd import EXIF, INTEROP
from ..values import NEEDS_CONVERSION, assemble, sane_dpi, shallow_values, turned


@dataclass
class Found:
    """What lay in a file beside the pixels, as it was.

    Attributes:
        exif: EXIF, with or without the "Exif" that JPEG puts before it.
        xmp: the XMP packet.
        orientation: 1..8; None for what EXIF says.
        dpi: resolution as the format itself says it.
        unedited: words for parts that show the unedited picture, or belong to nothing else.
        unknown: names of parts that imgen does not carry.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    orientation: int | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict[str, str])
    recipe: str | None = None
    resources: Resources = field(default_factory=Resources)
    comments: tuple[bytes, ...] = ()
    colour: tuple[tuple[str, bytes], ...] = ()
    texts: tuple[tuple[str, bytes], ...] = ()
    tags: tuple[Entry, ...] = ()
    xmp_extension: bytes = b""
    unedited: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])


def photo_of(values: NDArray[Any] | Pillow.Image, found: Found, path: Path) -> Photo:
    """The Photo of decoded values and what lay beside them."""
    orientation, block = upright_exif(found)
    icc = found.icc
    packet = upright_xmp(found)
    if isinstance(values, Pillow.Image):
        converted = values.mode in NEEDS_CONVERSION
        values, icc = shallow_values(values, icc)
        packet = xmp.in_rgb(packet) if converted and packet else packet
    values = turned(values, orientation)
    icc = fitting(icc or dcf_profile(block, found), values)
    resources = held_resources(found, orientation)
    tell(found, path.name)
    height, width = values.shape[:2]
    parts = Parts(
        size=(width, height),
        turned=orientation != 1,
        resources=resources,
        comments=found.comments,
        colour=found.colour,
        colour_icc=icc if found.colour else None,
        texts=found.texts,
        tags=found.tags,
        xmp_extension=found.xmp_extension,
    )
    dpi = sane_dpi(found.dpi or exif_resolution(block) or photoshop.resolution(resources), swap=orientation >= 5)
    return assemble(
        values, icc=icc, exif=block, xmp=packet, dpi=dpi, text=found.text, recipe=found.recipe, source=path, parts=parts
    )


def upright_exif(found: Found) -> tuple[int, bytes | None]:
    """The orientation to apply, 1..8, and EXIF that says 1, so that no viewer turns the picture twice.

    Damaged EXIF is left out with a note: it must never keep a picture from being opened.
    """
    orientation, block = 1, None
    if found.exif:
        try:
            orientation, block, had_thumbnail = exif.upright(found.exif)
        except (ValueError, struct.error) as error:
            note(f"the EXIF data is damaged and was left out ({error})")
        else:
            if had_thumbnail:
                found.unedited.append("small preview")
    if found.orientation is not None:
        orientation = found.orientation
    return (orientation if orientation in range(1, 9) else 1), block


def exif_resolution(block: bytes | None) -> tuple[float, float] | None:
    """Dots an inch, where EXIF says them."""
    tree = exif.tree_of(block)
    return exif.resolution(tree.entries) if tree else None


def dcf_profile(block: bytes | None, found: Found) -> bytes | None:
    """Adobe RGB where a camera says it in EXIF only, as DCF 2.0 does; other colours are said elsewhere."""
    tree = exif.tree_of(block) if not found.colour else None
    inner = tree.nested.get(EXIF) if tree else None
    index = inner.nested[INTEROP].entries.get(1) if inner and INTEROP in inner.nested else None
    return profiles.adobe_rgb() if index and index.data.startswith(b"R03") else None


def fitting(icc: bytes | None, values: NDArray[Any]) -> bytes | None:
    """The profile, if it can describe these values."""
    if icc is None:
        return None
    grey = values.ndim == 2 or values.shape[2] < 3
    space = icc[16:20]
    if not profiles.is_profile(icc) or space not in (b"RGB ", b"GRAY") or (space == b"GRAY" and not grey):
        note("the colour profile does not belong to such a picture and was left out; colours are taken for sRGB's")
        return None
    return icc


def upright_xmp(found: Found) -> bytes | None:
    """The XMP packet with the orientation 1 and without claims of what is left out."""
    packet = found.xmp or found.resources.data(photoshop.XMP)
    if not packet:
        return None
    packet, taken = xmp.without(xmp.upright(packet), xmp.CLAIMS)
    found.unedited += taken
    return packet


def held_resources(found: Found, orientation: int) -> Resources:
    """Photoshop's resources that still hold."""
    resources = found.resources
    if resources.having(photoshop.THUMBNAILS):
        found.unedited.append("small preview")
    if resources.having(photoshop.LAYERS):
        found.unedited.append("Photoshop's notes on layers and channels")
    gone = photoshop.THUMBNAILS | photoshop.LAYERS | photoshop.ELSEWHERE.keys() | photoshop.STORAGE
    return resources.without(gone)


def tell(found: Found, name: str) -> None:
    """One note on what shows the unedited picture, and one on what is not carried."""
    if found.unedited:
        note(f"{name}: left out, as it does not fit an edited picture: {', '.join(dict.fromkeys(found.unedited))}")
    if found.unknown:
        note(f"{name}: left out, as imgen does not know it: {', '.join(dict.fromkeys(found.unknown))}")
