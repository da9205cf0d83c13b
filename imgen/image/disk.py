"""Arrays that wait on disk: files without a name, of which the system reads what is used."""

from __future__ import annotations

import errno
import mmap
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array

LARGE = 16 * 2**20  # bytes of an array from which on it is worth a file
SPARE = 2**30  # bytes of a disk that are left to others
ROWS = 256  # of an array that are written at once
_mapped: WeakSet[mmap.mmap] = WeakSet()  # the files of all arrays
_folder: ContextVar[Path | None] = ContextVar("imgen_large_arrays", default=None)


@contextmanager
def large_arrays_in(folder: Path) -> Iterator[None]:
    """Inside, large pictures that are read from files never are in memory as a whole, but in files of that folder."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


def place_for(size: int) -> Path | None:
    """The folder in which a new array of so many bytes is to be, inside `large_arrays_in`; None is in memory."""
    return _folder.get() if size >= LARGE else None


def on_disk(array: Array, folder: Path) -> Array:
    """The array as a file in that folder, read-only; itself where it is one already.

    Raises:
        OSError: there is no room on the disk.
    """
    if is_on_disk(array):
        return array
    return written(array.shape, (array[y : y + ROWS] for y in range(0, len(array), ROWS)), folder)


def written(shape: tuple[int, ...], parts: Iterable[Array], folder: Path) -> Array:
    """An array of that shape as a file in that folder, read-only, from its rows; each part is written before the next
    one is asked for.

    The file has no name, so its room is free as soon as nothing refers to the array, whatever ends the process.

    Raises:
        OSError: there is no room on the disk.
    """
    size = int(np.prod(shape)) * 4
    return (
        bytes_on_disk((np.ascontiguousarray(part, np.float32) for part in parts), size, folder)
        .view(np.float32)
        .reshape(shape)
    )


def bytes_on_disk(parts: Iterable[Any], size: int, folder: Path) -> NDArray[np.uint8]:
    """So many bytes as a file without a name in that folder; read-only.

    Raises:
        OSError: there is no room on the disk.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free - SPARE < size:
        raise OSError(errno.ENOSPC, "the disk on which large photos wait is full")
    with tempfile.TemporaryFile(dir=folder) as file:
        for part in parts:
            file.write(part)
        file.flush()
        array = np.asarray(np.memmap(file, np.uint8, "r", shape=(size,)))  # has a handle of its own
    if (held := mapping(array)) is not None:
        _mapped.add(held)
    return array


def is_on_disk(array: NDArray[Any] | None) -> bool:
    """Whether the array is a file, or a part of one."""
    return mapping(array) is not None


def mapping(array: NDArray[Any] | None) -> mmap.mmap | None:
    """The file behind an array; None for one in memory."""
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    return base


def let_go(array: NDArray[Any] | None) -> None:
    """What was read of an array's file need not stay in this process's memory; it is read again when it is used."""
    held = mapping(array)
    if held is not None:
        _forget(held)


def let_all_go() -> None:
    """The same of the files of all arrays."""
    for held in [*_mapped]:
        _forget(held)


def _forget(held: mmap.mmap) -> None:
    if hasattr(held, "madvise") and hasattr(mmap, "MADV_DONTNEED"):  # neither is on Windows
        held.madvise(mmap.MADV_DONTNEED)
