"""A drawn change of a face: in colours that the face has, and into the photo with the photo's own detail."""

from __future__ import annotations

import numpy as np

from ..contract.arrays import Array
from ..lazy import ndimage
from .crop import Crop, Face, align, oval, put_back, side_of
from .detail import detailed

EVEN = 0.6  # pixels over which a change is averaged: a decoder of shuffled pixels leaves a pattern of two
RARE = 0.002  # part of a face's pixels whose colours do not count as its own
INSIDE = 0.5  # of the oval, in which the face's own colours are
GREENER, REDDER, YELLOWER, BLUER = 0.02, 0.08, 0.05, 0.01  # of 0..1, by which a change may leave the face's colours
LARGEST = 512  # side of a crop in pixels; larger faces get their change enlarged from this


def put_change(image: Array, face: Face, before: Array, after: Array, crop: Crop, hard: Array | None = None) -> Array:
    """The photo (H, W, 3) with the change from `before` to `after`, both drawn (S, S, 3); for `hard` see `detailed`."""
    side = side_of(face, crop, len(before), LARGEST)
    photo = align(image, face, side, crop)
    return put_back(image, face, photo, detailed(photo, before, after, hard), crop)


def changed(before: Array, after: Array, crop: Crop) -> Array:
    """What is drawn of a face (S, S, 3) with a change: inside an oval, evened out, in colours that a face has."""
    change = np.asarray(ndimage.gaussian_filter(after - before, EVEN, mode="nearest", axes=(0, 1)), np.float32)
    shape = oval(len(before), crop)
    own = opponents(before[shape[..., 0] > INSIDE])
    change = toned(before + change, own) - toned(before, own)  # so that no change is none
    return np.asarray(before + shape * change, np.float32)


def toned(drawn: Array, own: tuple[Array, Array]) -> Array:
    """The same light (S, S, 3), and hardly greener, bluer or redder than the face's own colours, see `opponents`.

    Where a decoder is led far, as to a beard, it overshoots, and most of all in colour.
    """
    light, (warm, cold) = drawn.mean(2), opponents(drawn)
    warm = within(warm, own[0], GREENER, REDDER)
    cold = within(cold, own[1], YELLOWER, BLUER)
    both = (3 * light - cold) * np.float32(2 / 3)  # red and green
    return np.stack([(both + warm) / 2, (both - warm) / 2, cold + both / 2], 2)


def within(values: Array, known: Array, below: float, above: float) -> Array:
    """Values no further below or above than that from what is known."""
    low, high = np.quantile(known, [RARE, 1 - RARE]).astype(np.float32)
    return values.clip(low - np.float32(below), high + np.float32(above))


def opponents(picture: Array) -> tuple[Array, Array]:
    """Red less green, and blue less the mean of both (...) each, of a picture (..., 3)."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    return red - green, blue - (red + green) / 2
