"""Pictures as they might also have been: cut otherwise, in another light, or aged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .data import Crop
from .pairs import resize


def square(photo: Crop, rng: np.random.Generator, size: int, least: float = 0.7) -> Crop:
    """A random square of at least that part of the shorter side, at that size, flipped or not."""
    side = max(1, round(min(photo.shape[:2]) * rng.uniform(least, 1)))
    top, left = (int(rng.integers(n - side + 1)) for n in photo.shape[:2])
    cut = photo[top : top + side, left : left + side]
    return resize(cut if rng.random() < 0.5 else cut[:, ::-1], size, size)


def fade(light: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """What age does to a print, for some of the pictures: less contrast, another gamma, grain."""
    if rng.random() < 0.6:
        return light
    low, high = rng.uniform(0, 0.2), rng.uniform(0.8, 1)
    faded = low + (high - low) * light.clip(0, 1) ** rng.uniform(0.7, 1.4)
    grain = rng.standard_normal(light.shape, dtype=np.float32) * rng.uniform(0, 0.04)
    return np.asarray(faded + grain, np.float32)


def jitter(photo: Crop, rng: np.random.Generator) -> NDArray[np.float32]:
    """Another light: contrast, brightness, saturation and white balance a little off; 0..1."""
    x = photo.astype(np.float32) / 255
    x = x * rng.uniform(0.85, 1.15, 3).astype(np.float32) * np.float32(rng.uniform(0.75, 1.25))
    grey = x.mean(2, keepdims=True)
    x = grey + (x - grey) * np.float32(rng.uniform(0.4, 1.3) if rng.random() > 0.1 else 0)
    middle = x.mean()
    return np.asarray((middle + (x - middle) * np.float32(rng.uniform(0.75, 1.25))).clip(0, 1), np.float32)


def draw_hints(lab: NDArray[np.float32], out: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Write one to some twenty dots into `out` (H, W, 3): the mean colour of the patch below each, and 1."""
    for _ in range(int(rng.geometric(0.15))):
        radius = int(rng.integers(1, 5))
        y, x = (int(rng.integers(radius, n - radius)) for n in lab.shape[:2])
        patch = np.s_[y - radius : y + radius + 1, x - radius : x + radius + 1]
        out[patch] = [*lab[patch][..., 1:].mean((0, 1)) / 100, 1]
