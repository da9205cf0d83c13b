"""The face that a tool edits: at the click, in the box, or the largest one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from ..contract.arrays import Array
from ..contract.context import note
from ..contract.places import Box, Points, box_pixels
from ..errors import ImgenError
from .crop import EYES, SIZE, Face
from .finder import SURE, find
from .look import centre, distance

Clicks = Annotated[Points, Field(description="Click on the face that you mean; empty takes the largest")]
EachClick = Annotated[Points, Field(description="Click on each face that you mean; empty takes the largest")]
Frame = Annotated[Box | None, Field(description="Look only inside this rectangle; it helps where no face is found")]
OtherClicks = Annotated[Points, Field(description="Where in the other photo the face is that you mean")]
OtherFrame = Annotated[Box | None, Field(description="A rectangle around the face in the other photo")]

FAR = 8  # distances between the eyes: a face so far from a click is not what was meant


def choose_each(image: Array, points: Points, box: Box | None) -> list[Face]:
    """The faces that a tool edits, one for each click; without clicks the one that `choose` takes.

    Raises:
        ImgenError: as `choose`, and where a click is far from every face.
    """
    found = [choose(image, [point], box) for point in points] or [choose(image, points, box)]
    for face, point in zip(found, points, strict=False):  # without clicks there are no points
        if box is None and away(face, [point], image.shape) > FAR * distance(face):
            raise ImgenError("no face found near the click; drag a box around it, from hair to chin")
    kept: list[Face] = []
    for face in found:
        if all(np.hypot(*np.subtract(centre(face), centre(other))) > distance(face) for other in kept):
            kept.append(face)
    return kept


def choose(image: Array, points: Points, box: Box | None, of: str = "") -> Face:
    """The face that a tool edits: nearest to the click, or inside the box, or the largest. Notes tell of doubts.

    Args:
        image: the photo (H, W, 3) in 0..1.
        points: a click on the face or near it, in parts of the width and height.
        box: where to look; if no face is found in it, it is itself taken for a face.
        of: the parameter that the photo was given by, if it is a further one; messages say so, and name OF_points and
            OF_box.

    Raises:
        ImgenError: no face is found, and there is no box.
    """
    faces = inside(image, box)
    prefix, where = (f"{of}_", f" in {of}") if of else ("", "")
    if points:
        faces = sorted(faces, key=lambda face: away(face, points, image.shape))
        if not faces or faces[0].score < SURE or not touches(faces[0], points, image.shape):
            faces = closer(image, points) or faces
        if faces and not touches(faces[0], points, image.shape):
            note(f"there is no face at the click{where}; the nearest one is taken")
    elif (sure := sum(face.score >= SURE for face in faces)) > 1:
        note(f"{sure} faces found{where}; the largest is taken. Click on another one ({prefix}points), or give a box")
    if faces:
        if faces[0].score < SURE:
            note(f"this may be no face seen from the front{where} (a profile, a drawing, an animal, half hidden)")
        return faces[0]
    if box is None:
        remedy = f"drag a box around it ({prefix}box=[left,top,width,height]), from hair to chin"
        raise ImgenError(f"no face found{where}; {remedy}")
    note(f"no face found in the box{where}, so the box is taken for one, its eyes a little above its middle")
    return framed(box, image.shape)


def inside(image: Array, box: Box | None) -> list[Face]:
    """The faces whose middle is in the box; the search sees a margin around it."""
    if box is None:
        return find(image)
    rows, columns = box_pixels(box, image.shape)
    wide = [widened(part, length) for part, length in zip((rows, columns), image.shape, strict=False)]
    faces = [shifted(face, wide[1].start, wide[0].start) for face in find(image[wide[0], wide[1]])]
    return [
        face
        for face, (x, y) in zip(faces, map(centre, faces), strict=True)
        if columns.start <= x < columns.stop and rows.start <= y < rows.stop
    ]


def widened(part: slice, length: int) -> slice:
    """A span with a third of its length more on both sides, inside the picture."""
    more = (part.stop - part.start) // 3
    return slice(max(0, part.start - more), min(length, part.stop + more))


def shifted(face: Face, x: float, y: float) -> Face:
    """A face of a part of the photo, in the photo."""
    left, right = ((eye[0] + x, eye[1] + y) for eye in (face.left, face.right))
    return Face(left, right, face.score)


def away(face: Face, points: Points, shape: tuple[int, ...]) -> float:
    """Pixels from the middle of a face to the nearest click."""
    x, y = centre(face)
    return min(float(np.hypot(px * shape[1] - x, py * shape[0] - y)) for px, py in points)


def touches(face: Face, points: Points, shape: tuple[int, ...]) -> bool:
    """Whether a click is on the face."""
    return away(face, points, shape) < 2 * distance(face)


def closer(image: Array, points: Points) -> list[Face]:
    """Faces under a click that are too small to be found in the whole photo: look at less and less around it."""
    found: list[Face] = []
    for zoom in (0.5, 0.25, 0.125):
        for x, y in points:
            left, top = (min(max(0.0, place - zoom / 2), 1 - zoom) for place in (x, y))
            near = inside(image, (left, top, zoom, zoom))
            found += [face for face in near if touches(face, [(x, y)], image.shape)]
        if any(face.score >= SURE for face in found):
            break
    return sorted(found, key=lambda face: face.score, reverse=True)


def framed(box: Box, shape: tuple[int, ...]) -> Face:
    """The box as a face: eyes where crops have them."""
    rows, columns = box_pixels(box, shape)
    eyes = [
        (columns.start + (columns.stop - columns.start) * x / SIZE, rows.start + (rows.stop - rows.start) * y / SIZE)
        for x, y in EYES
    ]
    return Face(eyes[0], eyes[1], 0.0)
