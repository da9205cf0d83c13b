"""Photoshop's image resources, in which JPEG and TIFF files keep IPTC (Adobe Photoshop File Formats Specification)."""

from __future__ import annotations

import struct

from ...image.parts import IPTC as IPTC
from ...image.parts import Resource as Resource
from ...image.parts import Resources as Resources

RESOLUTION, XMP = 0x03ED, 0x0424
THUMBNAILS = {0x0409, 0x040C}
ELSEWHERE = {0x040F: "ICC", 0x0422: "EXIF", 0x0423: "EXIF", 0x0424: "XMP"}  # copies of what is carried by itself
STORAGE = {0x0406, 0x0411}  # JPEG quality and "deliberately untagged": of the file that was read
# guides, slices, alpha names, paths and layers: places in the picture, or parts that only a PSD holds
PLACES = {0x0408, 0x041A, 0x0432, *range(0x07D0, 0x0BB8)}
LAYERS = {0x0400, 0x0402, 0x03EE, 0x03FD, 0x0415, 0x041D, 0x042D, 0x0430}


def read_resources(data: bytes) -> Resources:
    """Resources as they lie in a JPEG's APP13 segments, joined without their names, or in a TIFF's tag 34377."""
    blocks: list[Resource] = []
    at = 0
    while at + 12 <= len(data):
        signature, (number,) = bytes(data[at : at + 4]), struct.unpack_from(">H", data, at + 4)
        if not signature.isalnum():
            break
        length = data[at + 6]
        start = at + 6 + (length + 2) // 2 * 2
        if start + 4 > len(data):
            break
        (size,) = struct.unpack_from(">I", data, start)
        if start + 4 + size > len(data):
            break
        blocks.append(Resource(signature, number, data[at + 6 : at + 7 + length], data[start + 4 : start + 4 + size]))
        at = start + 4 + size + size % 2
    return Resources(tuple(blocks), data[at:].rstrip(b"\0"))


def resources_bytes(resources: Resources) -> bytes:
    """The inverse of `read_resources`."""
    out = b""
    for block in resources.blocks:
        name = block.name + b"\0" * (len(block.name) % 2)
        out += block.signature + struct.pack(">H", block.number) + name
        out += struct.pack(">I", len(block.data)) + block.data + b"\0" * (len(block.data) % 2)
    return out + resources.rest


def resolution(resources: Resources) -> tuple[float, float] | None:
    """Dots an inch, where the resources say them."""
    said = resources.data(RESOLUTION)
    if said is None or len(said) < 16:
        return None
    x, _, _, y = struct.unpack_from(">IHHI", said)
    return x / 65536, y / 65536


def with_resolution(resources: Resources, dpi: tuple[float, float] | None) -> Resources:
    """The resolution that is written elsewhere, too, where the resources say one."""
    if dpi is None:
        return resources.without({RESOLUTION})
    x, y = (round(d * 65536) for d in dpi)
    if max(x, y) >= 2**32:
        return resources.without({RESOLUTION})
    said = struct.pack(">IHHIHH", x, 1, 1, y, 1, 1)
    blocks = tuple(b._replace(data=said) if b.number == RESOLUTION else b for b in resources.blocks)
    return resources._replace(blocks=blocks)
