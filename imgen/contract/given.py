"""Pictures that tools are given or return, checked against what they ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from .arrays import read_only
from .kinds import SHAPES, Kind, Pictures

TOPS = {"uint8": "255", "uint16": "65535"}
MOST = 16.0  # what is brighter was hardly meant to be clipped


def check_size(tool: str, name: str, mask: NDArray[np.float32], picture: Any) -> None:
    """A mask belongs to its picture, pixel by pixel."""
    height, width = getattr(picture, "pixels", picture).shape[:2]
    if mask.shape != (height, width):
        raise ParameterError(
            f"{tool}: {name} is {mask.shape[1]}x{mask.shape[0]}, the photo {width}x{height}; make them of one size"
        )


def as_array(tool: str, name: str, kind: Kind, value: Any) -> NDArray[np.float32]:
    """`value` as a float32 array of the kind's shape, read-only: a tool works on its own copy.

    Raises:
        ParameterError: wrong shape, not numbers, or 0..255 instead of 0..1.
    """
    if type(value).__module__.startswith("PIL."):
        raise ParameterError(f"{tool}: {name} must be an array, not a PIL image; make it numpy.asarray(picture) / 255")
    array = np.asarray(value.pixels if isinstance(value, Pictures) else value)
    axes = {"mask": 2, "image": 3, "animation": 4, "pictures": 4}
    fits = array.ndim == axes[kind] and (kind == "mask" or array.shape[-1] == 3)
    if not fits or array.size == 0:
        raise ParameterError(f"{tool}: {name} must have the shape {SHAPES[kind]}, got {array.shape}")
    if array.dtype.kind not in "fb":
        top = TOPS.get(array.dtype.name, "its maximum")
        raise ParameterError(f"{tool}: {name} must hold floats in 0..1, got {array.dtype}; divide by {top}")
    array = array.astype(np.float32, copy=False)
    if not np.isfinite(array.sum()):
        raise ParameterError(f"{tool}: {name} holds values that are not finite")
    if array.max() > MOST:
        raise ParameterError(f"{tool}: {name} goes up to {array.max():.4g}; pixels and masks are from 0 to 1")
    return read_only(array)
