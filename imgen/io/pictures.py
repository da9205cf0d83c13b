"""Pictures as parameters of a step: arrays, files, or PNGs inside the recipe."""

from __future__ import annotations

import hashlib
import os
from enum import Enum
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ..contract.kinds import Kind
from ..contract.tool import Tool
from ..errors import ParameterError, PhotoError
from ..image.digests import digest
from ..image.levels import as_float, as_integers
from ..image.masks import read_mask
from ..image.photo import Photo
from ..image.seen import seen
from . import attached
from .door import as_photo
from .door import open as open_photo
from .embedded import DATA as DATA
from .embedded import claimed_pixels, decode, encode, exact_levels


class PictureFile(str):
    """The path of a picture in a run's step. What the run read there stays with it, so that the recipe carries it.

    Attributes:
        path: where the file lies, whatever the working directory will be.
        stamp: when it was changed and its size, when the run began; None for a file that was not there.
    """

    path: Path
    stamp: tuple[int, int] | None

    def __new__(cls, text: str) -> PictureFile:
        """Look at the file; it is read later, and only if it is needed."""
        made = super().__new__(cls, text)
        made.path = Path(text).absolute()
        made.stamp = stamp_of(made.path)
        return made

    def load(self, kind: Kind) -> NDArray[np.float32]:
        """The picture, (H, W, 3), or the mask, (H, W), for a tool; the file is read once.

        Raises:
            PhotoError: the file cannot be read, or is another than when the run began.
        """
        held = self._held()
        if held is not None:
            return as_float(held)
        if stamp_of(self.path) != self.stamp:
            raise PhotoError(f"{self} has changed since the run; run the steps again")
        name = str(self) if Path(self).absolute() == self.path else self.path
        values = of_kind(open_photo(name), kind)
        held = exact_levels(values)  # a quarter of the memory, as it stays with the result
        if held is values:
            held = as_float(as_integers(values, 16))  # what the recipe can hold, so that it makes the same pixels
        held.flags.writeable = False
        self.__dict__["held"] = held
        return as_float(held)

    def encoded(self, kind: Kind) -> str:
        """The same as a PNG in a data URL, for the recipe.

        Raises:
            PhotoError: as for `load`.
        """
        if self._held() is None:
            self.load(kind)
        held = self._held()
        assert held is not None
        return encode(held)

    def _held(self) -> NDArray[Any] | None:
        return self.__dict__.get("held")


def stamp_of(path: Path) -> tuple[int, int] | None:
    """When a file was changed and its size; None where there is none."""
    try:
        about = path.stat()
    except (OSError, ValueError):
        return None
    return about.st_mtime_ns, about.st_size


def is_path(value: Any) -> TypeGuard[str]:
    """Whether a picture's value names a file."""
    return isinstance(value, str) and not value.startswith("data:")


def files_of(tool: Tool, parameters: dict[str, Any]) -> list[Path]:
    """The files that a step's pictures name."""
    pictures = [Path(parameters[name]) for name in tool.pictures if is_path(parameters.get(name))]
    return [path.absolute() for path in (*pictures, *attached.named(tool, parameters).values())]


