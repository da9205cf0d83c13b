"""Faces in a photo, found.

The network of `core/faces` sees a pyramid of the photo, then looks again at each face it found, upright and at the
size it knows best, once as it is and once mirrored. That second look places the eyes and decides how sure it is.
It knows upright faces only; where it finds none beyond doubt, it sees the pyramid by quarter turns as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..engine.plugins import model
from ..image.guided import reduced
from .crop import Face, warp

Array = NDArray[np.float32]

BASE = 600_000  # pixels of the largest picture that is searched
SMALLEST = 40  # pixels of its longer side at which the pyramid ends
STRIDE = 8  # pixels of a cell of the network's answer
CANDIDATE = 0.15  # from here on, a cell gets a second look
CANDIDATES = 40  # but no more faces than these, the surest
LOOK, ACROSS = 80, 12.0  # side of the second look and the eye distance in it, in pixels
DOUBTFUL, SURE = 0.3, 0.6  # scores from which on a face is reported, and reported without a warning
# from here on, one face settles which way up the photo is: in no photo without people was one found so sure
CERTAIN = 0.8


def find(image: Array) -> list[Face]:
    """The faces in a photo (H, W, 3) in 0..1, sure ones first, and the largest of them first; [] where there is none.

    A face is found if the eyes are at least 8 pixels apart after shrinking the photo to 0.6 megapixels, and turned by
    no more than some 30 degrees, or that much more or less than a quarter or half turn. All faces of a photo are
    looked for the same way up: upright, or where that shows no certain face, the way that shows the surest one.
    """
    levels = list(pyramid(image))
    found = found_at(image, levels, 0)
    if surest(found) < CERTAIN:
        turned = max((found_at(image, levels, turns) for turns in (1, 2, 3)), key=surest)
        if surest(turned) >= max(CERTAIN, surest(found)):
            found = turned
    return sorted(found, key=lambda face: (face.score >= SURE, distance(face)), reverse=True)


def found_at(image: Array, levels: list[Array], turns: int) -> list[Face]:
    """The faces that are upright once the photo is turned to the left by so many quarters, doubtful ones too."""
    first = apart(list(candidates(image.shape, levels, turns)))[:CANDIDATES]
    return apart([face for face in looked_at(image, first) if face.score >= DOUBTFUL])


def surest(found: list[Face]) -> float:
    """The highest score, 0 where there is no face."""
    return max((face.score for face in found), default=0.0)


def pyramid(image: Array) -> Iterator[Array]:
    """The photo at the sizes at which it is searched, each half as large as the one before."""
    height, width = image.shape[:2]
    scale, small = min(1.0, (BASE / (height * width)) ** 0.5), image
    while max(height, width) * scale >= SMALLEST:
        small = reduced(small, *(max(1, round(n * scale)) for n in (height, width)))
        yield small
        scale /= 2


def candidates(shape: tuple[int, ...], levels: list[Array], turns: int) -> Iterator[Face]:
    """A first look: every cell of the pyramid that may be a face, with the network's probability as the score.

    Args:
        shape: of the photo, in whose pixels the faces are.
        levels: the pyramid.
        turns: by how many quarters to the left it is seen.
    """
    for small in levels:
        size = small.shape[1::-1]
        steps = np.array(shape[1::-1]) / size  # photo pixels in a small one
        faces, eyes = seen(padded(np.rot90(small, turns))[None])
        for row, column in zip(*np.nonzero(faces[0] > CANDIDATE), strict=True):
            middle = (np.array([column, row]) + 0.5) * STRIDE
            left, right = eyes[0, :, row, column].reshape(2, 2) + middle
            if right[0] > left[0]:
                left, right = (turned_back(place, size, turns) * steps for place in (left, right))
                yield Face(tuple(left.tolist()), tuple(right.tolist()), float(faces[0, row, column]))


def turned_back(place: NDArray[np.float64], size: tuple[int, int], turns: int) -> NDArray[np.float64]:
    """Where a place of a turned picture is in the picture itself, of that width and height."""
    (x, y), (width, height) = place, size
    return np.array([(x, y), (width - y, x), (width - x, height - y), (y, height - x)][turns])


def seen(pictures: Array) -> tuple[Array, Array]:
    """The network's answer to (B, H, W, 3): probabilities (B, h, w) and eyes (B, 4, h, w) counted from each cell."""
    faces, eyes = model("core/faces")(image=np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
    return faces[:, 0], eyes


def padded(image: Array) -> Array:
    """Continued at the border to whole cells."""
    short = [(0, -n % STRIDE) for n in image.shape[:2]]
    return np.pad(image, [*short, (0, 0)], mode="edge")


def looked_at(image: Array, found: list[Face]) -> list[Face]:
    """A second look: the faces with better places of the eyes, and scores that count both looks."""
    if not found:
        return []
    matrices = [upright(face) for face in found]
    views = np.stack([warp(image, matrix, (LOOK, LOOK)).clip(0, 1) for matrix in matrices])
    faces, eyes = seen(np.concatenate([views, views[:, :, ::-1]]))
    half = np.s_[LOOK // STRIDE // 2 - 1 : LOOK // STRIDE // 2 + 1]
    middle = (..., half, half)  # the four cells around the middle
    sure = faces[middle].mean((1, 2)).reshape(2, -1)  # (ways, faces)
    near = eyes[middle].mean((2, 3)).reshape(2, -1, 2, 2)  # (ways, faces, eyes, x and y), from the middle
    near[1] = near[1, :, ::-1] * (-1, 1)  # mirrored back
    result: list[Face] = []
    for face, matrix, score, places in zip(found, matrices, sure.mean(0), near.mean(0) + LOOK / 2, strict=True):
        left, right = ((float(x), float(y)) for x, y in places @ matrix[:, :2].T + matrix[:, 2])
        result.append(Face(left, right, float((face.score * score) ** 0.5)))
    return result


def upright(face: Face) -> NDArray[np.float64]:
    """The map (2, 3) from a view in which the face is upright, ACROSS wide, its nose in the middle, to the photo."""
    left, right = np.array(face.left), np.array(face.right)
    across = (right - left) / ACROSS  # one pixel of the view to the right
    down = np.array([-across[1], across[0]])
    nose = (left + right) / 2 + 0.4 * ACROSS * down
    linear = np.column_stack([across, down])
    return np.column_stack([linear, nose - linear @ (LOOK / 2, LOOK / 2)])


def apart(faces: list[Face]) -> list[Face]:
    """The surest faces, each in place of all that lie nearer to it than the larger one's eye distance."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: face.score, reverse=True):
        if all(np.hypot(*(centre(face) - centre(k))) > max(distance(face), distance(k)) for k in kept):
            kept.append(face)
    return kept


def distance(face: Face) -> float:
    """Between the eyes, in pixels."""
    return float(np.hypot(face.right[0] - face.left[0], face.right[1] - face.left[1]))


def centre(face: Face) -> NDArray[np.float64]:
    """The middle between the eyes."""
    return (np.array(face.left) + np.array(face.right)) / 2
