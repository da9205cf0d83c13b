"""Photos that wait on disk; see `imgen.image.disk`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...image.disk import LARGE, is_on_disk, let_go, on_disk
from ...image.photo import Photo

NAMES = ("pixels", "alpha", "selection", "frames")


def photo_on_disk(photo: Photo, folder: Path, least: int = 0) -> Photo:
    """The same photo with its arrays in files of that folder; nothing else about it changes.

    Args:
        photo: the photo.
        folder: which.
        least: bytes; smaller arrays stay in memory.

    Raises:
        OSError: there is no room.
    """
    arrays: dict[str, NDArray[np.float32] | None] = {name: getattr(photo, name) for name in NAMES}
    if photo.frames is not None:
        del arrays["pixels"]  # the first of the frames
    moved = {
        name: on_disk(array, folder)
        for name, array in arrays.items()
        if array is not None and array.nbytes >= least and not is_on_disk(array)
    }
    if "frames" in moved:
        moved["pixels"] = moved["frames"][0]
    return photo.replace(**moved) if moved else photo


def large_on_disk(photo: Photo, folder: Path) -> Photo:
    """The same photo; what is large of it is on disk.

    Raises:
        OSError: there is no room.
    """
    return photo_on_disk(photo, folder, LARGE)


def let_photo_go(photo: Photo | None) -> None:
    """What was read of a photo's files need not stay in memory."""
    for name in NAMES:
        let_go(getattr(photo, name, None))


def in_memory(photo: Photo | None) -> int:
    """Bytes of a photo that are not on disk."""
    if photo is None:
        return 0
    arrays = (photo.pixels if photo.frames is None else None, photo.alpha, photo.selection, photo.frames)
    return sum(a.nbytes for a in arrays if a is not None and not is_on_disk(a))