def read_files(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every path of a picture ready to be read, and other files read.

    Raises:
        ParameterError: a file that is no picture cannot be read, or is too large.
    """
    return attached.with_contents(tool, parameters) | {
        n: PictureFile(parameters[n]) for n in tool.pictures if is_path(parameters.get(n))
    }


def load_pictures(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every path and embedded PNG replaced by its array.

    Raises:
        PhotoError: a file that cannot be read.
        ParameterError: an embedded picture that cannot be read.
    """
    loaded = dict(parameters)
    for name, kind in tool.pictures.items():
        value: Any = loaded.get(name)
        if isinstance(value, PictureFile):
            loaded[name] = value.load(kind)
        elif is_path(value):
            loaded[name] = of_kind(open_photo(value), kind)
        elif isinstance(value, str):
            loaded[name] = embedded(tool, name, value)
    return loaded


def as_arrays(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every picture, whatever holds it, as the array that the tool takes.

    Raises:
        PhotoError, ParameterError: one cannot be read.
    """
    return load_pictures(tool, given_pictures(tool, parameters))


def given_pictures(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with photos, PIL images, tensors, bytes and whole numbers as arrays; paths become texts.

    Raises:
        PhotoError: one is no picture.
    """
    made = dict(parameters)
    for name, kind in tool.pictures.items():
        value: Any = made.get(name)
        told = value is None or isinstance(value, str)
        if isinstance(value, os.PathLike):
            made[name] = os.fspath(value)  # pyright: ignore[reportUnknownArgumentType]: any path
        elif not told and not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            made[name] = of_kind(as_photo(value), kind)
    return made


def of_kind(photo: Photo, kind: Kind, *, exact: bool = False) -> NDArray[np.float32]:
    """A photo as a picture, (H, W, 3), or as a mask, (H, W); see `as_mask`."""
    return as_mask(photo, exact=exact) if kind == "mask" else seen(photo)


def as_mask(photo: Photo, *, exact: bool = False) -> NDArray[np.float32]:
    """A mask from a picture, as `image.masks` reads it; a grey one as it is if `exact`: recipes hold what was read."""
    red, *others = (photo.pixels[..., c] for c in range(3))
    return red.copy() if exact and all(np.array_equal(red, other) for other in others) else read_mask(photo)


def embedded(tool: Tool, name: str, text: str) -> NDArray[np.float32]:
    """The picture in a data URL as the tool's parameter `name` takes it.

    Raises:
        ParameterError: it is no PNG, too large or damaged.
    """
    try:
        return of_kind(Photo.from_array(decode(text)), tool.pictures[name], exact=True)
    except ValueError as error:
        raise ParameterError(f"{tool.name}: the picture inside {name} {error}") from error


def embedded_pixels(tool: Tool, parameters: dict[str, Any]) -> int:
    """How many pixels the pictures inside a step have together, by their headers.

    Raises:
        ParameterError: one is no PNG, or too large.
    """
    total = 0
    for name in tool.pictures:
        value = parameters.get(name)
        if isinstance(value, str) and value.startswith("data:"):
            try:
                total += claimed_pixels(value)
            except ValueError as error:
                raise ParameterError(f"{tool.name}: the picture inside {name} {error}") from error
    return total


def portable(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters as JSON holds them: every picture is a PNG inside, none a file of this machine.

    Raises:
        PhotoError: a file that cannot be read, or has changed since the run.
    """
    made = {name: encode_value(value) for name, value in attached.as_text(tool, parameters).items()}
    for name, kind in tool.pictures.items():
        value: Any = parameters.get(name)
        if is_path(value):
            made[name] = (value if isinstance(value, PictureFile) else PictureFile(value)).encoded(kind)
    return made


def encode_value(value: Any) -> Any:
    """A parameter as JSON: arrays become PNGs inside the recipe, with 16 bits where 8 would not be exact."""
    if isinstance(value, np.ndarray):
        return encode(value if value.dtype == np.float32 else value.astype(np.float32))
    if isinstance(value, np.generic):
        return value.item()
    return value.value if isinstance(value, Enum) else value


def stamp(value: Any) -> Any:
    """A parameter as a cache key: arrays by their bytes, files by their time and size too."""
    if isinstance(value, np.ndarray):
        return digest(value)
    if isinstance(value, bytes):
        return hashlib.blake2b(value, digest_size=16).digest()
    if isinstance(value, PictureFile):
        return str(value.path), value.stamp
    if isinstance(value, str) and not value.startswith("data:") and len(value) < 4096:
        path = Path(value)  # of a text, too: a plugin may read what it names
        return (value, stamp_of(path)) if path.is_file() else value
    return hashlib.blake2b(value.encode(), digest_size=16).digest() if isinstance(value, str) else value
