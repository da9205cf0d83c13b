"""What the network of `core/faces` sees in a photo: a first look at all of it, then closer ones at each face.

The network knows upright faces of about one size, so it sees a pyramid of the photo. Of every 8x8 pixels it says, too,
whether a face would be there if the photo were turned by quarters. Such hints are looked at in small turned pieces,
which spares three more looks at all of the photo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.plugins import model
from ..errors import ModelError
from ..image.guided import reduced
from ..lazy import ndimage
from .crop import Face, Matrix
from .view import LOOK, upright, view

Array = NDArray[np.float32]

BASE = 600_000  # pixels of the largest picture that is searched
SMALLEST = 40  # pixels of its longer side at which the pyramid ends
STRIDE = 8  # pixels of a cell of the network's answer
CANDIDATE = 0.15  # from here on, a cell gets a second look
CANDIDATES = 40  # but no more faces than these, the surest
HINT, HINTS = 0.3, 16  # from here on, a cell is looked at turned; but no more than these, the surest
ALONE = 5  # a hint is the surest among so many cells across
PIECE = 56  # side of what is looked at around a hint; larger pieces find no more
NEAR = slice(PIECE // STRIDE // 2 - 1, PIECE // STRIDE // 2 + 2)  # rows or columns of the cells where a face is in one
MIDST = slice(LOOK // STRIDE // 2 - 2, LOOK // STRIDE // 2 + 2)  # and of those in a view
ACROSS, CLOSER = 12.0, 18.0  # eye distance in the second and in the third look, in pixels


class Search(NamedTuple):
    """A photo in which faces are looked for.

    Attributes:
        image: the photo (H, W, 3) in 0..1.
        levels: the photo at the sizes at which it is searched, each half as large as the one before.
        network: takes pictures (B, 3, h, w) and returns, on a grid of STRIDE pixels, probabilities of a face
            (B, 1, h / 8, w / 8), where its eyes are, counted from the middle of the cell (B, 4, h / 8, w / 8), and
            probabilities of a face once the picture is turned to the left by one, two, three quarters
            (B, 3, h / 8, w / 8).
    """

    image: Array
    levels: list[Array]
    network: Callable[..., tuple[Array, Array, Array]]


class Hint(NamedTuple):
    """A place where a face may be, once the photo is turned.

    Attributes:
        score: how sure that is, 0..1.
        turns: by how many quarters to the left.
        level: which picture of the pyramid.
        cell: row and column of the network's answer.
    """

    score: float
    turns: int
    level: int
    cell: tuple[int, int]


def searched(image: Array) -> Search:
    """A photo (H, W, 3) in 0..1, made ready.

    Raises:
        ModelError: when its network is used, and that is one of an earlier kind.
    """
    network = model("core/faces")

    def answer(image: Array) -> tuple[Array, Array, Array]:
        """What the network says."""
        said = network(image=image)
        if len(said) != 3:
            raise ModelError(f"core/faces ({network.origin}) knows nothing of turned faces; train and export it again")
        return said

    return Search(image, list(pyramid(image)), answer)


def pyramid(image: Array) -> Iterator[Array]:
    """The photo at the sizes at which it is searched, each half as large as the one before."""
    height, width = image.shape[:2]
    scale, small = min(1.0, (BASE / (height * width)) ** 0.5), image
    while max(height, width) * scale >= SMALLEST:
        small = reduced(small, *(max(1, round(n * scale)) for n in (height, width)))
        yield small
        scale /= 2


def first_look(search: Search, turns: int = 0) -> tuple[list[Face], list[Hint]]:
    """The places that may be a face, the surest first, with the network's probability as the score.

    Args:
        search: the photo.
        turns: by how many quarters to the left it is seen.

    Returns:
        Faces that are upright then, and hints of others.
    """
    found: list[Face] = []
    hints: list[Hint] = []
    for level, small in enumerate(search.levels):
        faces, eyes, turned = search.network(image=planes([np.rot90(small, turns)]))
        for row, column in np.argwhere(faces[0, 0] > CANDIDATE).tolist():
            places = eyes[0, :, row, column].reshape(2, 2) + middle(row, column)
            if places[1, 0] > places[0, 0]:
                places = turned_back(places, small.shape[1::-1], turns)
                found.append(in_photo(search, level, places, float(faces[0, 0, row, column])))
        hints += hints_in(turned[0], level)
    return apart(found)[:CANDIDATES], sorted(hints, reverse=True)[:HINTS]


def hints_in(turned: Array, level: int) -> Iterator[Hint]:
    """The cells of one level (3, h, w) that are surer than all around them."""
    best: Any = ndimage.maximum_filter(turned, (1, ALONE, ALONE))
    for index, row, column in np.argwhere((turned == best) & (turned > HINT)).tolist():
        yield Hint(float(turned[index, row, column]), index + 1, level, (row, column))


def turned_look(search: Search, hints: Sequence[Hint]) -> list[Face]:
    """A first look at each hint, turned as it says: what is most likely a face there."""
    if not hints:
        return []
    corners = [middle(*hint.cell).astype(int) - PIECE // 2 for hint in hints]
    pieces = [piece(search.levels[h.level], corner, h.turns) for h, corner in zip(hints, corners, strict=True)]
    faces, eyes, _ = search.network(image=planes(pieces))
    found: list[Face] = []
    for i, (hint, corner) in enumerate(zip(hints, corners, strict=True)):
        part = faces[i, 0, NEAR, NEAR]
        row, column = (int(n) + NEAR.start for n in np.unravel_index(part.argmax(), part.shape))
        places = turned_back(eyes[i, :, row, column].reshape(2, 2) + middle(row, column), (PIECE, PIECE), hint.turns)
        found.append(in_photo(search, hint.level, places + corner, float(part.max())))
    return found


def second_look(search: Search, found: Sequence[Face]) -> list[Face]:
    """The faces with better places of the eyes, and scores that count both looks."""
    if not found:
        return []
    matrices = [upright(face, ACROSS) for face in found]
    faces, eyes = both_ways(search, matrices)
    inner = (..., *[slice(MIDST.start + 1, MIDST.stop - 1)] * 2)  # the four cells around the middle
    sure = faces[inner].mean((2, 3)).mean(0)
    near = eyes[inner].mean((3, 4)).reshape(2, -1, 2, 2)  # (ways, faces, eyes, x and y), from the middle
    near[1] = near[1, :, ::-1] * (-1, 1)  # mirrored back
    result: list[Face] = []
    for face, matrix, score, places in zip(found, matrices, sure, near.mean(0) + LOOK / 2, strict=True):
        left, right = ((float(x), float(y)) for x, y in places @ matrix[:, :2].T + matrix[:, 2])
        result.append(Face(left, right, float((face.score * score) ** 0.5)))
    return result


def third_look(search: Search, found: Sequence[Face]) -> list[Face]:
    """The faces with scores that count a closer look, too, and twice: what is no face shows it there more clearly."""
    if not found:
        return []
    faces, _ = both_ways(search, [upright(face, CLOSER) for face in found])
    sure = faces[..., MIDST, MIDST].max((2, 3)).mean(0)
    return [
        face._replace(score=float((face.score * score**2) ** (1 / 3))) for face, score in zip(found, sure, strict=True)
    ]


def both_ways(search: Search, matrices: Sequence[Matrix]) -> tuple[Array, Array]:
    """What the network says of N views of the photo, as they are and mirrored: (2, N, h, w) and (2, N, 4, h, w)."""
    views = [view(search.image, search.levels, matrix) for matrix in matrices]
    faces, eyes, _ = search.network(image=planes([*views, *(v[:, ::-1] for v in views)]))
    return faces.reshape(2, len(views), *faces.shape[2:]), eyes.reshape(2, len(views), *eyes.shape[1:])


def planes(pictures: Sequence[Array]) -> Array:
    """Pictures of one size (h, w, 3) as the network takes them, continued at the border to whole cells."""
    result = np.stack([picture.transpose(2, 0, 1) for picture in pictures])
    short = [(0, -n % STRIDE) for n in result.shape[2:]]
    return np.pad(result, [(0, 0), (0, 0), *short], mode="edge") if any(b for _, b in short) else result


def middle(row: int, column: int) -> NDArray[np.float64]:
    """x, y of the middle of a cell in pixels."""
    return (np.array([column, row]) + 0.5) * STRIDE


def turned_back(places: NDArray[Any], size: tuple[int, int], turns: int) -> NDArray[Any]:
    """Where places (N, 2) of a turned picture are in the picture itself, of that width and height."""
    (x, y), (width, height) = places.T, size
    return np.stack([(x, y), (width - y, x), (width - x, height - y), (y, height - x)][turns], 1)


def in_photo(search: Search, level: int, eyes: NDArray[Any], score: float) -> Face:
    """A face of the photo whose eyes (2, 2) are known in a picture of the pyramid."""
    scale = np.array(search.image.shape[1::-1]) / search.levels[level].shape[1::-1]
    left, right = (eyes * scale).tolist()
    return Face(tuple(left), tuple(right), score)


def piece(picture: Array, corner: NDArray[Any], turns: int) -> Array:
    """A square of PIECE pixels of a picture, turned; beyond the border it goes on."""
    columns, rows = (
        (int(first) + np.arange(PIECE)).clip(0, n - 1) for first, n in zip(corner, picture.shape[1::-1], strict=True)
    )
    return np.rot90(picture[rows[:, None], columns], turns)


def apart(faces: Sequence[Face]) -> list[Face]:
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
