"""Big pictures through a network in overlapping tiles, as if it had seen the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..contract.arrays import Array
from ..contract.context import progress

TILE = 512
WHOLE = 3 * TILE**2  # pixels of a picture that is one tile: the halos of several would cost half as much again
FEATHER = 16  # pixels over which neighbouring tiles fade into each other
LEAST = 4 * FEATHER  # so that no more than two meet


class Span(NamedTuple):
    """One tile along one axis: what it reads, what it writes, and the written pixels' weights."""

    read: slice
    write: slice
    weight: Array


def tiled(
    run: Callable[[Array], Array],
    image: Array,
    *,
    halo: int,
    multiple: int = 1,
    tile: int | None = None,
    where: Array | None = None,
) -> Array:
    """Run a size-preserving network over `image` (H, W, C) and return its output (H, W, D).

    The picture is continued by reflection to a multiple of `multiple`. Each tile is read with `halo` pixels
    more on every side (fewer at the picture's border), so with a halo of the receptive field's radius the result
    equals that of the whole picture; tiles then fade into each other over 16 pixels, which hides
    what a shorter halo would show. Memory is that of one tile plus the output.

    Args:
        image: any size, any number of channels.
        run: takes (1, C, h, w), returns (1, D, h, w); h and w are multiples of `multiple`.
        multiple: what h and w must be multiples of.
        halo: pixels around a tile that its inner part may depend on.
        tile: side of a tile's inner part, 64 or more; None for 512, and small pictures in one.
        where: (H, W); tiles in which it is 0 everywhere are skipped and stay 0.

    Raises:
        Cancelled: between two tiles.
    """
    (height, width), out = image.shape[:2], None
    side = max(LEAST, tile or (TILE if where is not None or height * width > WHOLE else max(height, width)))
    down, across = (axis_spans(n, side, round_up(halo, multiple), multiple) for n in (height, width))
    for rows, columns in counted(list(product(down, across))):
        if where is not None and not where[rows.write, columns.write].any():
            continue
        part = np.ascontiguousarray(reflected(image, rows.read, columns.read).transpose(2, 0, 1)[None])
        result = run(part)[0].transpose(1, 2, 0)
        if out is None:
            out = np.zeros((height, width, result.shape[2]), np.float32)
        result = result[inner(rows), inner(columns)]
        out[rows.write, columns.write] += result * (rows.weight[:, None, None] * columns.weight[None, :, None])
    return np.zeros_like(image) if out is None else out


def counted(tiles: list[tuple[Span, Span]]) -> Iterator[tuple[Span, Span]]:
    """The tiles, with progress told."""
    for i, tile in enumerate(tiles):
        progress(i, len(tiles))
        yield tile
    progress(1)


def inner(span: Span) -> slice:
    """The written part inside the read part."""
    return slice(span.write.start - span.read.start, span.write.stop - span.read.start)


def axis_spans(length: int, tile: int, halo: int, multiple: int) -> Iterator[Span]:
    """Cut one axis into tiles of equal size whose weights add up to one everywhere."""
    padded = round_up(length, multiple)
    count = max(1, -(-length // tile))
    step = round_up(-(-length // count), multiple)
    starts = list(range(0, length, step))
    for start in starts:
        stop = min(start + step, length)
        before, after = (FEATHER if start > 0 else 0), (FEATHER if stop < length else 0)
        write = slice(max(0, start - before), min(length, stop + after))
        position = np.arange(write.start, write.stop, dtype=np.float32) + np.float32(0.5)
        weight = np.ones(len(position), np.float32)
        if before:
            weight = np.minimum(weight, ramp(position - start))
        if after:
            weight = np.minimum(weight, 1 - ramp(position - stop))
        reach = halo + FEATHER
        low = max(0, start - reach) // multiple * multiple
        yield Span(slice(low, min(padded, round_up(stop + reach, multiple))), write, weight)


def ramp(position: Array) -> Array:
    """0 to 1 from -FEATHER to FEATHER."""
    return np.clip((position + FEATHER) / (2 * FEATHER), 0, 1).astype(np.float32)


def reflected(image: Array, rows: slice, columns: slice) -> Array:
    """A part of the picture that may reach past its lower and right border, where it is continued by reflection."""
    return image[mirror(rows, image.shape[0])][:, mirror(columns, image.shape[1])]


def mirror(span: slice, length: int) -> Any:
    """Indices of `span`; past the end they run back, and back again for a very short axis."""
    if span.stop <= length:
        return span
    index = np.arange(span.start, span.stop) % (2 * length)
    return np.where(index < length, index, 2 * length - 1 - index)


def round_up(value: int, multiple: int) -> int:
    """The next multiple of `multiple` at or above `value`."""
    return -(-value // multiple) * multiple
