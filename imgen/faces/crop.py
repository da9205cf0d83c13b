"""A face's crop: cut it out upright at a fixed size, and put a change of it back into the photo.

Places are x, y in pixels from the upper left corner, so the middle of the first pixel is at (0.5, 0.5).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array
from ..image.guided import strips
from ..image.tone import tone_of
from ..lazy import ndimage

Matrix = NDArray[np.float64]
"""(2, 3): takes a place (x, y) to matrix[:, :2] @ place + matrix[:, 2]."""

SIZE = 64
EYES = ((24.5, 30.0), (40.0, 30.0))  # where the crops that models are trained on have the eyes
FINER = 4  # crops are enlarged by splines to this, and from there on linearly, which is quicker and looks the same
FINE = 512  # side of crops that are enlarged linearly only
COLOURLESS = 2.5 / 255  # difference of channels below which there is no colour
RIM = 1.0  # pixels of SIZE at the border that no change reaches


class Crop(NamedTuple):
    """How a face lies in the square that is cut out, in pixels of SIZE.

    Attributes:
        eyes: x, y of the left and the right one.
        fade: how far from its border on a change has its full strength.
    """

    eyes: tuple[tuple[float, float], tuple[float, float]]
    fade: float


WIDE = Crop(EYES, 13.0)  # the head with its hair
CLOSE = Crop(((20.5, 19.2), (43.5, 19.2)), 8.0)  # the face alone, half as large again


class Face(NamedTuple):
    """A face in a photo.

    Attributes:
        left: x, y in pixels of the photo of the eye that is on the left side once the face is upright.
        right: of the other eye.
        score: how sure it is, 0..1.
    """

    left: tuple[float, float]
    right: tuple[float, float]
    score: float


def align(image: Array, face: Face, size: int = SIZE, crop: Crop = WIDE) -> Array:
    """The face upright as (size, size, 3) with the eyes where the crop has them; outside the photo its border goes on.

    Args:
        image: the photo (H, W, 3) in 0..1.
        face: where its eyes are.
        size: side of the crop in pixels.
        crop: how much around the eyes is seen.
    """
    return warp(image, crop_to_photo(face, size, crop), (size, size)).clip(0, 1)


def put_back(image: Array, face: Face, before: Array, after: Array, crop: Crop = WIDE) -> Array:
    """The photo (H, W, 3) with the change from `before` to `after`, both (size, size, 3) crops as `align` makes them.

    Only the difference is enlarged and added, so all detail of the photo stays. It fades toward the crop's border;
    pixels outside the crop, and all pixels where nothing changed, stay exactly what they were. A grey face stays grey,
    and one in a toned photo keeps its tone.
    """
    size = len(before)
    matrix = crop_to_photo(face, size, crop)
    inverse = inverted(matrix)
    difference = np.asarray(after - before, np.float32)
    tone, near = None, face_area(image, face)
    if is_grey(near):
        difference = np.repeat(difference.mean(2, keepdims=True), 3, 2)
    else:
        tone = tone_of(image) or tone_of(near)  # a toned print may lie on a page that has colours
    difference, finer = magnified(difference, inverse)
    rows, columns = bounds(matrix, (size, size), image.shape, margin=1)
    result = image.copy()
    for strip in strips(rows.stop - rows.start, columns.stop - columns.start):
        area = np.s_[rows.start + strip.start : rows.start + strip.stop, columns]
        here = moved(inverse, (columns.start, rows.start + strip.start))
        shape = result[area].shape[:2]
        change = warp(difference, finer * here, shape, order=1) * fading(here, shape, size, crop.fade)[..., None]
        new = (result[area] + change).clip(0, 1)
        result[area] = new if tone is None else tone.kept(result[area], new)
    return result


def face_area(image: Array, face: Face) -> Array:
    """The part of the photo (h, w, 3) that a face's crop is taken from."""
    return image[bounds(crop_to_photo(face, SIZE), (SIZE, SIZE), image.shape, margin=0)]


def is_grey(picture: Array) -> bool:
    """Whether a picture (H, W, 3) has no colour."""
    return all(float(np.abs(picture[..., 0] - picture[..., c]).max()) < COLOURLESS for c in (1, 2))


def magnified(crop: Array, inverse: Matrix) -> tuple[Array, int]:
    """A crop that a photo will show larger, enlarged smoothly, and by how much: FINER, or 1 if nobody would see it."""
    if np.hypot(*inverse[:, 0]) >= 0.9 or len(crop) >= FINE:
        return crop, 1
    height, width = crop.shape[:2]
    return warp(crop, np.eye(2, 3) / FINER, (FINER * height, FINER * width)), FINER


def oval(side: int, crop: Crop = WIDE) -> Array:
    """1 on the face in its crop, 0 on hair and background (side, side, 1), which a change is not to reach."""
    y, x = ((np.arange(side, dtype=np.float32) + 0.5) * SIZE / side for _ in range(2))
    (left, top), (right, _) = crop.eyes
    zoom = np.float32((EYES[1][0] - EYES[0][0]) / (right - left))  # to the wide crop, in which the numbers are
    across, down = (x - np.float32(left)) * zoom + EYES[0][0], (y - np.float32(top)) * zoom + EYES[0][1]
    away = np.hypot((across[None] - 32) / 17, (down[:, None] - 37) / 23)  # 1 at temples, forehead and chin
    part = ((1.25 - away) / 0.4).clip(0, 1)[..., None]
    return part * part * (3 - 2 * part)


