"""Dots of colour as a user would set them, and hues turned, so that dots count more than habit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_hints(lab: NDArray[np.float32], out: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Write one to some twenty dots into `out` (H, W, 3): the mean colour of the patch below each, and 1."""
    for _ in range(int(rng.geometric(0.15))):
        radius = int(rng.integers(1, 5))
        y, x = (int(rng.integers(radius, n - radius)) for n in lab.shape[:2])
        patch = np.s_[y - radius : y + radius + 1, x - radius : x + radius + 1]
        out[patch] = [*lab[patch][..., 1:].mean((0, 1)) / 100, 1]


def turn_hues(lab: NDArray[np.float32], rng: np.random.Generator, most: float = 1.0) -> None:
    """Turn all hues of a picture (H, W, 3) in Lab by up to `most` radians, in place."""
    angle = rng.uniform(-most, most)
    a, b = lab[..., 1].copy(), lab[..., 2].copy()
    lab[..., 1], lab[..., 2] = a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)
