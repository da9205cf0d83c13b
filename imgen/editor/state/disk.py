"""Photos that wait on disk: their arrays are files, of which the system reads what is used."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...image.photo import Photo


def photo_on_disk(photo: Photo, folder: Path) -> Photo:
    """The same photo with its arrays in files of that folder; nothing else about it changes.

    Raises:
        OSError: there is no room.
    """
    arrays: dict[str, Any] = {name: getattr(photo, name) for name in ("pixels", "alpha", "selection", "frames")}
    moved = {name: on_disk(array, folder) for name, array in arrays.items() if array is not None}
    if photo.frames is not None:
        moved["pixels"] = moved["frames"][0]
    return photo.replace(**moved)


def on_disk(array: NDArray[np.float32], folder: Path) -> NDArray[np.float32]:
    """The array as a file of that folder, read-only."""
    if is_on_disk(array):
        return array
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.npy"
    np.save(path, array, allow_pickle=False)
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def is_on_disk(array: NDArray[Any]) -> bool:
    """Whether the array is a file, or a part of one."""
    base: Any = array
    while base is not None:
        if isinstance(base, np.memmap):
            return True
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    return False


def in_memory(photo: Photo | None) -> int:
    """Bytes of a photo that are not on disk."""
    if photo is None:
        return 0
    arrays = (photo.pixels if photo.frames is None else None, photo.alpha, photo.selection, photo.frames)
    return sum(a.nbytes for a in arrays if a is not None and not is_on_disk(a))
