"""Holes in a picture: which there are, how thick, and how much of the surroundings each needs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.lazy import ndimage

NEAR = 8  # pixels; holes less than twice as far apart are one
Sides = tuple[tuple[bool, bool], tuple[bool, bool]]


class Region(NamedTuple):
    """One hole: a box with the context that it needs, its own pixels in the box, its half-width, and whether it
    reaches the photo's border above, below, left and right.
    """

    area: tuple[slice, slice]
    own: NDArray[np.bool_]
    thickness: float
    open: Sides


def connected(hole: NDArray[np.bool_]) -> list[Region]:
    """The holes, thin ones first: what they repair is context for the others. Near ones count as one."""
    around = surrounded(hole)  # a photo is large, and what is lost in it mostly is not
    labelled: Any = ndimage.label(ndimage.binary_dilation(hole[around], iterations=NEAR))
    labels, count = labelled
    regions: list[Region] = []
    for number, inner in enumerate(ndimage.find_objects(labels, count), 1):
        box = shifted(inner, [s.start for s in around])
        mine = (labels[inner] == number) & hole[box]
        thickness = float(depth(hole[box])[mine].max())  # all known pixels next to it are in its box
        area = grown(box, thickness, hole.shape)
        own = np.zeros([s.stop - s.start for s in area], bool)
        own[shifted(box, [-s.start for s in area])] = mine
        regions.append(Region(area, own, thickness, reached(own, area, hole.shape)))
    return sorted(regions, key=lambda region: region.thickness)


def surrounded(hole: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The box of all that is lost, with what counts as near."""
    lines = [np.flatnonzero(hole.any(axis)) for axis in (1, 0)]
    top, left = (slice(max(0, int(line[0]) - NEAR), int(line[-1]) + NEAR + 1) for line in lines)
    return top, left


def shifted(box: tuple[slice, slice], by: list[int]) -> tuple[slice, slice]:
    """A box elsewhere."""
    rows, columns = (slice(s.start + n, s.stop + n) for s, n in zip(box, by, strict=True))
    return rows, columns


def reached(own: NDArray[np.bool_], area: tuple[slice, slice], shape: tuple[int, ...]) -> Sides:
    """Which sides of the photo the hole in this box touches: (above, below), (left, right)."""
    (top, left), (bottom, right) = (s.start for s in area), (s.stop for s in area)
    rows = top == 0 and bool(own[0].any()), bottom == shape[0] and bool(own[-1].any())
    return rows, (left == 0 and bool(own[:, 0].any()), right == shape[1] and bool(own[:, -1].any()))


def depth(hole: NDArray[np.bool_]) -> Array:
    """How far each lost pixel is from a known one."""
    return np.asarray(ndimage.distance_transform_edt(hole), np.float32)


def grown(area: tuple[slice, slice], thickness: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """A box widened by enough context for holes of that half-width."""
    margin = int(64 + min(4 * thickness, 768))
    rows, columns = (slice(max(0, s.start - margin), min(n, s.stop + margin)) for s, n in zip(area, shape, strict=True))
    return rows, columns


def mirrored_out(
    image: Array, hole: NDArray[np.bool_], margin: int, open_sides: Sides
) -> tuple[Array, NDArray[np.bool_], tuple[slice, slice]]:
    """Picture and hole mirrored beyond the sides that the hole touches, so that the network sees the known part on
    both sides of it; and where the picture itself is in that.
    """
    rows, columns = (
        tuple(min(n, margin) if side else 0 for side in sides) for n, sides in zip(hole.shape, open_sides, strict=True)
    )
    within = slice(rows[0], rows[0] + hole.shape[0]), slice(columns[0], columns[0] + hole.shape[1])
    wide = np.pad(image, (rows, columns, (0, 0)), mode="symmetric")
    return wide, np.pad(hole, (rows, columns), mode="symmetric"), within


def scaled(hole: NDArray[np.bool_], scale: float) -> tuple[int, int]:
    """Height and width at that scale."""
    return max(8, round(hole.shape[0] * scale)), max(8, round(hole.shape[1] * scale))
