"""Arrays made smaller by means over areas, in one pass over their rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array

STRIP = 32  # rows that are made at once, so that what lies between the two directions stays in the processor's cache


def area_means(values: Array, shape: tuple[int, int]) -> Array:
    """The mean over the pixels of each place of a smaller grid; each pixel belongs to one place.

    The same as Pillow's `BOX`, which wants each channel in an array of its own, and takes several times as long.

    Args:
        values: (H, W) or (H, W, C); of a mapped file each row is read once.
        shape: (h, w), 1..H and 1..W.

    Returns:
        (h, w) or (h, w, C), a new array.
    """
    height, width = shape
    rows, columns = edges(values.shape[0], height), edges(values.shape[1], width)
    counts = np.diff(columns)
    weights = (1 / counts.astype(np.float32)).reshape(-1, *[1] * (values.ndim - 2))
    made = np.empty((height, width, *values.shape[2:]), np.float32)
    between = np.empty((min(STRIP, height), *values.shape[1:]), np.float32)
    for top in range(0, height, STRIP):
        strip = between[: min(STRIP, height - top)]
        for i, row in enumerate(strip):
            first, last = rows[top + i], rows[top + i + 1]
            np.add.reduce(values[first:last], axis=0, out=row)
            row *= np.float32(1 / (last - first))
        made[top : top + STRIP] = summed(strip, columns[:-1], counts) * weights
    return made


def edges(length: int, count: int) -> NDArray[np.intp]:
    """Where each of `count` places begins among `length` pixels, and where the last one ends: (count + 1,)."""
    return np.floor(np.arange(count + 1) * (length / count) + 0.5).astype(np.intp)


def summed(strip: Array, starts: NDArray[np.intp], counts: NDArray[np.intp]) -> Array:
    """Sums over so many columns from each start on: (n, w, ...)."""
    made = strip.take(starts, axis=1)
    for k in range(1, int(counts.max())):
        there = counts > k
        if there.all():
            made += strip.take(starts + k, axis=1)
        else:
            made[:, there] += strip.take(starts[there] + k, axis=1)
    return made
