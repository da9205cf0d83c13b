"""A digit that somebody wrote, on paper or with the brush, as the networks know digits."""

from __future__ import annotations

from typing import Any

import numpy as np

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.lazy import ndimage

SIDE = 32
TALL = 20.0  # pixels of the longer side of a digit; MNIST's digits fill 20 of 28
STROKE = 2.4  # pixels that a stroke is at least wide
FAINT = 0.12  # contrast below which nothing is written
SPECK = 0.04  # parts of the largest stroke below which another one is dirt


def digit(picture: Array) -> Array:
    """A photo (H, W, 3) of one digit in 0..1, dark on light or light on dark, as ink (32, 32, 1), 1 where it is.

    Raises:
        ImgenError: there is nothing written in it.
    """
    grey = picture.mean(2)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    contrast = np.abs(grey - np.median(edge))
    strongest = float(np.percentile(contrast, 99.5))
    if strongest < FAINT:
        raise imgen.ImgenError("nothing is written there; give a photo of one digit, or brush it over the picture")
    return normal((contrast / strongest * 1.5 - 0.4).clip(0, 1))


def normal(ink: Array) -> Array:
    """Ink (H, W) in 0..1 as MNIST has it (32, 32, 1): its size, its place by the centre of mass, strokes wide enough.

    Raises:
        ImgenError: there is none.
    """
    ink = without_specks(ink)
    rows, columns = np.nonzero(ink > 0.5)
    if not len(rows):
        raise imgen.ImgenError("nothing is written there; give a photo of one digit, or brush it over the picture")
    tall = max(int(np.ptp(rows)), int(np.ptp(columns))) + 1
    ink = thickened(ink, tall)
    weight = ink / ink.sum()
    y, x = (float((weight.sum(1 - axis) * np.arange(n)).sum()) for axis, n in enumerate(ink.shape))
    step = tall / TALL  # pixels of the picture in one of the result
    matrix = np.array([[step, 0, x + 0.5 - step * SIDE / 2], [0, step, y + 0.5 - step * SIDE / 2]])
    margin = int(step * SIDE) + 2  # no ink beyond the picture's border
    padded = np.pad(ink, margin)[..., None].astype(np.float32)
    matrix[:, 2] += margin
    return faces.warp(padded, matrix, (SIDE, SIDE), order=1).clip(0, 1)


def without_specks(ink: Array) -> Array:
    """The same without dirt: what touches no stroke and is much smaller than the largest one."""
    found: Any = ndimage.label(ink > 0.3)
    parts, count = found
    if count < 2:
        return ink
    sizes = np.bincount(parts.ravel())[1:]
    kept = np.flatnonzero(sizes >= SPECK * sizes.max()) + 1
    near = ndimage.binary_dilation(np.isin(parts, kept), iterations=2)
    return np.where(near, ink, 0).astype(np.float32)


def thickened(ink: Array, tall: int) -> Array:
    """Strokes of a fine pen, made as wide as the digits have them that the networks know."""
    solid = ink > 0.5
    depth: Any = ndimage.distance_transform_edt(np.pad(solid, 1))
    ridge = depth[depth >= ndimage.maximum_filter(depth, 3) - 1e-6]
    width = 2 * float(np.median(ridge[ridge > 0])) - 1 if (ridge > 0).any() else 1.0
    missing = STROKE * tall / TALL - width
    if missing < 1:
        return ink
    side = 2 * round(missing / 2) + 1
    padded = np.pad(ink, side)
    y, x = np.ogrid[-(side // 2) : side // 2 + 1, -(side // 2) : side // 2 + 1]
    disc = x * x + y * y <= (side / 2) ** 2
    return ndimage.grey_dilation(padded, footprint=disc).astype(np.float32)
