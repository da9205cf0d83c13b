"""Many small pictures on one."""

from __future__ import annotations

import numpy as np

from ..contract.arrays import Array


def sheet(pictures: Array, columns: int) -> Array:
    """Pictures (N, h, w, 3) row by row as one, the last row filled with white."""
    rows = -(-len(pictures) // columns)
    missing = rows * columns - len(pictures)
    filled = np.concatenate([pictures, np.ones((missing, *pictures.shape[1:]), np.float32)])
    height, width = pictures.shape[1:3]
    grid = filled.reshape(rows, columns, height, width, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(grid.reshape(rows * height, columns * width, 3))
