"""Pictures as they might also have been: cut otherwise, in another light."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from .data import Crop
from .pairs import resize
from .transforms import functional


def square(photo: Crop, rng: np.random.Generator, size: int, least: float = 0.7) -> Crop:
    """A random square of at least that part of the shorter side, at that size, flipped or not."""
    side = max(1, round(min(photo.shape[:2]) * rng.uniform(least, 1)))
    top, left = (int(rng.integers(n - side + 1)) for n in photo.shape[:2])
    cut = photo[top : top + side, left : left + side]
    return resize(cut if rng.random() < 0.5 else cut[:, ::-1], size, size)


def jitter(photo: Crop, rng: np.random.Generator) -> NDArray[np.float32]:
    """Another light: white balance, brightness, saturation and contrast a little off; 0..1."""
    x = torch.from_numpy(photo.copy()).permute(2, 0, 1).float() / 255
    x = x * torch.from_numpy(rng.uniform(0.85, 1.15, (3, 1, 1)).astype(np.float32))
    x = functional.adjust_brightness(x, rng.uniform(0.75, 1.25))
    x = functional.adjust_saturation(x, rng.uniform(0.4, 1.3) if rng.random() > 0.1 else 0.0)
    return functional.adjust_contrast(x, rng.uniform(0.75, 1.25)).permute(1, 2, 0).numpy()
