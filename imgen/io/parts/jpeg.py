"""The parts of a JPEG file: its segments, what lies behind the picture, and how both are written (ITU-T T.81, JFIF)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

SOI, EOI, SOS, COM = 0xD8, 0xD9, 0xDA, 0xFE
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the markers that begin a picture
NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED, PHOTOSHOP = b"http://ns.adobe.com/xmp/extension/\0", b"Photoshop 3.0\0"
ICC, MPF, ISO_GAIN_MAP = b"ICC_PROFILE\0", b"MPF\0", b"urn:iso:std:iso:ts:21496:-1\0"
SEGMENT = 65_533  # bytes that a segment holds
PIECE = 65_000  # of what is written in several


class Segment(NamedTuple):
    """One marker segment: 0xE1 for APP1, and what it holds."""

    marker: int
    data: bytes


class Jpeg(NamedTuple):
    """A JPEG file taken apart.

    Attributes:
        segments: application segments and comments.
        stream: the picture alone, as a decoder takes it, always with an end.
        frame: the marker of the frame header, 0 where there is none.
        bits: bits a channel.
        size: (width, height).
        channels: 1 grey, 3 colour, 4 CMYK.
        ended: whether the file said where the picture ends.
        full: whether all of its scans are there, as far as their headers tell.
        trailer: what lies behind the picture.
    """

    segments: list[Segment]
    stream: bytes
    frame: int
    bits: int
    size: tuple[int, int]
    channels: int
    ended: bool
    full: bool
    trailer: bytes

    def joined(self, marker: int, name: bytes) -> bytes:
        """What all segments of that kind hold, behind their name."""
        return b"".join(s.data[len(name) :] for s in self.segments if s.marker == marker and s.data.startswith(name))


def read_jpeg(data: bytes) -> Jpeg:
    """Take a JPEG file apart. What is damaged is left to the decoder to complain about."""
    segments: list[Segment] = []
    view, scans = memoryview(data), list[bytes]()  # a view copies no scan
    stream: list[bytes | memoryview] = [b"\xff\xd8"]
    frame, header = 0, b""
    at, ended = 2, False
    while found := NEXT_MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == EOI:
            ended = True
            break
        if marker == 1 or marker == SOI or at + 2 > len(data):
            continue
        (length,) = struct.unpack_from(">H", data, at)
        payload = data[at + 2 : at + length]
        end = at + max(length, 2)
        if marker == SOS:
            following = NEXT_MARKER.search(data, end)
            end = following.start() if following else len(data.rstrip(b"\xff"))  # half an end mark
            scans.append(payload)
        if marker in FRAMES and not frame:
            frame, header = marker, payload
        if marker >= 0xE0 and marker != 0xFF:
            segments.append(Segment(marker, payload))
        if 0xC0 <= marker < 0xE0 or (marker, payload[:5]) in ((0xE0, b"JFIF\0"), (0xEE, b"Adobe")):
            stream += [b"\xff" + bytes([marker]), view[at:end]]
        at = end
    bits, height, width, channels = struct.unpack(">BHHB", header[:6]) if len(header) >= 6 else (8, 0, 0, 0)
    full = covered(header, scans)
    trailer = data[at:] if ended else b""
    return Jpeg(
        segments, b"".join([*stream, b"\xff\xd9"]), frame, bits, (width, height), channels, ended, full, trailer
    )


def covered(header: bytes, scans: list[bytes]) -> bool:
    """Whether the scans, by their headers, hold every bit of every coefficient of every channel."""
    channels = [header[6 + 3 * i] for i in range((len(header) - 6) // 3)]
    missing = {(channel, k) for channel in channels for k in range(64)}
    for scan in scans:
        count = scan[0] if scan else 0
        if len(scan) < 4 + 2 * count:
            continue
        first, last, bits = scan[1 + 2 * count], scan[2 + 2 * count], scan[3 + 2 * count] & 15
        if bits == 0:
            missing -= {(scan[1 + 2 * i], k) for i in range(count) for k in range(first, last + 1)}
    return bool(channels) and not missing


def pictures_behind(trailer: bytes) -> Iterator[tuple[str, bytes]]:
    """What lies behind a JPEG picture: ("picture" | "video" | "bytes", data) of each; padding is nothing."""
    at = 0
    while at < len(trailer):
        if trailer[at : at + 3] == b"\xff\xd8\xff":
            inner = read_jpeg(trailer[at:])
            length = len(trailer) - at - len(inner.trailer) if inner.ended else len(trailer) - at
            yield "picture", trailer[at : at + length]
            at += length
            continue
        following = trailer.find(b"\xff\xd8\xff", at)
        video = trailer.find(b"ftyp", at)
        if video >= 0 and (following < 0 or video < following):
            yield "video", trailer[at:]  # a video may hold anything, such as more pictures
            return
        end = following if following >= 0 else len(trailer)
        if trailer[at:end].strip(b"\0\r\n\xff "):
            yield "bytes", trailer[at:end]
        at = end


def extended_xmp(jpeg: Jpeg, guid: str | None) -> bytes:
    """The extended XMP packet, its parts in their order; empty where some of it is missing."""
    parts: dict[int, bytes] = {}
    total = 0
    for segment in jpeg.segments:
        rest = segment.data[len(EXTENDED) :]
        if segment.marker != 0xE1 or not segment.data.startswith(EXTENDED) or len(rest) < 40:
            continue
        if guid is None or rest[:32].decode("latin-1").upper() == guid.upper():
            total, offset = struct.unpack_from(">II", rest, 32)
            parts[offset] = rest[40:]
    whole = b"".join(parts[offset] for offset in sorted(parts))
    return whole if len(whole) == total else b""


def icc_profile(jpeg: Jpeg) -> bytes | None:
    """The colour profile, its parts in their order; None where some of it is missing."""
    parts = {
        s.data[12]: s.data[14:]
        for s in jpeg.segments
        if s.marker == 0xE2 and s.data.startswith(ICC) and len(s.data) > 14
    }
    counts = {s.data[13] for s in jpeg.segments if s.marker == 0xE2 and s.data.startswith(ICC) and len(s.data) > 14}
    if not parts or len(counts) != 1 or sorted(parts) != list(range(1, counts.pop() + 1)):
        return None
    return b"".join(parts[i] for i in sorted(parts))


def jfif_resolution(jpeg: Jpeg) -> tuple[float, float] | None:
    """Dots an inch, from the JFIF segment."""
    for segment in jpeg.segments:
        if segment.marker == 0xE0 and segment.data.startswith(b"JFIF\0") and len(segment.data) >= 12:
            unit, x, y = struct.unpack_from(">BHH", segment.data, 7)
            factor = {1: 1.0, 2: 2.54}.get(unit)
            return (x * factor, y * factor) if factor else None
    return None


def segment_name(segment: Segment) -> str:
    """Words for a segment: APP12 Ducky."""
    name = re.match(rb"[\x20-\x7e]{2,40}", segment.data)
    return f"APP{segment.marker - 0xE0}" + (f" {name[0].decode().strip()}" if name else "")


def segment_bytes(marker: int, data: bytes) -> bytes:
    """A segment as it lies in the file."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def pieces(marker: int, name: bytes, data: bytes, size: int = PIECE) -> bytes:
    """Data in as many segments as it needs, each behind its name."""
    return b"".join(segment_bytes(marker, name + data[i : i + size]) for i in range(0, len(data), size))


def extended_xmp_bytes(guid: str, data: bytes) -> bytes:
    """An extended XMP packet as segments (XMP specification, part 3, 1.1.3.1)."""
    head = EXTENDED + guid.encode()
    return b"".join(
        segment_bytes(0xE1, head + struct.pack(">II", len(data), i) + data[i : i + PIECE])
        for i in range(0, len(data), PIECE)
    )
