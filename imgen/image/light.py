"""Light of sRGB values and back by tables, and conversions strip by strip."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ..contract.arrays import Array
from .lab import companded, linear

ENTRIES = 65536
STRIP = 1 << 16  # pixels that are converted at once: their temporary arrays stay in the processor's cache


@lru_cache(maxsize=1)
def srgb_tables() -> tuple[Array, Array]:
    """Light of each sRGB value (ENTRIES,), and the sRGB value by the square root of light."""
    steps = np.linspace(0, 1, ENTRIES)
    decode, encode = linear(steps.astype(np.float32)), companded((steps * steps).astype(np.float32))
    encode[-1] = 1  # rounding leaves a little less
    return decode, encode


def looked_up(table: Array, values: Array) -> Array:
    """The table's entries nearest to values in 0..1, any shape."""
    place = values * np.float32(ENTRIES - 1)
    place += np.float32(0.5)
    return table.take(place.astype(np.intp), mode="clip")


def light_of(srgb: Array) -> Array:
    """`lab.linear` within 1e-5, in a third of the time: light of sRGB values in 0..1, any shape."""
    return looked_up(srgb_tables()[0], srgb)


def srgb_of(light: Array) -> Array:
    """The inverse of `light_of`, within 1e-5. Light beyond 0..1 is clipped."""
    return looked_up(srgb_tables()[1], rooted(light))


def stripwise(convert: Callable[[Array], Array], values: Array) -> Array:
    """A conversion of values (H, W) or (H, W, 3) to as many, strip by strip: quicker, and with little memory."""
    result = np.empty_like(values)
    count = max(1, STRIP // values.shape[1])
    for top in range(0, len(values), count):
        result[top : top + count] = convert(values[top : top + count])
    return result


def rooted(light: Array) -> Array:
    """The square root, by which tables hold encoded values: close together in the dark, where curves are steep."""
    root = light.clip(0, 1)
    return np.sqrt(root, out=root)
