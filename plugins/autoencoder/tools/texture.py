"""Large holes filled from the surroundings in whole pieces, by a shift-map that is made at a small size and refined.

A guide, the network's blurry filling, says what goes where; the pieces bring the texture and what repeats.
"""

from __future__ import annotations

import numpy as np

from imgen.contract.arrays import Array
from imgen.contract.context import portion
from imgen.image.resize import resize

from .finer import enlarged, nearest
from .holes import depth
from .offsets import Flags, Offsets, usual_offsets, wanted_offsets
from .seams import composed, levelled
from .shiftmap import OWN, Copies, Labels, filled_by

LOST = 7000  # lost pixels of the size at which pieces are chosen
LEAST = 8  # pixels of a side at least, where the photo has so many
KNOWN = 36  # half-width in pixels up to which a guide says what is in a hole; of wider ones it tells the less


def fill_texture(image: Array, hole: Flags, guide: Array, seed: int = 0) -> Array:
    """Fill the hole of `image` (H, W, 3) with pieces from outside it.

    Args:
        image: the picture.
        hole: (H, W), where the picture is unknown.
        guide: (h, w, 3), a smaller and complete version of the picture.
        seed: of the search for offsets; the same seed gives the same picture.

    Returns:
        A new (H, W, 3) picture, equal to `image` outside the hole. Where there is nothing to copy, the guide fills it.
    """
    guide = np.where(hole[..., None], resize(guide, image.shape), image)
    small, small_hole = shrink(image, hole, part(hole.shape, working(hole)))
    rng = np.random.default_rng(seed)
    wanted = wanted_offsets(small, small_hole, resize(guide, small_hole.shape), rng)
    offsets = np.concatenate([usual_offsets(small, small_hole, rng), wanted])
    if not len(offsets):
        return guide
    with portion(0, 2):
        labels, offsets = chosen(image, hole, guide, small_hole.shape, offsets)
    picture, change = guide, None
    sizes = growing(small_hole.shape, hole.shape)
    for i, size in enumerate(sizes):
        with portion(len(sizes) + i, 2 * len(sizes)):
            labels, copies = enlarged(labels, offsets, *shrink(image, hole, size))
            offsets = copies.offsets
            picture = composed(copies, labels, resize(guide, size))
            change = levelled(copies, labels, picture, change)
    return np.where(hole[..., None], (picture if change is None else picture + change).clip(0, 1), image)


def working(hole: Flags) -> float:
    """The scale at which pieces are chosen."""
    return min(1.0, (LOST / max(1, int(hole.sum()))) ** 0.5)


def part(size: tuple[int, ...], scale: float) -> tuple[int, int]:
    """Height and width at that scale, not much smaller than a patch."""
    height, width = (min(n, max(LEAST, round(n * scale))) for n in size)
    return height, width


def chosen(image: Array, hole: Flags, guide: Array, size: tuple[int, ...], offsets: Offsets) -> tuple[Labels, Offsets]:
    """The pieces that fill a hole, at that size: labels (h, w), and the offsets that they are of.

    A few of many offsets are chosen at half the size, and find their places at the whole one.
    """
    half, half_hole = shrink(image, hole, tuple(min(n, max(LEAST, n // 2)) for n in size))
    trust = min(1.0, KNOWN / float(depth(hole).max()))
    with portion(0, 2):
        copies = Copies(half, half_hole, np.rint(offsets / 2).astype(np.int32))
        coarse = filled_by(copies, resize(guide, half_hole.shape), trust)
    small, small_hole = shrink(image, hole, size)
    used = np.unique(coarse[coarse != OWN])
    if not len(used):
        used = np.arange(len(offsets))
    start = nearest(coarse, small_hole)
    start = np.where(start == OWN, OWN, np.searchsorted(used, start)).astype(np.int32)
    with portion(1, 2):
        copies = Copies(small, small_hole, offsets[used])
        return filled_by(copies, resize(guide, size), trust, start), offsets[used]


def growing(start: tuple[int, ...], full: tuple[int, ...]) -> list[tuple[int, int]]:
    """Sizes from the first to the full one, each at most twice the one before."""
    count = int(np.ceil(np.log2(max(f / s for f, s in zip(full, start, strict=True))) - 1e-6))
    shares = [(i + 1) / max(1, count) for i in range(count)]
    between = [tuple(round(s * (f / s) ** share) for f, s in zip(full, start, strict=True)) for share in shares]
    return [(start[0], start[1]), *((size[0], size[1]) for size in between)]


def shrink(image: Array, hole: Flags, shape: tuple[int, ...]) -> tuple[Array, Flags]:
    """Picture and hole at a smaller size; known pixels are averaged without what is in the hole."""
    if shape == hole.shape:
        return image, hole
    known = (~hole).astype(np.float32)
    weight = resize(known[..., None], shape)
    mean = resize(image * known[..., None], shape) / np.maximum(weight, 1e-3)
    return np.where(weight > 0.5, mean, np.float32(0.5)), weight[..., 0] <= 0.5
