"""Grain: something that a network can make brush strokes of where a photo shows nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgen.lazy import ndimage

Array = NDArray[np.float32]

SIZES = (1.0, 4.0)  # spread of the grains in pixels, small and large ones in equal parts


def grain(height: int, width: int, rng: np.random.Generator) -> Array:
    """Grey noise (height, width, 1) with the mean 0 and the spread 1."""
    total = np.zeros((height, width, 1), np.float32)
    for size in SIZES:
        noise = ndimage.gaussian_filter(rng.standard_normal((height, width, 1), dtype=np.float32), (size, size, 0))
        total += noise / max(1e-6, float(noise.std()))
    return total / np.float32(len(SIZES) ** 0.5)
