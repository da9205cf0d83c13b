"""Pictures as parameters of a step: arrays, files, or PNGs inside the recipe."""

from __future__ import annotations

import base64
import binascii
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from .errors import ParameterError
from .photo import Photo, as_integers
from .photo import open as open_photo
from .tool import Kind, Tool

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
            return Photo.from_array(np.asarray(file.convert("L" if file.mode in ("1", "L") else "RGB")))
    except (binascii.Error, OSError, Pillow.DecompressionBombError) as error:
        raise ParameterError(f"{tool}: the picture inside {name} cannot be read ({error})") from error


def encode_value(value: Any, *, stamp: bool = False) -> Any:
    """A parameter as JSON: arrays become PNGs inside the recipe; masks are stored with 8 bits.

    With `stamp`, a path also gets the file's time and size, so that a cached result notices a changed file.
    """
    if isinstance(value, np.ndarray):
        array: NDArray[np.float32] = value.astype(np.float32)
        file = io.BytesIO()
        Pillow.fromarray(as_integers(array, 8)).save(file, "PNG")
        return DATA + base64.b64encode(file.getvalue()).decode()
    if isinstance(value, Path):
        value = str(value)
    if stamp and isinstance(value, str) and not value.startswith("data:") and len(value) < 4096:
        path = Path(value)
        if path.is_file():
            return value, path.stat().st_mtime_ns, path.stat().st_size
    return value


def picture_parameter(kind: Kind) -> bool:
    """Whether a parameter of that kind is filled with an array."""
    return kind in ("image", "mask")
