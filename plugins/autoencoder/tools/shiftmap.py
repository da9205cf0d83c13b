"""Shift-maps (Pritch et al. 2009): each lost pixel is copied from a known one, neighbours mostly by the same offset.

Which offset goes where is found by graph cuts: in turn, each offset takes over the pixels that are better off with it
(alpha expansion, Boykov et al. 2001). Pieces of the picture so come whole, and meet where their seam is not seen
(Kwatra et al. 2003).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.lazy import csgraph, ndimage, sparse

from .offsets import Flags, Offsets

Labels = NDArray[np.int32]
"""Numbers of offsets, (H, W) or of lost pixels (N,); OWN where a pixel is not copied."""
Indices = NDArray[np.intp]

OWN = -1
ASIDE = ((0, 1), (1, 0), (0, -1), (-1, 0))  # rows and columns to a pixel's neighbours
GUIDED = 0.35  # weight of how far a copy's colour, evened out, is from the guide's, where that is to be trusted
EVEN = 2.0  # pixels over which colours are compared with the guide
SEAM = 0.003  # what a seam costs for each pixel, though nobody sees it
CUT = 0.5  # and what it costs where one of the copies ends at it
NEVER = 100.0  # cost of what cannot be copied
UNITS = 2000  # of cost for 1: flows are whole numbers


class Copies:
    """A picture with a hole, and the offsets by which it may be filled.

    Args:
        image: (H, W, 3).
        hole: (H, W).
        offsets: by their numbers.
    """

    def __init__(self, image: Array, hole: Flags, offsets: Offsets) -> None:
        self.image, self.hole, self.offsets = image, hole, offsets

    def __call__(self, rows: Indices, columns: Indices, labels: Labels) -> tuple[Array, Flags]:
        """Colours (N, 3) that pixels get by labels, and whether there is something known to copy (N,)."""
        y, x = rows + self.offsets[labels, 0], columns + self.offsets[labels, 1]
        inside = (y >= 0) & (y < self.hole.shape[0]) & (x >= 0) & (x < self.hole.shape[1]) & (labels != OWN)
        y, x = np.where(inside, y, 0), np.where(inside, x, 0)
        return self.image[y, x], inside & ~self.hole[y, x]


def filled_by(copies: Copies, guide: Array, trust: float, start: Labels | None = None) -> Labels:
    """What fills each pixel of the hole: labels (H, W), OWN where nothing can be copied, and outside.

    Args:
        copies: to choose from.
        guide: (H, W, 3), a blurry filling that says what goes where.
        trust: in the guide, 0..1.
        start: labels (H, W) to better; None for those that are cheapest by themselves.
    """
    rows, columns = np.nonzero(copies.hole)
    kinds = np.repeat(np.arange(len(copies.offsets), dtype=np.int32)[:, None], len(rows), 1)
    colours, usable = copies(rows, columns, kinds)
    cost = np.where(usable, alone(copies, guide, kinds, trust), np.float32(NEVER))
    labels, each = cost.argmin(0).astype(np.int32), np.arange(len(rows))
    if start is not None:
        begun = start[rows, columns]
        labels = np.where(usable[begun, each] & (begun != OWN), begun, labels)
    labels = expanded(Seams(copies.hole, colours, usable), cost, labels)
    found = np.full(copies.hole.shape, OWN, np.int32)
    found[rows, columns] = np.where(usable[labels, each], labels, OWN)
    return found


def alone(copies: Copies, guide: Array, kinds: Labels, trust: float) -> Array:
    """What each label costs each lost pixel by itself (K, N): against the guide, and at the hole's edge."""
    hole, image = copies.hole, copies.image
    rows, columns = np.nonzero(hole)
    known = (~hole).astype(np.float32)
    wide = np.asarray(ndimage.gaussian_filter(image * known[..., None], (EVEN, EVEN, 0)), np.float32)
    near = np.asarray(ndimage.gaussian_filter(known, EVEN), np.float32)[..., None]
    even = Copies((wide / np.maximum(near, 1e-4)).astype(np.float32), hole, copies.offsets)
    wanted = np.asarray(ndimage.gaussian_filter(guide, (EVEN, EVEN, 0)), np.float32)[rows, columns]
    cost = np.float32(GUIDED * trust) * unlike(even(rows, columns, kinds)[0], wanted)
    for down, right in ASIDE:
        y, x, inside = beside(hole.shape, rows, columns, down, right)
        edge = np.flatnonzero(inside & ~hole[y, x])
        colour, usable = copies(y[edge], x[edge], kinds[:, edge])
        cost[:, edge] += np.where(usable, 2 * unlike(colour, image[y[edge], x[edge]]), np.float32(2 * CUT))
    return cost


