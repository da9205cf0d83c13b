"""The chunks of a PNG file: read one by one, without a decoder's limits, and written (PNG specification, edition 3)."""

from __future__ import annotations

import binascii
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS = ("IHDR", "PLTE", "tRNS", "IDAT")  # what a decoder needs
COLOUR = ("cICP", "iCCP", "sRGB", "gAMA", "cHRM", "mDCV", "cLLI", "mDCv", "cLLi")
TEXTS = ("tEXt", "zTXt", "iTXt")
STORAGE = {*PIXELS, "IEND", "hIST", "sBIT", "acTL", "fcTL", "fdAT", "iDOT"}  # how pixels are stored
LARGEST = 256 * 2**20  # bytes that a compressed chunk may grow to
RAW_PROFILE = "Raw profile type "  # ImageMagick's way to keep foreign metadata, which ExifTool follows
XMP_KEY = "XML:com.adobe.xmp"


class Chunk(NamedTuple):
    """One chunk: its four letters and what it holds."""

    kind: str
    data: bytes


class Png(NamedTuple):
    """A PNG file taken apart: its chunks, whether its end was there, and what lies behind it."""

    chunks: list[Chunk]
    ended: bool
    trailer: bytes

    def first(self, kind: str) -> bytes | None:
        """What the first chunk of a kind holds."""
        return next((chunk.data for chunk in self.chunks if chunk.kind == kind), None)

    def stream(self) -> bytes:
        """The picture alone, as a decoder takes it: metadata of any size cannot trouble it."""
        return SIGNATURE + chunk_bytes([c for c in self.chunks if c.kind in PIXELS] + [Chunk("IEND", b"")])


def read_png(data: bytes) -> Png:
    """Take a PNG file apart; a chunk that is cut off, or whose name is none, ends the list."""
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if kind == b"IEND":
            return Png(chunks, True, data[at + 12 + length :])
        if not kind.isalpha():
            break
        if at + 8 + length > len(data):
            if kind == b"IDAT":  # all of the picture may be there, but for the checksum
                chunks.append(Chunk("IDAT", data[at + 8 :]))
            break
        chunks.append(Chunk(kind.decode("latin-1"), data[at + 8 : at + 8 + length]))
        at += 12 + length
    return Png(chunks, False, b"")


def chunk_bytes(chunks: Iterable[Chunk]) -> bytes:
    """Chunks as they lie in the file, with their checksums."""
    out = list[bytes]()
    for kind, data in chunks:
        name = kind.encode("latin-1")
        out += [struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))]
    return b"".join(out)


def inflated(data: bytes) -> bytes:
    """Decompressed data.

    Raises:
        ValueError: it is damaged or grows beyond measure.
    """
    unpack = zlib.decompressobj()
    try:
        out = unpack.decompress(data, LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if unpack.unconsumed_tail:
        raise ValueError(f"larger than {LARGEST // 2**20} MiB")
    return out


def icc_profile(data: bytes) -> bytes:
    """The profile of an iCCP chunk.

    Raises:
        ValueError: it is damaged.
    """
    _, _, rest = data.partition(b"\0")
    return inflated(rest[1:])


def text_of(chunk: Chunk) -> tuple[str, str]:
    """Keyword and text of a text chunk.

    Raises:
        ValueError: it is damaged.
    """
    key, separator, rest = chunk.data.partition(b"\0")
    if not separator:
        raise ValueError("no keyword")
    name = key.decode("latin-1")
    if chunk.kind == "tEXt":
        return name, rest.decode("latin-1")
    if chunk.kind == "zTXt":
        return name, inflated(rest[1:]).decode("latin-1")
    compressed, (_language, _, rest) = rest[:1] == b"\1", rest[2:].partition(b"\0")
    _keyword, _, text = rest.partition(b"\0")
    return name, (inflated(text) if compressed else text).decode(errors="replace")


def text_chunk(key: str, text: str) -> Chunk:
    """An international text. Uncompressed: other programs must find XMP, and readers refuse large compressed texts."""
    return Chunk("iTXt", key.encode("latin-1", "replace")[:79] + b"\0\0\0\0\0" + text.encode())


def raw_profile(text: str) -> bytes:
    """What a text of ImageMagick's "Raw profile type" holds: a name, a length and hexadecimal lines.

    Raises:
        ValueError: it is none.
    """
    found = re.match(r"\s*\w+\s+(\d+)\s+([0-9a-fA-F\s]*)", text)
    if not found:
        raise ValueError("not a raw profile")
    return binascii.unhexlify("".join(found[2].split()))[: int(found[1])]


def raw_profile_chunk(kind: str, data: bytes) -> Chunk:
    """The inverse: data as a compressed text."""
    digits = data.hex()
    lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    text = f"\n{kind}\n{len(data):8d}\n{lines}\n"
    return Chunk("zTXt", (RAW_PROFILE + kind).encode() + b"\0\0" + zlib.compress(text.encode()))


def texts_of(png: Png) -> Iterator[tuple[Chunk, str, str]]:
    """(chunk, keyword, text) of each text chunk that can be read; of the others (chunk, "", "")."""
    for chunk in png.chunks:
        if chunk.kind in TEXTS:
            try:
                yield chunk, *text_of(chunk)
            except ValueError:
                yield chunk, "", ""


def resolution(data: bytes | None) -> tuple[float, float] | None:
    """Dots an inch of a pHYs chunk."""
    if data is None or len(data) != 9 or data[8] != 1:
        return None
    x, y = struct.unpack_from(">II", data)
    return x * 0.0254, y * 0.0254