def crop_to_photo(face: Face, size: int, crop: Crop = WIDE) -> Matrix:
    """The similarity that takes places in the crop of `size` pixels to places in the photo."""
    start, end = (complex(*eye) * size / SIZE for eye in crop.eyes)
    left, right = complex(*face.left), complex(*face.right)
    turn = (right - left) / (end - start)  # scale and angle
    shift = left - turn * start
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], np.float64)


def inverted(matrix: Matrix) -> Matrix:
    """The way back."""
    linear = np.linalg.inv(matrix[:, :2]).astype(np.float64)
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def moved(matrix: Matrix, origin: tuple[float, float]) -> Matrix:
    """The same map for places that are counted from `origin`."""
    return np.column_stack([matrix[:, :2], matrix[:, 2] + matrix[:, :2] @ np.array(origin)])


def bounds(
    matrix: NDArray[np.floating[Any]], shape: tuple[int, int], limits: tuple[int, ...], margin: int
) -> tuple[slice, slice]:
    """The rows and columns of a picture of the shape `limits` that a map reaches from one of `shape`, and `margin`.

    Where it reaches nothing, the pixels nearest to it; never none.
    """
    height, width = shape
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ matrix[:, :2].T + matrix[:, 2]
    low, high = corners.min(0) - margin, corners.max(0) + margin
    columns, rows = (
        slice(int(np.clip(np.floor(a), 0, n - 1)), int(np.clip(np.ceil(b), 1, n)))
        for a, b, n in zip(low, high, (limits[1], limits[0]), strict=True)
    )
    return rows, columns


def warp(image: Array, matrix: Matrix, shape: tuple[int, int], order: int = 3) -> Array:
    """Another view of `image` (H, W, C): each place of the result (h, w, C) shows the place that `matrix` takes it to.

    Splines of that order, of which cubic ones overshoot a little at edges; where the picture shrinks, it is averaged
    before. Outside of the picture its border goes on.
    """
    scale = float(np.hypot(*matrix[:, 0]))
    factor = max(1, int(scale))
    rows, columns = bounds(matrix, shape, image.shape, margin=4 * factor + 4)
    small = averaged(image[rows, columns], factor)
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] - (columns.start, rows.start)]) / factor
    blur = max(0.0, scale / factor - 1) / 2
    if blur:
        small = ndimage.gaussian_filter(small, blur, mode="nearest", axes=(0, 1))
    linear = matrix[::-1, 1::-1]  # SciPy counts rows before columns, and from the middle of the first pixel
    offset = matrix[::-1, 2] + linear.sum(1) / 2 - 0.5
    planes = [
        ndimage.affine_transform(small[..., c], linear, offset, shape, np.float32, order=order, mode="nearest")
        for c in range(image.shape[2])
    ]
    return np.stack(planes, -1).astype(np.float32, copy=False)


def resized(picture: Array, side: int) -> Array:
    """A square picture (S, S, C) smoothly at another size; its values may leave the range that they were in."""
    return picture if side == len(picture) else warp(picture, np.eye(2, 3) * (len(picture) / side), (side, side))


def side_of(face: Face, crop: Crop = WIDE, least: int = SIZE, most: int = 2048) -> int:
    """Pixels of the photo on a side of a face's crop, within limits."""
    across = np.hypot(face.right[0] - face.left[0], face.right[1] - face.left[1])
    return int(np.clip(across * SIZE / (crop.eyes[1][0] - crop.eyes[0][0]), least, most))


def averaged(image: Array, factor: int) -> Array:
    """Means of squares of `factor` pixels; an incomplete square is completed with the border."""
    if factor == 1:
        return image
    height, width = (-(-n // factor) for n in image.shape[:2])
    short = [(0, count * factor - n) for count, n in zip((height, width), image.shape, strict=False)]
    whole = np.pad(image, [*short, (0, 0)], mode="edge")
    rows = whole.reshape(height, factor, -1).mean(1)  # rows first: several times as fast as both at once
    return np.asarray(rows.reshape(height, width, factor, -1).mean(2), np.float32)


def fading(matrix: Matrix, shape: tuple[int, int], size: int, fade: float = WIDE.fade) -> Array:
    """How much of a change shows at each pixel of the photo (h, w): 1 in the middle of the crop, 0 at its border.

    Args:
        matrix: from places in the photo to places in the crop.
        shape: of the part of the photo.
        size: of the crop.
        fade: pixels of SIZE from the border over which it grows, after RIM.
    """
    y, x = (np.arange(n, dtype=np.float32) + np.float32(0.5) for n in shape)
    shown = np.ones(shape, np.float32)
    for a, b, c in matrix.astype(np.float32) * np.float32(SIZE / size):
        place = a * x[None] + b * y[:, None] + c
        inside = np.minimum(place, np.float32(SIZE) - place)
        part = ((inside - np.float32(RIM)) / np.float32(fade)).clip(0, 1)
        shown *= part * part * (3 - 2 * part)
    return shown
