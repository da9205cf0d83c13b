"""Reads MNIST's digits (LeCun et al., 1998) from the files that they are published in."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .data import DataError

IMAGES, LABELS = "images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"
BYTES = 8  # the code of unsigned bytes in the IDX header


def digits(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (N, 28, 28), 0 paper to 255 ink, and their labels (N,), 0 to 9.

    Args:
        folder: holds one pair of files, for instance t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz.

    Raises:
        DataError: a file is missing, damaged, or does not fit the other; it is named.
    """
    found = sorted(folder.glob(f"*{IMAGES}"))
    if len(found) != 1:
        raise DataError(f"{folder} holds {len(found)} files *{IMAGES}; put exactly one there, with its *{LABELS}")
    path = found[0].with_name(found[0].name.replace(IMAGES, LABELS))
    images, labels = read_idx(found[0], 3), read_idx(path, 1)
    if len(images) != len(labels):
        raise DataError(f"{found[0]} holds {len(images)} digits, {path.name} {len(labels)} labels; fetch both again")
    return images, labels


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The array of bytes in a gzipped IDX file: two zeros, type, number of axes, sizes (big-endian), values.

    Raises:
        DataError: the file is missing, damaged, or holds something else.
    """
    try:
        data = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); fetch it again") from error
    sizes = np.frombuffer(data[4 : 4 + 4 * axes], ">u4").astype(int) if len(data) >= 4 + 4 * axes else np.zeros(1, int)
    values = data[4 + 4 * axes :]
    if data[:4] != bytes([0, 0, BYTES, axes]) or len(values) != sizes.prod():
        raise DataError(f"{path} is no complete IDX file of bytes with {axes} axes; fetch it again")
    return np.frombuffer(values, np.uint8).reshape(sizes).copy()  # of bytes, which cannot be written to
