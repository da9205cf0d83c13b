"""A drawn change of a face: in colours that faces have, and into the photo with the photo's own detail."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract.arrays import Array
from ..engine.plugins import model
from ..lazy import ndimage
from .crop import CLOSE, Crop, Face, align, averaged, oval, put_back, resized, side_of
from .detail import detailed

COLOURS = "core/face-colours"
EVEN = 0.6  # pixels over which a change is averaged: a decoder of shuffled pixels leaves a pattern of two
RARE = 0.002  # part of a face's pixels whose colours do not count as its own
INSIDE = 0.5  # of the oval, in which the face's own colours are
REDDER = 0.08  # of 0..1, by which a change may be redder than the face is anywhere
LARGEST = 512  # side of a crop in pixels; larger faces get their change enlarged from this


def put_change(image: Array, face: Face, before: Array, after: Array, crop: Crop, hard: Array | None = None) -> Array:
    """The photo (H, W, 3) with the change from `before` to `after`, both drawn (S, S, 3); for `hard` see `detailed`."""
    side = side_of(face, crop, len(before), LARGEST)
    photo = align(image, face, side, crop)
    return put_back(image, face, photo, detailed(photo, before, after, hard), crop)


def changed(before: Array, after: Array) -> Array:
    """What is drawn of a close face (S, S, 3) with a change: inside an oval, evened out, in colours that faces have."""
    change = np.asarray(ndimage.gaussian_filter(after - before, EVEN, mode="nearest", axes=(0, 1)), np.float32)
    shape = oval(len(before), CLOSE)
    reddest = np.quantile(opponents(before[shape[..., 0] > INSIDE])[0], 1 - RARE) + np.float32(REDDER)
    return np.asarray(before + shape * toned(change, opponents(before)[0], reddest), np.float32)


def toned(change: Array, red: Array, reddest: np.floating[Any]) -> Array:
    """The same change of light (S, S, 3), in colours by which faces differ, or redder: as lips are, and open mouths.

    Where a decoder is led far, as to an open mouth, it overshoots, and most of all in colour.

    Args:
        change: of a drawn face.
        red: what that has more of red than of green (S, S).
        reddest: as much as its other parts may have of that.
    """
    light, (warm, cold) = change.mean(2), opponents(change)
    drawn = limited(warm, red, reddest)
    warm, cold = usual(np.stack([warm, cold], 2))
    warm = np.maximum(drawn, limited(warm, red, reddest))
    both = (3 * light - cold) * np.float32(2 / 3)  # red and green
    return np.stack([(both + warm) / 2, (both - warm) / 2, cold + both / 2], 2)


def limited(change: Array, red: Array, reddest: np.floating[Any]) -> Array:
    """A change (S, S) of what is red by `red` that makes it no redder than that."""
    return (red + change).clip(None, reddest) - red.clip(None, reddest)


def usual(change: Array) -> tuple[Array, Array]:
    """The nearest to a change of colours, opponents (S, S, 2), by which two faces could differ; (S, S) each."""
    network = model(COLOURS)
    small = averaged(change, len(change) // network.settings["side"])
    made = network(change=np.ascontiguousarray(small.transpose(2, 0, 1)[None]))[0]
    warm, cold = np.moveaxis(resized(made.transpose(1, 2, 0), len(change)), 2, 0)
    return warm, cold


def opponents(picture: Array) -> tuple[Array, Array]:
    """Red less green, and blue less the mean of both (...) each, of a picture (..., 3)."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    return red - green, blue - (red + green) / 2
