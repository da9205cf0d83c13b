"""Which colours a PNG means, by the first of cICP, iCCP, sRGB, gAMA with cHRM that it has (PNG 3, section 4.3)."""

from __future__ import annotations

import struct

from ...contract.context import note
from ...image import curves, profiles
from ..parts import png
from .found import Found


def colours(parts: png.Png, found: Found, *, grey: bool) -> None:
    """Set the profile that describes the picture's values, and keep the chunks that said so."""
    kept = {chunk.kind: chunk.data for chunk in reversed(parts.chunks) if chunk.kind in png.COLOUR}
    for kind, profile_of in (
        ("cICP", code_points),
        ("iCCP", embedded),
        ("sRGB", plain),
        ("gAMA", gamma),
        ("cHRM", gamma),
    ):
        if kind not in kept:
            continue
        try:
            found.icc = profile_of(kept, grey)
        except (ValueError, struct.error) as error:
            note(f"the picture's colours are said in a way that imgen cannot use ({kind}: {error})")
            del kept[kind]
            continue
        break
    found.colour = tuple((kind, kept[kind]) for kind in png.COLOUR if kind in kept)


def code_points(chunks: dict[str, bytes], grey: bool) -> bytes | None:
    """CICP."""
    primaries, transfer, matrix, full = struct.unpack(">4B", chunks["cICP"])
    if matrix:
        raise ValueError("a PNG holds RGB, not another matrix of it")
    if transfer in (curves.PQ, curves.HLG):
        note("the picture is HDR; what shines brighter than a white sheet is cut where its colours are converted")
    return profiles.from_code_points(primaries, transfer, full=bool(full), grey=grey)


def embedded(chunks: dict[str, bytes], grey: bool) -> bytes | None:
    """ICCP."""
    return png.icc_profile(chunks["iCCP"])


def plain(chunks: dict[str, bytes], grey: bool) -> bytes | None:
    """SRGB."""
    return None


def gamma(chunks: dict[str, bytes], grey: bool) -> bytes | None:
    """GAMA and cHRM."""
    exponent = struct.unpack(">I", chunks["gAMA"])[0] / 100_000 if "gAMA" in chunks else None
    points = None
    if "cHRM" in chunks:
        n = [value / 100_000 for value in struct.unpack(">8I", chunks["cHRM"])]
        points = ((n[0], n[1]), (n[2], n[3]), (n[4], n[5]), (n[6], n[7]))
    return profiles.from_gamma(exponent, points, grey=grey)
