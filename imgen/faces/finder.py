"""Faces in a photo, found.

The network of `core/faces` looks at a pyramid of the photo, then at each face that it found, upright and at the size it
knows best, once as it is and once mirrored. That second look places the eyes and decides how sure it is; a third one
decides where that leaves doubts. It knows upright faces only. Where it finds none beyond doubt, it looks at what may be
faces on their side or upside down, and if it is right, at all of the photo that way up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..image.guided import reduced
from .crop import Face
from .look import Hint, Search, apart, distance, first_look, searched, second_look, third_look, turned_look

Array = NDArray[np.float32]

DOUBTFUL, SURE = 0.3, 0.6  # scores from which on a face is reported, and reported without a warning
CERTAIN = 0.8  # from here on nothing more is asked: not whether it is a face, nor whether the photo lies on its side
OPEN = 0.25  # after two looks; below it a third one is not worth while
LIKELY = 0.5  # a hint of a turned face is worth closer looks if the first one says so
FRAMED, FRAME = 64, 0.25  # longer side of a photo that is seen in a frame, and the frame in parts of it
FILLING = 0.3  # eye distance of a face that fills a photo, in parts of its longer side
TURNED = 0.68  # if they do, it settles which way up the photo is, unless an upright face is surer


def find(image: Array) -> list[Face]:
    """The faces in a photo (H, W, 3) in 0..1, sure ones first, and the largest of them first; [] where there is none.

    A face is found if the eyes are at least 8 pixels apart after shrinking the photo to 0.6 megapixels, and turned by
    no more than some 30 degrees, or that much more or less than a quarter or half turn. All faces of a photo are
    looked for the same way up: upright, or where that shows no certain face, the way that shows a sure and surer one.
    Where there is none at all, one is looked for that fills the photo.
    """
    search = searched(image)
    found, hints = found_at(search, 0)
    if surest(found) < CERTAIN:
        way, score = way_up(search, hints)
        if score >= max(TURNED, surest(found)):
            found, _ = found_at(search, way)
    found = found or filling(image)
    return sorted(found, key=lambda face: (face.score >= SURE, distance(face)), reverse=True)


def filling(image: Array) -> list[Face]:
    """The face that fills a photo (H, W, 3) and is cut by its border; [] if none does.

    It is seen small and in a grey frame, which is what the network takes all for that lies beyond a border. Smaller
    faces in it do not count: what is no face has eyes nearer together.
    """
    longer = max(image.shape[:2])
    scale = min(1.0, FRAMED / longer)
    small = reduced(image, *(max(1, round(n * scale)) for n in image.shape[:2]))
    margin = round(FRAME * max(small.shape[:2]))
    framed = np.pad(small, ((margin, margin), (margin, margin), (0, 0)), constant_values=0.5)
    zoom = np.array(image.shape[1::-1]) / small.shape[1::-1]
    found: list[Face] = []
    for face in found_at(searched(framed), 0)[0]:
        left, right = ((float(x), float(y)) for x, y in (np.array([face.left, face.right]) - margin) * zoom)
        found.append(Face(left, right, face.score))
    return [face for face in found if distance(face) >= FILLING * longer]


def found_at(search: Search, turns: int) -> tuple[list[Face], list[Hint]]:
    """The faces that are upright once the photo is turned to the left by so many quarters, doubtful ones too.

    Also returns where faces may be that are upright if it is turned further.
    """
    first, hints = first_look(search, turns)
    return apart([face for face in looked_at(search, first) if face.score >= DOUBTFUL]), hints


def looked_at(search: Search, found: Sequence[Face]) -> list[Face]:
    """As many faces, looked at again: twice, where one look leaves it open whether it is a face."""
    seen = second_look(search, found)
    again = [i for i, face in enumerate(seen) if OPEN <= face.score < CERTAIN]
    for i, face in zip(again, third_look(search, [seen[i] for i in again]), strict=True):
        seen[i] = face
    return seen


def way_up(search: Search, hints: Sequence[Hint]) -> tuple[int, float]:
    """By how many quarters to the left the photo is to be turned for the surest of the hints, and how sure it is."""
    likely = [(h, face) for h, face in zip(hints, turned_look(search, hints), strict=True) if face.score >= LIKELY]
    faces = looked_at(search, [face for _, face in likely])
    ways = ((hint.turns, face.score) for (hint, _), face in zip(likely, faces, strict=True))
    return max(ways, key=lambda way: way[1], default=(0, 0.0))


def surest(found: Sequence[Face]) -> float:
    """The highest score, 0 where there is no face."""
    return max((face.score for face in found), default=0.0)
