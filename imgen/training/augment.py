"""Pictures as they might also have been: cut otherwise, in another light, or aged."""

from __future__ import annotations

import cv2
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


def wear(values: NDArray[np.float32], rng: np.random.Generator, chance: float) -> NDArray[np.float32]:
    """Blur, grain and JPEG's blocks on (H, W, C) in 0..1, each with that chance; may leave 0..1 a little."""
    shape, worn = values.shape, np.asarray(values, np.float32)
    if rng.random() < chance:
        worn = np.asarray(cv2.GaussianBlur(worn, (0, 0), rng.uniform(0.4, 1.6)), np.float32).reshape(shape)
    if rng.random() < chance:
        grain = rng.standard_normal((*shape[:2], 1), dtype=np.float32)
        worn = worn + grain * np.float32(rng.uniform(0, 0.06))
    if rng.random() < chance:
        coded = (worn.clip(0, 1) * 255).round().astype(np.uint8)
        packed = cv2.imencode(".jpg", coded, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])[1]
        decoded = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
        worn = decoded.reshape(shape).astype(np.float32) / np.float32(255)
    return np.asarray(worn, np.float32)


def turn_hues(lab: NDArray[np.float32], rng: np.random.Generator, most: float = 1.0) -> None:
    """Turn all hues of a picture (H, W, 3) in Lab by up to `most` radians, in place."""
    angle = rng.uniform(-most, most)
    a, b = lab[..., 1].copy(), lab[..., 2].copy()
    lab[..., 1], lab[..., 2] = a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)


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
