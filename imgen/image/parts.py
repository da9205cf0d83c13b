"""What a file held beside its pixels, as plain values that a photo carries; the room `io` reads and writes them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

IPTC = 1028  # the resource that holds an IPTC record
NUMBERS = {1: "B", 3: "H", 4: "I", 5: "I", 6: "b", 8: "h", 9: "i", 10: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}


@dataclass(frozen=True, order=True)
class Entry:
    """One tag: its number, its type and count as TIFF counts them, and its values as little-endian bytes."""

    tag: int
    kind: int
    count: int
    data: bytes

    def numbers(self) -> tuple[int, ...]:
        """Its integers; of rationals, numerators and denominators in turn; nothing for texts and raw bytes."""
        form = NUMBERS.get(self.kind)
        return struct.unpack(f"<{len(self.data) // struct.calcsize(form)}{form}", self.data) if form else ()


class Resource(NamedTuple):
    """One resource: its signature, number, name with the length before it, and content."""

    signature: bytes
    number: int
    name: bytes
    data: bytes


class Resources(NamedTuple):
    """All resources of a file in their order, bytes behind them that are none, and whether IPTC lay apart from them."""

    blocks: tuple[Resource, ...] = ()
    rest: bytes = b""
    apart: bool = False

    def data(self, number: int) -> bytes | None:
        """What the first resource of that number holds."""
        return next((block.data for block in self.blocks if block.number == number), None)

    @property
    def iptc(self) -> bytes:
        """The IPTC record, or nothing."""
        return self.data(IPTC) or b""

    def without(self, numbers: set[int]) -> Resources:
        """The same without some of them."""
        return Resources(tuple(block for block in self.blocks if block.number not in numbers), self.rest, self.apart)

    def having(self, numbers: set[int]) -> bool:
        """Whether one of these is there."""
        return any(block.number in numbers for block in self.blocks)

    def with_iptc(self, record: bytes) -> Resources:
        """The same with an IPTC record that lay outside, unless there is one already."""
        if not record or self.iptc:
            return self
        return Resources((Resource(b"8BIM", IPTC, b"\0", record), *self.blocks), self.rest, True)


@dataclass(frozen=True)
class Parts:
    """What a file held beside pixels, profile, EXIF, XMP and texts, as it lay there.

    Attributes:
        size: (width, height) of the upright picture that all this described; places in it hold only at that size.
        turned: the file's orientation was applied, so that places in its stored picture hold no longer.
        resources: Photoshop's image resources, IPTC among them.
        comments: comments of a JPEG.
        colour: PNG chunks that say which colours are meant, as (type, data).
        colour_icc: the profile that was made of `colour`; the chunks hold only as long as the photo has this one.
        texts: text chunks of a PNG, as (type, data), of which the photo's `text` was made.
        tags: tags of a TIFF that are neither EXIF's nor about how pixels are stored.
        xmp_extension: an extended XMP packet of a JPEG that could not be joined with the main one.
    """

    size: tuple[int, int] | None = None
    turned: bool = False
    resources: Resources = field(default_factory=Resources)
    comments: tuple[bytes, ...] = ()
    colour: tuple[tuple[str, bytes], ...] = ()
    colour_icc: bytes | None = None
    texts: tuple[tuple[str, bytes], ...] = ()
    tags: tuple[Entry, ...] = ()
    xmp_extension: bytes = b""
