"""The guided filter: carry a small map to a photo's full size along the photo's own edges.

References: guided image filter (He et al., TPAMI 2013), its fast form, fitted at a small size and applied at the
full one (He & Sun, arXiv 1505.00996).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ..contract.arrays import Array
from ..contract.context import progress
from ..lazy import ndimage
from .resize import resize

STRIP = 1 << 20  # pixels that are worked on at once, so that a large photo needs little memory


def fit(guide: Array, target: Array, radius: int, eps: float) -> Array:
    """Around each pixel, the linear map from `guide` to `target` that fits best.

    Args:
        guide: (h, w, C), values about 0..1.
        target: (h, w, T).
        radius: half the side of the window in pixels.
        eps: variance of the guide below which a window counts as flat, so that its target is averaged.

    Returns:
        Coefficients (h, w, (C + 1) * T), to be enlarged and given to `predict`.
    """
    x, y = (np.ascontiguousarray(np.moveaxis(values, 2, 0), np.float32) for values in (guide, target))
    channels, made, pairs = len(x), len(y), pairs_of(len(x))
    products = [x[a] * x[b] for a, b in pairs]
    means = smoothed(np.concatenate([x, y, products, (x[:, None] * y).reshape(-1, *x.shape[1:])]), radius)
    parts: Any = np.split(means, np.cumsum([channels, made, len(pairs)]))
    mean_x, mean_y, squares, shared = parts
    shared = shared.reshape(channels, made, *x.shape[1:]) - mean_x[:, None] * mean_y
    covariance = [plane - mean_x[a] * mean_x[b] + eps * (a == b) for plane, (a, b) in zip(squares, pairs, strict=True)]
    slope = divided(covariance, shared)
    offset = mean_y - (slope * mean_x[:, None]).sum(0)
    return np.moveaxis(smoothed(np.concatenate([slope.reshape(-1, *x.shape[1:]), offset]), radius), 0, 2)


def pairs_of(channels: int) -> list[tuple[int, int]]:
    """What a symmetric matrix is made of: its upper triangle, row by row."""
    return [(a, b) for a in range(channels) for b in range(a, channels)]


def divided(matrix: Sequence[NDArray[Any]], right: Array) -> Array:
    """Solve a small symmetric system at each pixel.

    Args:
        matrix: its upper triangle, row by row, (h, w) each.
        right: (C, T, h, w).
    """
    channels = len(right)
    wide = [np.asarray(plane, np.float64) for plane in matrix]
    if channels == 1:
        return (right / wide[0]).astype(np.float32)
    if channels == 3:  # by cofactors: several times as fast as LAPACK, called for each pixel
        a, b, c, d, e, f = wide
        rows = (d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b)
        scale = 1 / (a * rows[0] + b * rows[1] + c * rows[2])
        order = ((0, 1, 2), (1, 3, 4), (2, 4, 5))
        turned = [sum(rows[place] * part for place, part in zip(row, right, strict=True)) * scale for row in order]
        return np.asarray(turned, np.float32)
    whole = np.empty((*wide[0].shape, channels, channels))
    for plane, (a, b) in zip(wide, pairs_of(channels), strict=True):
        whole[..., a, b] = whole[..., b, a] = plane
    solved = np.linalg.solve(whole, np.moveaxis(right, (0, 1), (2, 3)).astype(np.float64))
    return np.moveaxis(solved, (2, 3), (0, 1)).astype(np.float32)


def predict(coefficients: Array, guide: Array) -> Array:
    """(H, W, T) of `guide` (H, W, C) and the coefficients enlarged to (H, W, (C + 1) * T)."""
    channels = guide.shape[2]
    both = coefficients.reshape(*guide.shape[:2], channels + 1, -1)
    result = both[:, :, channels].copy()
    for c in range(channels):
        result += both[:, :, c] * guide[..., c : c + 1]
    return result


def transferred(image: Array, small: Array, target: Array, radius: int, eps: float) -> Array:
    """`target` (h, w, T), which belongs to `small` (h, w, C), at the size of `image` (H, W, C), strip by strip.

    Reports progress and stops a cancelled run.
    """
    coefficients = fit(small, target, radius, eps)
    height, width = image.shape[:2]
    result = np.empty((height, width, target.shape[2]), np.float32)
    for rows in strips(height, width):
        progress(rows.start, height)
        result[rows] = predict(enlarged(coefficients, rows, height, width), image[rows])
    return result


def box(values: Array, radius: int) -> Array:
    """Mean of (H, W, C) over squares of 2 * radius + 1; the border is continued."""
    return np.moveaxis(smoothed(np.ascontiguousarray(np.moveaxis(values, 2, 0), np.float32), radius), 0, 2)


def smoothed(planes: Array, radius: int) -> Array:
    """Each plane of (N, h, w) as means over squares of 2 * radius + 1; the border is continued."""
    smooth: Any = ndimage.uniform_filter(planes, 2 * radius + 1, mode="nearest", axes=(1, 2))
    return smooth


def strips(height: int, width: int) -> Iterator[slice]:
    """Rows to work on at once."""
    count = max(1, STRIP // width)
    for top in range(0, height, count):
        yield slice(top, min(height, top + count))


def enlarged(small: Array, rows: slice, height: int, width: int) -> Array:
    """Those rows of `small` (h, w, C) at (height, width), bilinear; strips fit together without a seam."""
    scale = small.shape[0] / height
    reach = 2 + math.ceil(scale)  # rows of the small one that have a part in a row of the large one, and one to spare
    first, last = max(0, int(rows.start * scale) - reach), int(rows.stop * scale) + reach
    part = (0, rows.start * scale - first, small.shape[1], rows.stop * scale - first)
    out = np.empty((rows.stop - rows.start, width, small.shape[2]), np.float32)
    for c in range(small.shape[2]):
        plane = Pillow.fromarray(np.ascontiguousarray(small[first:last, :, c]))
        out[..., c] = np.asarray(plane.resize((width, len(out)), Pillow.Resampling.BILINEAR, box=part))
    return out


def reduced(image: Array, height: int, width: int) -> Array:
    """(H, W, C) at another size: area means where it shrinks, bilinear where it grows."""
    return resize(image, (height, width), Pillow.Resampling.BILINEAR)


def size_near(shape: tuple[int, ...], side: int, multiple: int = 1) -> tuple[int, int]:
    """Height and width of about side² pixels in the picture's proportions, none under `multiple`.

    Extreme proportions are made milder: no side is longer than four times `side`.
    """
    height, width = shape[:2]
    scale = side / (height * width) ** 0.5
    h, w = (min(4 * side, max(multiple, round(n * scale / multiple) * multiple)) for n in (height, width))
    return h, w
