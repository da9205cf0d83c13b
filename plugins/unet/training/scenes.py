"""Pictures to learn subjects from: parts of photos, sometimes with another photo's subject pasted into them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.training.augment import jitter
from imgen.training.pairs import Pairs, resize

from .degrade import wear

PASTED, EMPTY, WORN = 0.3, 0.06, 0.12  # chances


class Scene(NamedTuple):
    """A picture with two subjects apart.

    Attributes:
        photo: (S, S, 3) in 0..1.
        first: mask (S, S, 1) of the photo's own subject, less what covers it.
        second: that of the pasted one; zeros where there is none.
    """

    photo: Array
    first: Array
    second: Array


def draw(pairs: Pairs, rng: np.random.Generator, size: int) -> Scene:
    """A random scene of `size` pixels squared."""
    drawn = without_subject(pairs, rng) if rng.random() < EMPTY else None
    photo, mask = drawn or pairs.draw(rng, 0.55)
    made, first = jitter(resize(photo, size, size), rng), resize(mask, size, size).astype(np.float32) / np.float32(255)
    second = np.zeros_like(first)
    if drawn is None and rng.random() < PASTED:
        made, second = pasted(made, pairs, rng)
        first = first * (1 - second)
    return Scene(wear(made, rng, WORN).clip(0, 1), first, second)


def without_subject(pairs: Pairs, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
    """A small part of a photo in which there is no subject, if the first try finds one: there may be nothing."""
    photo, mask = pairs.draw(rng, 0.9)
    sides = [max(1, round(n * rng.uniform(0.3, 0.6))) for n in photo.shape[:2]]
    top, left = (int(rng.integers(n - side + 1)) for n, side in zip(photo.shape[:2], sides, strict=True))
    area = np.s_[top : top + sides[0], left : left + sides[1]]
    return (photo[area], mask[area]) if mask[area].max() < 6 else None


def pasted(base: Array, pairs: Pairs, rng: np.random.Generator) -> tuple[Array, Array]:
    """`base` (S, S, 3) with another photo's subject over it, smaller and anywhere; and its mask (S, S, 1)."""
    size = base.shape[0]
    photo, mask = pairs.draw(rng, 0.9)
    side = max(8, round(size * rng.uniform(0.45, 1)))
    top, left = (int(rng.integers(-side // 4, size - 3 * side // 4 + 1)) for _ in range(2))
    inside = np.s_[max(0, top) : min(size, top + side), max(0, left) : min(size, left + side)]
    part = np.s_[inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left]
    over, whole = np.zeros((size, size, 1), np.float32), base.copy()
    over[inside] = (resize(mask, side, side).astype(np.float32) / np.float32(255))[part]
    whole[inside] += over[inside] * (jitter(resize(photo, side, side), rng)[part] - whole[inside])
    return whole, over
