"""By which offsets a picture is like itself: a few dozen say where what belongs into a hole can be copied from.

Statistics of patch offsets (He and Sun, ECCV 2012): each known patch looks for the one most like it that is not
beside it, and the offsets that come up most often are those of what repeats: bricks, planks, leaves, an edge.
Others lead from places in the hole to what has the colours that a guide wants there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.lazy import ndimage, spatial

Flags = NDArray[np.bool_]
Offsets = NDArray[np.int32]
"""(K, 2): rows and columns from a pixel to the one that it is copied from."""

SIDE = 7  # of a patch, in pixels
NUMBERS = 9  # that a patch is compared by: its principal components
ASKED = 4, 1500, 9000  # patches that look for another one: for each lost pixel, at least, at most
FOUND = 60_000  # among so many
NEIGHBOURS = 24  # the most similar patches, of which the first one that is far enough away counts
FAR = 1 / 15  # of the picture's longer side: nearer patches are alike because they overlap
MOST = 0.1, 40, 120  # offsets of what repeats, likewise
PLACES = 0.05, 10, 40  # in the hole that look for the colours of the guide, likewise
AREA = 9  # side of what is compared there, every STRIDE pixels
STRIDE = 2
SERVES = 0.03  # part of the hole for which an offset must lead to something known


def usual_offsets(image: Array, hole: Flags, rng: np.random.Generator) -> Offsets:
    """The offsets by which what is known of a picture (H, W, 3) repeats most, and which serve its hole (H, W).

    Returns:
        The most frequent first; none where hardly anything is known.
    """
    rows, columns = some(whole_areas(hole, SIDE, 1), rng).T
    if len(rows) < 2 * NEIGHBOURS:
        return np.zeros((0, 2), np.int32)
    numbers = described(image, rows, columns, rng)
    asked = rng.permutation(len(rows))[: suited(ASKED, hole)]
    like = spatial.KDTree(numbers).query(numbers[asked], k=NEIGHBOURS, eps=1.0)[1]
    down, right = rows[like] - rows[asked][:, None], columns[like] - columns[asked][:, None]
    far = np.hypot(down, right) > FAR * max(hole.shape)
    first = np.flatnonzero(far.any(1)), far.argmax(1)[far.any(1)]
    return serving(peaks(down[first], right[first], hole.shape), hole)


def wanted_offsets(image: Array, hole: Flags, guide: Array, rng: np.random.Generator) -> Offsets:
    """Offsets from some places in the hole to known ones that look like the guide (H, W, 3) there."""
    wide = STRIDE * (AREA - 1) + 1
    lost = np.argwhere(hole) - wide // 2
    lost = rng.permutation(lost[(lost >= 0).all(1) & (lost + wide <= hole.shape).all(1)])[: suited(PLACES, hole)]
    sources = some(whole_areas(hole, wide, STRIDE), rng)
    if not len(lost) or not len(sources):
        return np.zeros((0, 2), np.int32)
    there, asked = (
        np.lib.stride_tricks.sliding_window_view(picture, (wide, wide), (0, 1))[..., ::STRIDE, ::STRIDE][
            first[:, 0], first[:, 1]
        ].reshape(len(first), -1)
        for picture, first in ((image, sources), (guide, lost))
    )
    best = (np.square(there).sum(1) - 2 * asked @ there.T).argmin(1)  # squared distance, less what all share
    return np.unique(sources[best] - lost, axis=0).astype(np.int32)


def suited(counts: tuple[float, int, int], hole: Flags) -> int:
    """So many for each lost pixel, at least and at most."""
    share, least, most = counts
    return int(np.clip(share * hole.sum(), least, most))


def whole_areas(hole: Flags, side: int, step: int) -> NDArray[np.intp]:
    """First pixels (N, 2) of all squares of that side without anything lost, every so many pixels."""
    if min(hole.shape) < side:
        return np.zeros((0, 2), np.intp)
    touched = np.asarray(ndimage.maximum_filter(hole, side), bool)
    before, after = side // 2, side - side // 2 - 1  # of a square's middle
    inner = touched[before : hole.shape[0] - after : step, before : hole.shape[1] - after : step]
    return np.argwhere(~inner) * step


def some(places: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """Places (N, 2), or a sample of FOUND of them."""
    return places if len(places) <= FOUND else places[np.sort(rng.choice(len(places), FOUND, replace=False))]


def described(image: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], rng: np.random.Generator) -> Array:
    """Patches (N, NUMBERS) by their first principal components."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE), (0, 1))
    patches = windows[rows, columns].reshape(len(rows), -1)
    few = patches[rng.choice(len(patches), min(4000, len(patches)), replace=False)]
    mean = few.mean(0)
    directions = np.linalg.svd(few - mean, full_matrices=False)[2][:NUMBERS]
    return ((patches - mean) @ directions.T).astype(np.float32)


def peaks(down: NDArray[np.intp], right: NDArray[np.intp], shape: tuple[int, ...]) -> Offsets:
    """Offsets around which most others lie, either way, the most frequent first."""
    height, width = shape
    often = np.zeros((2 * height + 1, 2 * width + 1), np.float32)
    for way in (1, -1):
        np.add.at(often, (height + way * down, width + way * right), 1)
    often = np.asarray(ndimage.gaussian_filter(often, 1.4), np.float32)
    rows, columns = np.nonzero((often == ndimage.maximum_filter(often, 5)) & (often > 0))
    order = np.argsort(-often[rows, columns], kind="stable")
    return np.stack([rows - height, columns - width], 1)[order].astype(np.int32)


def serving(offsets: Offsets, hole: Flags) -> Offsets:
    """The first ones that lead to something known from enough of the hole."""
    rows, columns = np.nonzero(hole)
    most, chosen = suited(MOST, hole), list[Offsets]()
    for offset in offsets:
        y, x = rows + offset[0], columns + offset[1]
        inside = (y >= 0) & (y < hole.shape[0]) & (x >= 0) & (x < hole.shape[1])
        if (~hole[y[inside], x[inside]]).sum() > SERVES * len(rows):
            chosen.append(offset)
        if len(chosen) == most:
            break
    return np.array(chosen, np.int32).reshape(-1, 2)
