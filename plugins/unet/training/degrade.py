"""What age, lenses and files do to a picture that a network is shown."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from imgen.training.corrupt import jpeg
from imgen.training.transforms import functional


def fade(light: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """What age does to a print, for some of the pictures: less contrast, another gamma, grain."""
    if rng.random() < 0.6:
        return light
    low, high = rng.uniform(0, 0.2), rng.uniform(0.8, 1)
    faded = low + (high - low) * light.clip(0, 1) ** rng.uniform(0.7, 1.4)
    grain = rng.standard_normal(light.shape, dtype=np.float32) * rng.uniform(0, 0.04)
    return np.asarray(faded + grain, np.float32)


def wear(values: NDArray[np.float32], rng: np.random.Generator, chance: float) -> NDArray[np.float32]:
    """Blur, grain and JPEG's blocks on (H, W, C) in 0..1, each with that chance; may leave 0..1 a little."""
    worn = np.asarray(values, np.float32)
    if rng.random() < chance:
        sigma = rng.uniform(0.4, 1.6)
        planes, side = torch.from_numpy(worn.transpose(2, 0, 1)), 2 * math.ceil(3 * sigma) + 1
        worn = functional.gaussian_blur(planes, [side, side], [sigma, sigma]).permute(1, 2, 0).numpy()
    if rng.random() < chance:
        grain = rng.standard_normal((*worn.shape[:2], 1), dtype=np.float32)
        worn = worn + grain * np.float32(rng.uniform(0, 0.06))
    if rng.random() < chance:
        worn = jpeg(worn.clip(0, 1), int(rng.integers(20, 90)))
    return np.asarray(worn, np.float32)
