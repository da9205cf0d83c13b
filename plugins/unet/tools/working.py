"""How a network sees a photo: as a whole, at a working size, about as large as the pictures it has learned from."""

from __future__ import annotations

import numpy as np

from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.inference.registry import Model

WHOLE = 1.25  # networks learn from parts cut out of photos; the whole shows things as large at this scale
FINE = 512  # guided filters are fitted at about this many pixels squared


def working_size(image: Array, model: Model, scale: float) -> tuple[int, int]:
    """Height and width at which the network sees the picture: `scale` squared as many pixels as in training."""
    side = round(scale * model.settings["size"])
    return guided.size_near(image.shape, side, model.card["multiple"])


def planes(image: Array) -> Array:
    """(H, W, C) as (1, C, H, W)."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def fine_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width at which selections are worked on: the picture's own, or about FINE squared pixels."""
    if shape[0] * shape[1] <= FINE**2 and max(shape[:2]) <= 4 * FINE:
        return shape[0], shape[1]
    return guided.size_near(shape, FINE)
