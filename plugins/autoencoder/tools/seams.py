"""A picture from a shift-map: its pieces joined so that differences of light between them do not show.

Each pixel keeps the differences to its neighbours that its piece has in the photo (Poisson editing, Pérez et al. 2003).
Where two pieces do not fit at all, the seam stays an edge: levelled out, it would be a smear. To what is around the
hole every piece is levelled, as an edge there would show the hole's outline.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from imgen.contract.arrays import Array
from imgen.lazy import sparse, sparse_linalg

from .offsets import Flags
from .shiftmap import ASIDE, Copies, Indices, Labels, beside, unlike

FITS = 0.35  # distance of colours, of 0..1, at which a seam between pieces is half an edge
SOLVED = 12_000  # lost pixels up to which a size is solved exactly; larger ones only refine what they are handed
SWEEPS = 12  # of averaging, to refine


def composed(copies: Copies, labels: Labels, guide: Array) -> Array:
    """The picture (H, W, 3) with copies as they are, and the guide where there is none."""
    rows, columns = np.nonzero(copies.hole)
    colours, usable = copies(rows, columns, labels[rows, columns])
    picture = copies.image.copy()
    picture[rows, columns] = np.where(usable[:, None], colours, guide[rows, columns])
    return picture


def lacking(copies: Copies, labels: Labels, picture: Array) -> Array:
    """By how much each pixel's change shall exceed those of its neighbours, summed over them (H, W, 3)."""
    total = np.zeros_like(picture)
    lost_rows, lost_columns = np.nonzero(copies.hole)
    for down, right in ASIDE:
        y, x, _ = beside(labels.shape, lost_rows, lost_columns, down, right)
        seam = labels[y, x] != labels[lost_rows, lost_columns]
        rows, columns, y, x = lost_rows[seam], lost_columns[seam], y[seam], x[seam]
        here, there = picture[rows, columns], picture[y, x]
        one, first = copies(y, x, labels[rows, columns])
        other, second = copies(rows, columns, labels[y, x])
        wanted = first[:, None] * (here - one) + second[:, None] * (other - there)
        count = first.astype(np.float32) + second
        step = np.where(count[:, None] > 0, wanted / np.maximum(count, 1)[:, None] - (here - there), np.float32(0))
        apart = np.where(copies.hole[y, x], unlike(step, np.zeros_like(step)), np.float32(0))
        total[rows, columns] += step / (1 + (apart / FITS) ** 4)[:, None]
    return total


def levelled(copies: Copies, labels: Labels, picture: Array, before: Array | None) -> Array:
    """What is to be added to a picture (H, W, 3) of pieces so that they join, 0 outside the hole.

    Args:
        copies: what it is made of.
        labels: which piece is where.
        picture: the pieces.
        before: the same at a smaller size, where there is one.
    """
    total, hole = lacking(copies, labels, picture), copies.hole
    if before is None and hole.sum() <= SOLVED:
        return solved(hole, total)
    change: Array = np.zeros_like(picture)
    if before is not None:
        places = (np.arange(n) * m // n for n, m in zip(labels.shape, before.shape[:2], strict=True))
        change = before[np.ix_(*places)]
    inside = hole[..., None].astype(np.float32)
    share = np.asarray(inside / around(np.ones_like(inside)), np.float32)
    for _ in range(SWEEPS):
        change = np.asarray((around(change * inside) + total) * share, np.float32)
    return change


def around(values: Array) -> Array:
    """The sum of each value's (H, W, C) neighbours."""
    total = np.zeros_like(values)
    total[1:] += values[:-1]
    total[:-1] += values[1:]
    total[:, 1:] += values[:, :-1]
    total[:, :-1] += values[:, 1:]
    return total


def solved(hole: Flags, total: Array) -> Array:
    """The change (H, W, 3) whose differences from its neighbours, 0 outside the hole, have these sums."""
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number = np.full(hole.shape, -1)
    number[rows, columns] = np.arange(count)
    degree, first, second = np.zeros(count), list[Indices](), list[Indices]()
    for down, right in ASIDE:
        y, x, inside = beside(hole.shape, rows, columns, down, right)
        degree += inside
        unknown = np.flatnonzero(inside & hole[y, x])
        first.append(unknown)
        second.append(number[y[unknown], x[unknown]])
    diagonal, pairs = np.arange(count), sum(map(len, first))
    entries = np.concatenate([degree, np.full(pairs, -1.0)])
    places = np.concatenate([diagonal, *first]), np.concatenate([diagonal, *second])
    matrix = sparse.csc_matrix((entries, places), shape=(count, count))
    answer: Any = sparse_linalg.spsolve(matrix, total[rows, columns].astype(np.float64))
    change = np.zeros_like(total)
    change[rows, columns] = answer
    return change
