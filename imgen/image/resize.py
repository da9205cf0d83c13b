"""Arrays at another size."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pillow

from ..contract.arrays import Array
from .areas import area_means


def resize(image: Array, shape: tuple[int, ...], enlarge: Pillow.Resampling = Pillow.Resampling.BICUBIC) -> Array:
    """(h, w, C) to another height and width: area means where it shrinks, else `enlarge`."""
    if image.shape[:2] == tuple(shape[:2]):
        return image
    if shape[0] <= image.shape[0] and shape[1] <= image.shape[1]:
        return area_means(image, (shape[0], shape[1]))
    shrinks = shape[0] < image.shape[0] or shape[1] < image.shape[1]
    way = Pillow.Resampling.BOX if shrinks else enlarge
    channels = [
        np.asarray(Pillow.fromarray(np.ascontiguousarray(image[..., c])).resize((shape[1], shape[0]), way))
        for c in range(image.shape[2])
    ]
    return np.stack(channels, 2)
