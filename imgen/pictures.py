"""Pictures as parameters of a step: arrays, files, or PNGs inside the recipe."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from .errors import ParameterError
from .photo import Photo, as_float, as_integers
from .photo import open as open_photo
from .tool import Tool

DATA = "data:image/png;base64,"


def load_pictures(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every path and embedded PNG replaced by its array.

    Raises:
        PhotoError: a file that cannot be read.
        ParameterError: an embedded picture that cannot be read.
    """
    loaded = dict(parameters)
    for name, kind in tool.pictures.items():
        value = loaded.get(name)
        if isinstance(value, str):
            photo = embedded(tool.name, name, value) if value.startswith("data:") else open_photo(value)
            loaded[name] = as_mask(photo) if kind == "mask" else photo.pixels
    return loaded


def as_mask(photo: Photo) -> NDArray[np.float32]:
    """A mask from a picture: its transparency if it has some, else its brightness."""
    if photo.alpha is not None and photo.alpha.min() < 1:
        return photo.alpha
    return photo.pixels.mean(2, dtype=np.float32)


def embedded(tool: str, name: str, text: str) -> Photo:
    """The picture in a data URL."""
    try:
        with Pillow.open(io.BytesIO(base64.b64decode(text.removeprefix(DATA), validate=True))) as file:
            mode = {"1": "L", "L": "L", "I;16": "I;16"}.get(file.mode, "RGB")
            return Photo.from_array(np.asarray(file if mode == file.mode else file.convert(mode)))
    except (binascii.Error, OSError, Pillow.DecompressionBombError) as error:
        raise ParameterError(f"{tool}: the picture inside {name} cannot be read ({error})") from error


def encode_value(value: Any) -> Any:
    """A parameter as JSON: arrays become PNGs inside the recipe, with 16 bits where 8 would not be exact."""
    if isinstance(value, np.ndarray):
        array: NDArray[np.float32] = value.astype(np.float32)
        levels = as_integers(array, 8)
        if array.ndim == 2 and not np.array_equal(as_float(levels), array):
            levels = as_integers(array, 16)
        file = io.BytesIO()
        Pillow.fromarray(levels).save(file, "PNG")
        return DATA + base64.b64encode(file.getvalue()).decode()
    if isinstance(value, np.generic):
        return value.item()
    return value.value if isinstance(value, Enum) else value


def stamp(value: Any) -> Any:
    """A parameter as a cache key: arrays by their bytes, files by their time and size too."""
    if isinstance(value, np.ndarray):
        array: NDArray[Any] = np.ascontiguousarray(value)
        return array.shape, array.dtype.str, hashlib.blake2b(array.data, digest_size=16).hexdigest()
    if isinstance(value, str) and not value.startswith("data:") and len(value) < 4096:
        path = Path(value)
        if path.is_file():
            return value, path.stat().st_mtime_ns, path.stat().st_size
    return value
