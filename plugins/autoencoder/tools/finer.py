"""A shift-map for a larger size of its picture: offsets to the pixel, and seams where the finer picture hides them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

from .offsets import Flags, Offsets
from .shiftmap import ASIDE, CUT, OWN, SEAM, Copies, Indices, Labels, beside, unlike

SEEN = 2000  # pixels at an offset's seams by which it is set to the pixel
MOVES = 2  # times that seams may move by a pixel


def enlarged(labels: Labels, offsets: Offsets, image: Array, hole: Flags) -> tuple[Labels, Copies]:
    """Labels (h, w) and their offsets for a larger picture (H, W, 3) and its hole (H, W)."""
    ratio = np.array(hole.shape) / np.array(labels.shape)
    larger = nearest(labels, hole)
    copies = Copies(image, hole, np.rint(offsets * ratio).astype(np.int32))
    if (ratio != 1).any():
        nudge(copies, larger)
    for _ in range(MOVES):
        for odd in (0, 1):  # like a chessboard: neighbours do not change at once
            settle(copies, larger, odd)
    return larger, copies


def nearest(labels: Labels, hole: Flags) -> Labels:
    """Labels (h, w) at another size, that of a hole (H, W): each lost pixel has one, if there is any."""
    labels = labels[np.ix_(*(np.arange(n) * m // n for n, m in zip(hole.shape, labels.shape, strict=True)))]
    missing = hole & (labels == OWN)
    if missing.any() and (labels != OWN).any():
        found: Any = ndimage.distance_transform_edt(labels == OWN, return_distances=False, return_indices=True)
        labels = np.where(missing, labels[found[0], found[1]], labels)
    return np.where(hole, labels, np.int32(OWN))


def nudge(copies: Copies, labels: Labels) -> None:
    """Move each offset by up to a pixel to where its copies fit what is around them best."""
    rows, columns, own, other = borders(labels)
    for label in np.unique(own):
        mine = np.flatnonzero(own == label)
        mine = mine[:: -(-len(mine) // SEEN)]
        y, x, theirs = rows[mine], columns[mine], other[mine]
        wanted, usable = copies(y, x, theirs)
        wanted = np.where((theirs == OWN)[:, None], copies.image[y, x], wanted)
        usable |= (theirs == OWN) & ~copies.hole[y, x]
        start, costs = copies.offsets[label].copy(), list[float]()
        around = sorted(product((-1, 0, 1), repeat=2), key=lambda step: abs(step[0]) + abs(step[1]))
        for step in around:
            copies.offsets[label] = start + step
            colour, there = copies(y, x, np.full(len(mine), label, np.int32))
            cost = np.where(there, unlike(colour, wanted), np.float32(CUT))
            costs.append(float(cost[usable].sum()))
        copies.offsets[label] = start + around[int(np.argmin(costs))]


def borders(labels: Labels) -> tuple[Indices, Indices, Labels, Labels]:
    """Pixels beside a piece with another label: row, column, the piece's label, and their own."""
    found: list[tuple[Indices, Indices, Labels, Labels]] = []
    rows, columns = np.nonzero(labels != OWN)
    for down, right in ASIDE:
        y, x, _ = beside(labels.shape, rows, columns, down, right)
        apart = labels[y, x] != labels[rows, columns]
        found.append((y[apart], x[apart], labels[rows[apart], columns[apart]], labels[y[apart], x[apart]]))
    rows, columns, own, other = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows, columns, own, other


def settle(copies: Copies, labels: Labels, odd: int) -> None:
    """Give pixels beside a seam, or without a copy, the label of the neighbour with which the seam is least seen."""
    rows, columns = np.nonzero(copies.hole & ((np.add.outer(*map(np.arange, labels.shape)) & 1) == odd))
    mine = labels[rows, columns]
    aside = [(*beside(labels.shape, rows, columns, *step)[:2],) for step in ASIDE]
    near = [labels[y, x] for y, x in aside]
    doubtful = ~copies(rows, columns, mine)[1]
    for label, (y, x) in zip(near, aside, strict=True):
        doubtful |= (label != mine) & copies.hole[y, x]
    some = np.flatnonzero(doubtful)
    rows, columns, aside = rows[some], columns[some], [(y[some], x[some]) for y, x in aside]
    best, least = mine[some], np.full(len(some), np.inf, np.float32)
    for label in (mine[some], *(label[some] for label in near)):
        cost = seen(copies, labels, (rows, columns), aside, label)
        better = cost < least
        best, least = np.where(better, label, best), np.where(better, cost, least)
    labels[rows, columns] = np.where(np.isfinite(least), best, OWN)


def seen(
    copies: Copies, labels: Labels, places: tuple[Indices, Indices], aside: list[tuple[Indices, Indices]], label: Labels
) -> Array:
    """What labels (N,) of pixels cost with all their neighbours' labels; infinite where nothing can be copied."""
    colour, usable = copies(*places, label)
    total = np.where(usable, np.float32(0), np.float32(np.inf))
    for y, x in aside:
        other = labels[y, x]
        theirs, there = copies(*places, other)
        beyond, further = copies(y, x, label)
        known = ~copies.hole[y, x]
        own = np.where(known[:, None], copies.image[y, x], copies(y, x, other)[0])
        cost = np.where(further, unlike(beyond, own), np.float32(CUT))
        cost += np.where(known, cost, np.where(there, unlike(colour, theirs), np.float32(CUT))) + np.float32(SEAM)
        total += np.where(other == label, np.float32(0), cost)
    return total
