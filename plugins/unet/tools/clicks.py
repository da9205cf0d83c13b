"""What clicks on a photo mean: which of the things that are found, and what is missing or too much.

A click on something that is found chooses it; one on something that is not found adds it; one that takes away
removes. The network sees all of them as discs beside the picture (`clicks.py` simulates them for training).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

ZOOMS = (2, 4, 8)  # of the closer looks where the whole picture does not show what is clicked on


class Click(NamedTuple):
    """A place in pixels, and whether it adds or takes away."""

    row: int
    column: int
    adds: bool


Look = Callable[[Array, Sequence[Click]], Array]  # a picture (H, W, 3) and clicks on it to a matte (H, W)


def discs(clicks: Sequence[Click], shape: tuple[int, ...], size: tuple[int, ...], radius: int) -> Array:
    """Clicks on a picture of `shape` as the network takes them (1, 2, h, w): discs of 1 that add, that take away."""
    out = np.zeros((1, 2, *size[:2]), np.float32)
    y, x = np.ogrid[: size[0], : size[1]]
    for click in clicks:
        row, column = ((n + 0.5) * to / of - 0.5 for n, to, of in zip(click[:2], size, shape, strict=False))
        out[0, 0 if click.adds else 1][np.hypot(y - round(row), x - round(column)) <= radius] = 1
    return out


def selected(image: Array, clicks: Sequence[Click], look: Look) -> Array:
    """The matte (H, W) that the clicks mean; the first that adds says whether it chooses or adds."""
    adding, away = ([click for click in clicks if click.adds is adds] for adds in (True, False))
    matte = look(image, clicks)
    if not clicks:
        return matte
    before = look(image, away) if adding else matte
    if adding and before[adding[0][:2]] > 0.5:
        result = np.zeros_like(matte)
    else:  # what adds takes nothing away, and what takes away adds nothing, whatever the network makes of it
        result = np.maximum(matte, before)
        if away:
            np.minimum(result, look(image, adding), out=result)
    for click in adding:
        found = touched(matte, click[:2])
        if found is not None:
            np.maximum(result, found, out=result)
        else:
            closer(image, clicks, click, look, result)
    return result


def closer(image: Array, clicks: Sequence[Click], click: Click, look: Look, result: Array) -> None:
    """Put what lies under a click into `result`, by ever smaller windows around it, until one shows something."""
    for zoom in ZOOMS:
        rows, columns = around(click[:2], image.shape, zoom)
        inside = [
            Click(c.row - rows.start, c.column - columns.start, c.adds)
            for c in clicks
            if rows.start <= c.row < rows.stop and columns.start <= c.column < columns.stop
        ]
        found = touched(look(image[rows, columns], inside), (click.row - rows.start, click.column - columns.start))
        if found is not None:
            result[rows, columns] = np.maximum(result[rows, columns], found)
            return


def around(place: tuple[int, int], shape: tuple[int, ...], zoom: int) -> tuple[slice, slice]:
    """A window of 1/zoom of the height and width, as near to the middle of `place` as the border allows."""
    spans: list[slice] = []
    for position, length in zip(place, shape, strict=False):
        side = max(1, length // zoom)
        start = min(max(0, position - side // 2), length - side)
        spans.append(slice(start, start + side))
    return spans[0], spans[1]


def touched(matte: Array, place: tuple[int, int]) -> Array | None:
    """The connected part of the matte that the place lies in, with its soft edge; None if it lies in none."""
    labelled: Any = ndimage.label(matte > 0.5)
    labels, _ = labelled
    number = labels[place]
    if number == 0:
        return None
    # soft pixels belong to the nearest solid part
    nearest: Any = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return np.where(labels[tuple(nearest)] == number, matte, np.float32(0))
