"""The lines task (Berthelot et al., arXiv 1807.07543, section 4): pictures between which the truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array

SIDE = 32
THICK = 2.0  # pixels
LINES = 10_000  # true lines among which the nearest is looked for
STEPS = 16  # pictures on the way from one line to another, both ends included


def draw_lines(angles: NDArray[np.floating[Any]]) -> Array:
    """Lines (N, 32, 32) in 0..1 from the middle to the border of the inscribed circle, at angles (N,) in radians."""
    middle, length = SIDE / 2, SIDE / 2 - 1
    y, x = (np.arange(SIDE) + 0.5 - middle for _ in range(2))
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    along = x * cos - y[:, None] * sin  # rows count downward, angles upward
    across = x * sin + y[:, None] * cos
    away = np.hypot(across, along - along.clip(0, length))  # from the line
    return (THICK / 2 + 0.5 - away).clip(0, 1).astype(np.float32)


def nearest_line(pictures: Array) -> tuple[Array, NDArray[np.floating[Any]]]:
    """Cosine distance (N,) of pictures (N, 32, 32) to the nearest of all lines, and its angle (N,)."""
    angles = np.arange(LINES) * (2 * np.pi / LINES)
    lines = draw_lines(angles).reshape(LINES, -1)
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    flat = pictures.reshape(len(pictures), -1)
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True).clip(1e-9)
    cosine = np.concatenate([part @ lines.T for part in np.array_split(flat, max(1, len(flat) // 500))])
    return 1 - cosine.max(1), angles[cosine.argmax(1)]


def smoothness(angles: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """How much the largest step of each way (N, STEPS) exceeds an even one, in parts of the way; 0 is even.

    Ways whose ends show the same angle have none (nan).
    """
    turned = np.unwrap(angles)
    way = np.abs(turned[:, -1] - turned[:, 0])
    largest = np.abs(np.diff(turned)).max(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(way > 1e-4, largest / way - 1 / (angles.shape[1] - 1), np.nan)
