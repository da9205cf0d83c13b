"""XMP packets made true for an edited picture, joined and split (XMP specification, parts 1 and 3).

A packet is changed only where it must be; otherwise it stays as it was, byte for byte.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from .xmptree import (
    RDF,
    XMLNS,
    attributes,
    descriptions,
    forget_namespaces,
    parsed,
    properties,
    prune,
    remove_property,
    says_something,
    text_of,
)

NOTE = "http://ns.adobe.com/xmp/note/"
CAMERA = "http://ns.google.com/photos/1.0/camera/"
XAP = "http://ns.adobe.com/xap/1.0/"

# What a packet says of other pictures in its file, by namespace: the words for it, and which names; all where none.
CLAIMS: dict[str, tuple[str, str]] = {
    "http://ns.adobe.com/hdr-gain-map/1.0/": ("gain map", ""),
    "http://ns.apple.com/HDRGainMap/1.0/": ("gain map", ""),
    "http://ns.apple.com/pixeldatainfo/1.0/": ("gain map", ""),
    "http://ns.google.com/photos/1.0/container/": ("list of further pictures", ""),
    "http://ns.google.com/photos/1.0/container/item/": ("list of further pictures", ""),
    CAMERA: ("motion video", r"MotionPhoto|MicroVideo"),
    "http://ns.google.com/photos/1.0/image/": ("copy of the unedited picture", ""),
    "http://ns.google.com/photos/1.0/depthmap/": ("depth map", ""),
    "http://ns.google.com/photos/dd/1.0/device/": ("depth map", ""),
    XAP: ("small preview", r"Thumbnails$"),
    "http://purl.org/dc/terms/": ("content credentials", r"provenance$"),
}
# What it says of places in the picture, which a crop moves.
PLACES: dict[str, tuple[str, str]] = {
    "http://ns.google.com/photos/1.0/panorama/": ("panorama", ""),
    "http://www.metadataworkinggroup.com/schemas/regions/": ("marked faces", ""),
    "http://ns.microsoft.com/photo/1.2/": ("marked faces", r"RegionInfo$"),
    "http://ns.apple.com/faceinfo/1.0/": ("marked faces", ""),
}
EMPTY = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + RDF.encode() + b'"></rdf:RDF></x:xmpmeta>'
LIMIT = 65_000  # of a JPEG's main packet, which has 65,502 bytes


def upright(packet: bytes) -> bytes:
    """The packet with the orientation 1."""
    return set_number(packet, b"tiff:Orientation", 1)


def sized(packet: bytes, width: int, height: int) -> bytes:
    """The packet with the size that it states set to the picture's."""
    for name in (b"tiff:ImageWidth", b"exif:PixelXDimension"):
        packet = set_number(packet, name, width)
    for name in (b"tiff:ImageLength", b"exif:PixelYDimension"):
        packet = set_number(packet, name, height)
    return packet


def in_rgb(packet: bytes) -> bytes | None:
    """The packet of a picture whose colours were converted to sRGB: it named another mode and profile."""
    packet = set_number(packet, b"photoshop:ColorMode", 3)
    return without(packet, {"http://ns.adobe.com/photoshop/1.0/": ("the old profile's name", "ICCProfile$")})[0]


def set_number(packet: bytes, name: bytes, value: int) -> bytes:
    """A number in both forms that RDF has for a simple property."""
    text = str(value).encode()
    packet = re.sub(rb"(\b" + name + rb"\s*=\s*[\"'])\d+", rb"\g<1>" + text, packet)
    return re.sub(rb"(<" + name + rb"\s*>\s*)\d+", rb"\g<1>" + text, packet)


def without(packet: bytes, kinds: dict[str, tuple[str, str]]) -> tuple[bytes | None, list[str]]:
    """The packet without properties of some kinds, and the words for what was taken out.

    A packet that says such things and cannot be parsed is given up; its name is then among the words.
    """
    if not any(space.encode() in packet for space in kinds):
        return packet, []
    document = parsed(packet)
    if document is None:
        return None, ["damaged XMP"]
    taken: list[str] = []

    def doomed(space: str | None, name: str) -> bool:
        words, pattern = kinds.get(space or "", ("", "^$"))
        hit = bool(words) and re.match(pattern, name) is not None
        if hit and words not in taken:
            taken.append(words)
        return hit

    prune(document.documentElement, doomed)
    if not taken:
        return packet, []
    forget_namespaces(document, set(kinds))
    return (text_of(document) if says_something(document) else None), taken


def extension_of(packet: bytes) -> str | None:
    """The GUID of the extended packet that a main packet claims."""
    found = re.search(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})", packet)
    return found[1].decode() if found else None


def without_extension(packet: bytes) -> bytes | None:
    """The main packet without the claim to have an extended one; None where nothing else was in it."""
    if b"HasExtendedXMP" not in packet:
        return packet
    return without(packet, {NOTE: ("extended XMP", "HasExtendedXMP$")})[0]


def joined(main: bytes, extension: bytes) -> bytes | None:
    """The properties of an extended packet in the main one; None where they cannot be joined."""
    first, second = parsed(main), parsed(extension)
    if first is None or second is None:
        return None
    homes = first.getElementsByTagNameNS(RDF, "RDF")
    moving = descriptions(second)
    if not homes or not moving:
        return None
    for one in moving:
        outer = one.parentNode
        while outer is not None and outer.nodeType == outer.ELEMENT_NODE:
            for attribute in attributes(outer):
                if attribute.namespaceURI == XMLNS and not one.hasAttribute(attribute.name):
                    one.setAttributeNS(XMLNS, attribute.name, attribute.value)
            outer = outer.parentNode
        homes[0].appendChild(first.importNode(one, True))
    return text_of(first)


def split(packet: bytes | None, extension: bytes = b"") -> tuple[bytes | None, bytes] | None:
    """A JPEG's main packet and its extended one, empty where all fits into one; None where it cannot be split.

    Args:
        packet: all that is said.
        extension: a packet that is extended already, for a main one that fits.
    """
    if len(packet or b"") <= LIMIT and not extension:
        return packet, b""
    main, rest = parsed(packet or EMPTY), parsed(packet or EMPTY)
    if main is None or (len(packet or b"") > LIMIT and extension):
        return None
    if not extension:
        move_largest(main, rest, len(packet or b""))
        extension = rest.documentElement.toxml().encode()
    guid = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    claim = main.createElementNS(RDF, "rdf:Description")
    claim.setAttributeNS(XMLNS, "xmlns:rdf", RDF)
    claim.setAttributeNS(RDF, "rdf:about", "")
    claim.setAttributeNS(XMLNS, "xmlns:xmpNote", NOTE)
    claim.setAttributeNS(NOTE, "xmpNote:HasExtendedXMP", guid)
    homes = main.getElementsByTagNameNS(RDF, "RDF")
    if not homes:
        return None
    homes[0].appendChild(claim)
    written = text_of(main)
    return (written, extension) if len(written) <= LIMIT + 400 else None


def move_largest(main: Any, rest: Any, size: int) -> None:
    """Leave the largest properties to `rest`, a copy of `main`, until `main` is small enough, the others to `main`."""
    pairs = [
        (len(one.toxml() if one.nodeType == one.ELEMENT_NODE else one.value), here, one, there, other)
        for here, there in zip(descriptions(main), descriptions(rest), strict=True)
        for one, other in zip(properties(here), properties(there), strict=True)
    ]
    for length, here, one, there, other in sorted(pairs, key=lambda pair: -pair[0]):
        if size > LIMIT - 1000:
            remove_property(here, one)
            size -= length
        else:
            remove_property(there, other)