class Seams:
    """What it costs where neighbouring lost pixels are copied by different offsets.

    Args:
        hole: (H, W).
        colours: (K, N, 3) of the lost pixels by each label.
        usable: (K, N).
    """

    def __init__(self, hole: Flags, colours: Array, usable: Flags) -> None:
        self.colours, self.usable = colours, usable
        number = np.full(hole.shape, -1)
        number[hole] = np.arange(int(hole.sum()))
        pairs = (number[:, :-1], number[:, 1:]), (number[:-1], number[1:])
        first, second = (np.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1))
        both = (first >= 0) & (second >= 0)
        self.first, self.second = first[both], second[both]

    def __call__(self, one: Labels, other: Labels) -> Array:
        """Of labels (P,) of the first and of the second pixel of each pair (P,)."""
        p, q = self.first, self.second
        cost = unlike(self.colours[one, p], self.colours[other, p])
        cost += unlike(self.colours[one, q], self.colours[other, q])
        cost = np.where(self.usable[one, q] & self.usable[other, p], cost, np.float32(CUT))
        return np.where(one == other, np.float32(0), cost + np.float32(SEAM))


def expanded(seams: Seams, cost: Array, labels: Labels) -> Labels:
    """Better labels (N,), with less cost of their own (K, N) and of their seams: one round of expansions."""
    each = np.arange(len(labels))
    total = cost[labels, each].sum() + seams(labels[seams.first], labels[seams.second]).sum()
    for label in range(len(cost)):
        progress(label, len(cost))
        better = np.where(expansion(seams, cost, labels, label), np.int32(label), labels)
        after = cost[better, each].sum() + seams(better[seams.first], better[seams.second]).sum()
        if after < total:
            labels, total = better, after
    return labels


def expansion(seams: Seams, cost: Array, labels: Labels, label: int) -> Flags:
    """Which pixels (N,) had better take a label, all at once: the least cut of a graph (Kolmogorov & Zabih 2004)."""
    p, q = seams.first, seams.second
    taken = np.full(len(p), label, np.int32)
    now, second, first = seams(labels[p], labels[q]), seams(labels[p], taken), seams(taken, labels[q])
    free = seams.usable[label] & (labels != label)
    both, one, other = free[p] & free[q], free[p] & ~free[q], ~free[p] & free[q]
    count = len(labels)
    dearer = cost[label] - cost[labels, np.arange(count)]
    dearer += np.bincount(p, np.where(both | one, first - now, 0), count)
    dearer += np.bincount(q, np.where(both, -first, np.where(other, second - now, 0)), count)
    taking = np.zeros(count, bool)
    if (dearer[free] < 0).any():
        place = np.cumsum(free) - 1
        pairs = place[p[both]], place[q[both]]
        taking[free] = cheaper(pairs, np.maximum(second + first - now, 0)[both], dearer[free])
    return taking


def cheaper(pairs: tuple[Indices, Indices], between: Array, own: Array) -> Flags:
    """Which of N pixels shall change so that it costs least, by a maximal flow.

    Args:
        pairs: pixels (P,) and their neighbours.
        between: what it costs (P,) where the second one changes and the first does not. At least 0.
        own: what each one's change costs (N,); less than 0 is a gain.
    """
    count = len(own)
    units = np.rint(own * UNITS)
    up, down = np.flatnonzero(units > 0), np.flatnonzero(units < 0)
    rows = np.concatenate([pairs[0], np.full(len(up), count), down])
    columns = np.concatenate([pairs[1], up, np.full(len(down), count + 1)])
    capacity = np.concatenate([np.rint(between * UNITS), units[up], -units[down]]).astype(np.int32)
    graph = sparse.csr_matrix((capacity, (rows, columns)), shape=(count + 2, count + 2))
    rest = graph - csgraph.maximum_flow(graph, count, count + 1).flow
    rest.data[rest.data < 0] = 0
    rest.eliminate_zeros()
    changing = np.ones(count + 2, bool)
    changing[csgraph.breadth_first_order(rest, count, return_predecessors=False)] = False
    return changing[:count]


def unlike(one: Array, other: Array) -> Array:
    """Distance of colours (..., 3)."""
    difference = one - other
    return np.sqrt(np.einsum("...c,...c->...", difference, difference))


def beside(
    shape: tuple[int, ...], rows: Indices, columns: Indices, down: int, right: int
) -> tuple[Indices, Indices, Flags]:
    """Rows and columns of pixels' neighbours, and whether they are in the picture; where not, the pixel itself."""
    y, x = rows + down, columns + right
    inside = (y >= 0) & (y < shape[0]) & (x >= 0) & (x < shape[1])
    return np.where(inside, y, rows), np.where(inside, x, columns), inside
