"""A drawn change in a photo's own detail, which is kept where the change is soft and replaced where it is hard."""

from __future__ import annotations

import numpy as np

from ..contract.arrays import Array
from ..lazy import ndimage
from .crop import resized

SOFT, HARD = 0.06, 0.17  # of 0..1: a change below keeps all detail, one above none
REACH = 7  # pixels of the drawn crop: a hard change takes so much of what is around with it
NEAR, FAR = 1.5, 4.0  # over which a change is averaged, and a photo's light is
FINEST = 0.8  # pixels of the drawn crop below which detail is grain


def detailed(photo: Array, before: Array, after: Array, hard: Array | None = None) -> Array:
    """The face (S, S, 3) as it shall be.

    Where it changes softly, all that the photo has beside what was drawn is added to what is drawn now. Where it
    changes hard, teeth behind lips or eyes behind dark glasses must not show through: there only the photo's light is
    added, and grain as strong as the photo's own.

    Args:
        photo: the face's crop, (S, S, 3).
        before: what is drawn of it, (D, D, 3).
        after: what is drawn of it with the change, (D, D, 3).
        hard: what is drawn of it with the part of the change that detail can stand in the way of; None for all of it.
    """
    side = len(photo)
    scale = side / len(before)
    rest = resized(photo, len(before)) - before
    light = np.asarray(ndimage.gaussian_filter(rest, FAR, mode="nearest", axes=(0, 1)), np.float32)
    soft = photo + resized(after - before, side)
    drawn = resized(after + light, side) + grain(photo, scale)
    part = resized(hardness((after if hard is None else hard) - before), side).clip(0, 1)
    return np.asarray(soft + part * (drawn - soft), np.float32)


def hardness(change: Array) -> Array:
    """How hard a change (D, D, 3) is at each place, (D, D, 1) in 0..1."""
    strength = np.abs(change).max(2, keepdims=True)
    around = ndimage.grey_closing(ndimage.gaussian_filter(strength, 1, axes=(0, 1)), (2 * REACH + 1, 2 * REACH + 1, 1))
    near = ndimage.gaussian_filter(around, NEAR, mode="nearest", axes=(0, 1))
    part = np.asarray((near - SOFT) / (HARD - SOFT), np.float32).clip(0, 1)
    return part * part * (3 - 2 * part)


def grain(photo: Array, scale: float) -> Array:
    """Noise (S, S, 1), as strong and as fine as what a drawn face lacks of a photo (S, S, 3) on the plainer half of it.

    Args:
        photo: the face's crop.
        scale: its pixels for one that is drawn.
    """
    if scale <= 1:
        return np.zeros((*photo.shape[:2], 1), np.float32)
    grey = photo.mean(2)
    fine = grey - ndimage.gaussian_filter(grey, FINEST * scale, mode="nearest")
    strength = float(np.median(np.abs(fine))) * 1.48  # of a normal distribution, its standard deviation
    noise = np.random.default_rng(0).standard_normal(grey.shape, dtype=np.float32)
    noise = ndimage.gaussian_filter(noise, min(1.0, 0.4 * scale), mode="nearest")
    noise -= ndimage.gaussian_filter(noise, FINEST * scale, mode="nearest")
    return np.asarray(noise * (strength / max(1e-6, float(noise.std()))), np.float32)[..., None]
