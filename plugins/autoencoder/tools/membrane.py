"""Seams of a filled hole: the error at its edge, spread over it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from imgen.contract.arrays import Array
from imgen.image.resize import resize
from imgen.lazy import ndimage

Flags = NDArray[np.bool_]
SHALLOW = 24  # half-width of the hole in pixels at the size at which its edge's error is spread


def faded(values: Array, hole: Flags, reach: float = 4.0) -> Array:
    """What is known just outside a hole carried into it, fading out over some pixels; 0 outside."""
    found: Any = ndimage.distance_transform_edt(hole, return_indices=True)
    distance, (rows, columns) = found
    fade = np.where(hole, np.exp(-distance / reach), 0)[..., None]
    return (fade * values[rows, columns]).astype(np.float32)


def membrane(values: Array, known: Flags, hole: Flags) -> Array:
    """What is known at a hole's edge spread over it like a membrane: Laplace's equation (Pérez et al., 2003).

    Args:
        values: (H, W, C), read where `known`; smooth, as it is computed at a smaller size.
        known: (H, W), the edge.
        hole: (H, W); the result is 0 outside.
    """
    scale = min(1.0, SHALLOW / float(np.asarray(ndimage.distance_transform_edt(hole)).max()))
    shape = max(8, round(hole.shape[0] * scale)), max(8, round(hole.shape[1] * scale))
    spread = relaxed(*averaged(values, known.astype(np.float32), shape))
    return np.where(hole[..., None], resize(spread, hole.shape, Pillow.Resampling.BILINEAR), 0)


def averaged(values: Array, known: Array, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Known values at a smaller size, and where there are any."""
    weight = resize(known[..., None], shape)
    mean = resize(values * known[..., None], shape) / np.maximum(weight, 1e-6)
    return mean.astype(np.float32), (weight[..., 0] > 0.1).astype(np.float32)


def relaxed(values: Array, known: Array) -> Array:
    """Unknown values as the mean of their neighbours: from the solution at half the size, by repeated averaging."""
    if min(known.shape) < 4 or known.all():
        filled = np.broadcast_to((values * known[..., None]).sum((0, 1)) / max(1.0, float(known.sum())), values.shape)
    else:
        half = -(-known.shape[0] // 2), -(-known.shape[1] // 2)
        filled = resize(relaxed(*averaged(values, known, half)), known.shape, Pillow.Resampling.BILINEAR)
    held = known[..., None] > 0
    x = np.where(held, values, filled)
    for _ in range(12):
        wide = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
        around = (wide[2:, 1:-1] + wide[:-2, 1:-1] + wide[1:-1, 2:] + wide[1:-1, :-2]) / 4
        x = np.where(held, values, around)
    return x.astype(np.float32)
