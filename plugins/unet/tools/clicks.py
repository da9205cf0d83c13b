"""What clicks on a photo mean: which of the things that are found, and what is missing or too much.

A click on something that is found chooses it; one on something that is not found adds it; one that takes away
removes. The network sees all of them as discs beside the picture (`clicks.py` simulates them for training).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

ZOOMS = (2, 4, 8)  # of the closer looks where the whole picture does not show what is clicked on


class Click(NamedTuple):
    """A place in pixels, and whether it adds or takes away."""

    row: int
    column: int
    adds: bool


class Parts(NamedTuple):
    """Which connected part of a matte each pixel is in, by number, (h, w): 0 where it is soft; and which is nearest."""

    solid: NDArray[np.int32]
    nearest: NDArray[np.int32]


Area = tuple[slice, slice]
Look = Callable[[Area, Sequence[Click]], Array]  # a part of the picture and clicks, counted in it, to its matte


def discs(clicks: Sequence[Click], shape: tuple[int, ...], size: tuple[int, ...], radius: int) -> Array:
    """Clicks on a picture of `shape` as the network takes them (1, 2, h, w): discs of 1 that add, that take away."""
    out = np.zeros((1, 2, *size[:2]), np.float32)
    y, x = np.ogrid[: size[0], : size[1]]
    for click in clicks:
        row, column = ((n + 0.5) * to / of - 0.5 for n, to, of in zip(click[:2], size, shape, strict=False))
        out[0, 0 if click.adds else 1][np.hypot(y - round(row), x - round(column)) <= radius] = 1
    return out


def selected(shape: tuple[int, int], clicks: Sequence[Click], boxes: Sequence[Area], look: Look) -> Array:
    """The matte of `shape` that the marks mean; boxes choose, and the first click that adds says which it does."""
    whole = slice(0, shape[0]), slice(0, shape[1])
    matte = look(whole, clicks)
    adding, away = ([click for click in clicks if click.adds is adds] for adds in (True, False))
    result = np.zeros_like(matte)
    for box in boxes:
        result[box] = np.maximum(result[box], look(box, within(clicks, box)))
    if not boxes:
        result = begun(matte, adding, away, lambda some: look(whole, some))
    parts = parted(matte) if adding else None
    for click in adding:
        found = touched(matte, click[:2], parts)
        if found is not None:
            np.maximum(result, found, out=result)
        else:
            closer(clicks, click, look, result)
    return result


def begun(
    matte: Array, adding: Sequence[Click], away: Sequence[Click], look: Callable[[Sequence[Click]], Array]
) -> Array:
    """What is selected before the things are added that were clicked on; `matte` knows all clicks."""
    if not adding:
        # what takes away adds nothing, whatever the network makes of it
        return np.minimum(matte, look([])) if away else matte.copy()
    before = look(away)
    if before[adding[0][:2]] > 0.5:
        return np.zeros_like(matte)
    result = np.maximum(matte, before)  # what adds takes nothing away
    return np.minimum(result, look(adding)) if away else result


def within(clicks: Sequence[Click], area: Area) -> list[Click]:
    """Those in a part of the picture, counted in it."""
    rows, columns = area
    return [
        Click(c.row - rows.start, c.column - columns.start, c.adds)
        for c in clicks
        if rows.start <= c.row < rows.stop and columns.start <= c.column < columns.stop
    ]


def extent(area: Area) -> tuple[int, int]:
    """Its height and width."""
    return area[0].stop - area[0].start, area[1].stop - area[1].start


def closer(clicks: Sequence[Click], click: Click, look: Look, result: Array) -> None:
    """Put what lies under a click into `result`, by ever smaller windows around it, until one shows something."""
    for zoom in ZOOMS:
        area = around(click[:2], result.shape, zoom)
        place = click.row - area[0].start, click.column - area[1].start
        found = touched(look(area, within(clicks, area)), place)
        if found is not None:
            result[area] = np.maximum(result[area], found)
            return


def around(place: tuple[int, int], shape: tuple[int, ...], zoom: int) -> Area:
    """A window of 1/zoom of the height and width, as near to the middle of `place` as the border allows."""
    spans: list[slice] = []
    for position, length in zip(place, shape, strict=False):
        side = max(1, length // zoom)
        start = min(max(0, position - side // 2), length - side)
        spans.append(slice(start, start + side))
    return spans[0], spans[1]


def touched(matte: Array, place: tuple[int, int], parts: Parts | None = None) -> Array | None:
    """The connected part of the matte that the place lies in, with its soft edge; None if it lies in none."""
    solid, nearest = parted(matte) if parts is None else parts
    number = solid[place]
    return np.where(nearest == number, matte, np.float32(0)) if number else None


def parted(matte: Array) -> Parts:
    """The connected parts of a matte."""
    labelled: Any = ndimage.label(matte > 0.5)
    solid, count = labelled
    if count < 2:
        return Parts(solid, np.full_like(solid, count))
    nearest: Any = ndimage.distance_transform_edt(solid == 0, return_distances=False, return_indices=True)
    return Parts(solid, solid[tuple(nearest)])
