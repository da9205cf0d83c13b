"""Turn a photo by a few degrees, and keep what has no empty corner."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from imgen.image.photo import Photo


def straightened(photo: Photo, angle: float) -> Photo:
    """The photo turned clockwise around its middle, cut to the largest rectangle of its shape without empty corners.

    A pixel of the result is as large as one of the photo, so the result has fewer of them.

    Args:
        photo: to be turned.
        angle: in degrees, between -45 and 45.
    """
    if not angle:
        return photo
    size = straight_size(photo.width, photo.height, angle)
    alpha = photo.alpha
    colours = photo.pixels if alpha is None else photo.pixels * alpha[..., None]  # nothing hidden gets into the light
    pixels = turned(colours, size, angle)
    if alpha is not None:
        alpha = turned(alpha, size, angle)
        pixels = np.where(alpha[..., None] > 0, pixels / np.maximum(alpha[..., None], 1e-6), 0)
    selection = None if photo.selection is None else turned(photo.selection, size, angle)
    return photo.replace(pixels=pixels.clip(0, 1), alpha=alpha, selection=selection)


def straight_size(width: int, height: int, angle: float) -> tuple[int, int]:
    """Width and height that are left of a photo when it is turned: at least 1."""
    turn = math.radians(abs(angle))
    grown = math.cos(turn) + math.sin(turn) * max(width / height, height / width)
    return max(1, int(width / grown)), max(1, int(height / grown))


def turned(values: NDArray[np.float32], size: tuple[int, int], angle: float) -> NDArray[np.float32]:
    """(H, W) or (H, W, C) turned clockwise around the middle, at another (width, height); bicubic, by channel."""
    height, width = values.shape[:2]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    # from a place of the result to that of the photo which is shown there
    matrix = (
        cos, sin, width / 2 - (cos * size[0] + sin * size[1]) / 2,
        -sin, cos, height / 2 - (-sin * size[0] + cos * size[1]) / 2,
    )  # fmt: skip
    channels = values[..., None] if values.ndim == 2 else values
    made = [
        np.asarray(
            Pillow.fromarray(np.ascontiguousarray(channels[..., c])).transform(
                size, Pillow.Transform.AFFINE, matrix, Pillow.Resampling.BICUBIC
            )
        )
        for c in range(channels.shape[2])
    ]
    out = np.stack(made, 2).clip(0, 1)
    return out[..., 0] if values.ndim == 2 else np.ascontiguousarray(out)
