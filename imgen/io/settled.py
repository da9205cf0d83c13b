"""A photo's parts made true for the picture as it is saved: its size, its places, its format."""

from __future__ import annotations

import dataclasses
import struct

from ..contract.context import note
from ..image.photo import Photo
from .parts import Parts, exif, photoshop, tiff, xmp


def settled(photo: Photo) -> Photo:
    """The photo whose EXIF, XMP, IPTC and tags say its own size, and no places in a picture that was cut or turned."""
    parts = photo.parts
    moved = parts.size is not None and (parts.turned or parts.size != (photo.width, photo.height))
    gone: list[str] = []
    block, packet = photo.exif, photo.xmp
    if block:
        try:
            gone += ["the place of the subject"] if moved and exif.has_places(block) else []
            block = exif.sized(block, photo.width, photo.height, moved)
        except (ValueError, struct.error) as error:
            note(f"the EXIF data is damaged and was left out ({error})")
            block = None
    if packet:
        packet = xmp.sized(packet, photo.width, photo.height)
        if moved:
            packet, taken = xmp.without(packet, xmp.PLACES)
            gone += taken
    if moved:
        parts, taken = without_places(parts)
        gone += taken
    if gone:
        note(f"left out, as the picture was cut, scaled or turned: {', '.join(dict.fromkeys(gone))}")
    return photo.replace(exif=block, xmp=packet, parts=parts)


def without_places(parts: Parts) -> tuple[Parts, list[str]]:
    """Parts without what says places in the picture, and words for that."""
    gone = [tiff.PLACES[entry.tag] for entry in parts.tags if entry.tag in tiff.PLACES]
    if parts.resources.having(photoshop.PLACES):
        gone.append("Photoshop's paths, slices and guides")
    kept = tuple(entry for entry in parts.tags if entry.tag not in tiff.PLACES)
    return dataclasses.replace(parts, tags=kept, resources=parts.resources.without(photoshop.PLACES)), gone


def stripped(photo: Photo) -> Photo:
    """The photo with nothing but its pixels and which colours they mean."""
    colour = Parts(colour=photo.parts.colour, colour_icc=photo.parts.colour_icc)
    return photo.replace(exif=None, xmp=None, text={}, recipe=None, parts=colour)
