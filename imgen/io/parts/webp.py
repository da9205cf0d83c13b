"""The parts of a WebP file (RIFF container; WebP Container Specification)."""

from __future__ import annotations

import struct
from typing import NamedTuple

STORAGE = {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"}


class Webp(NamedTuple):
    """A WebP file taken apart."""

    chunks: list[tuple[str, bytes]]
    trailer: bytes

    def first(self, kind: str) -> bytes | None:
        """What the first chunk of a kind holds."""
        return next((data for name, data in self.chunks if name == kind), None)

    @property
    def frames(self) -> int:
        """How many pictures there are."""
        return max(1, sum(name == "ANMF" for name, _ in self.chunks))


def read_webp(data: bytes) -> Webp:
    """Take a WebP file apart; pixels are not copied."""
    chunks: list[tuple[str, bytes]] = []
    end = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    at = 12
    while at + 8 <= end:
        kind, (length,) = data[at : at + 4].decode("latin-1"), struct.unpack_from("<I", data, at + 4)
        chunks.append((kind, b"" if kind in STORAGE else data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return Webp(chunks, data[max(at, end) :])
