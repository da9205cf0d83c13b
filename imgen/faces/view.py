"""Small upright views of faces for a network to look at, made quickly: `crop.warp` is slower and more precise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from .crop import Face, Matrix, averaged

Array = NDArray[np.float32]

LOOK = 80  # side of a view in pixels
SHARP = 0.75  # views are taken from the smallest copy of the photo that shows so much of what they can show


def upright(face: Face, pixels: float) -> Matrix:
    """The map (2, 3) from a view in which the face is upright, its nose in the middle, to the photo.

    Args:
        face: where its eyes are.
        pixels: how far apart they are in the view.
    """
    left, right = np.array(face.left), np.array(face.right)
    across = (right - left) / pixels  # one pixel of the view to the right
    down = np.array([-across[1], across[0]])
    nose = (left + right) / 2 + 0.4 * pixels * down
    linear = np.column_stack([across, down])
    return np.column_stack([linear, nose - linear @ (LOOK / 2, LOOK / 2)])


def view(image: Array, smaller: Sequence[Array], matrix: Matrix) -> Array:
    """What a map shows of a photo (LOOK, LOOK, 3); beyond the border it goes on.

    Args:
        image: the photo (H, W, 3) in 0..1.
        smaller: the photo at smaller sizes, the largest first.
        matrix: from places in the view to places in the photo.
    """
    picture, scale, size = image, np.ones(2), float(np.hypot(*matrix[:, 0]))
    for small in smaller:
        by = np.array(image.shape[1::-1]) / small.shape[1::-1]
        if size >= SHARP * by.max():
            picture, scale = small, by
    matrix = matrix / scale[:, None]
    corners = np.array([(0, 0), (LOOK, 0), (0, LOOK), (LOOK, LOOK)]) @ matrix[:, :2].T + matrix[:, 2]
    factor = max(1, int(np.hypot(*matrix[:, 0])))
    low, high = np.floor(corners.min(0)).astype(int) - 2 * factor, np.ceil(corners.max(0)).astype(int) + 2 * factor
    columns, rows = (np.arange(a, b).clip(0, n - 1) for a, b, n in zip(low, high, picture.shape[1::-1], strict=True))
    part = averaged(picture[rows[:, None], columns], factor)
    data = (np.column_stack([matrix[:, :2], matrix[:, 2] - low]) / factor).ravel().tolist()
    way, smooth = Pillow.Transform.AFFINE, Pillow.Resampling.BICUBIC
    planes = [np.ascontiguousarray(part[..., c]) for c in range(3)]
    shown = [np.asarray(Pillow.fromarray(plane).transform((LOOK, LOOK), way, data, smooth)) for plane in planes]
    return np.stack(shown, -1).clip(0, 1)
