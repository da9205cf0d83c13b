"""Pixel values of files as floats in 0..1, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array
from ..errors import PhotoError
from .disk import place_for, written

CACHED = 1 << 17  # values that are converted at once, so that what lies between stays in the processor's cache


def as_float(array: NDArray[Any]) -> Array:
    """Bytes, 16-bit values, booleans or floats as float32 in 0..1.

    Raises:
        PhotoError: another type of number.
        OSError: it is to be on disk (`imgen.image.disk.large_arrays_in`), where there is no room.
    """
    if array.dtype.name in ("uint8", "uint16"):
        factor = np.float32(1 / np.iinfo(array.dtype).max)
        folder = place_for(4 * array.size)
        if folder is None:
            return np.multiply(array, factor, dtype=np.float32)
        return written(array.shape, multiplied(array, factor), folder)
    if array.dtype.kind in "fb":
        return array.astype(np.float32)
    raise PhotoError(f"a picture holds uint8, uint16 or floats in 0..1, not {array.dtype}")


def multiplied(array: NDArray[Any], factor: np.float32) -> Iterator[Array]:
    """Some rows after the other, in memory that the next ones take over."""
    count = lines(array)
    part = np.empty((min(count, len(array)), *array.shape[1:]), np.float32)
    for y in range(0, len(array), count):
        some = array[y : y + count]
        yield np.multiply(some, factor, out=part[: len(some)], dtype=np.float32)


def lines(array: NDArray[Any]) -> int:
    """How many rows are converted at once."""
    return max(1, CACHED // max(1, math.prod(array.shape[1:])))


def as_integers(array: Array, depth: int) -> NDArray[Any]:
    """0..1 as rounded 8- or 16-bit values, in strips: a large picture needs no second float copy."""
    kind, top = (np.uint16, 65535) if depth == 16 else (np.uint8, 255)
    out = np.empty(array.shape, kind)
    rows = lines(array)
    for y in range(0, len(array), rows):
        part = array[y : y + rows].clip(0, 1)
        part *= np.float32(top)
        out[y : y + rows] = np.rint(part, out=part)
    return out
