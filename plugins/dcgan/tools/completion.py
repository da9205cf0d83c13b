"""Semantic completion: what could be behind a hole in a face (Yeh et al., arXiv 1607.07539)."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.crop import bounds, crop_to_photo, face_area, inverted, is_grey, moved, warp
from imgen.image.tone import tone_of
from imgen.lazy import ndimage, sparse, sparse_linalg

from . import codes, likely
from .search import Found, Goal, best_start, search

FINEST = 384  # side of the crop in which the seam is closed, in pixels
STEPS = 150
GUESSES = 64  # random codes that are looked at, of which the best ones start the candidates
REALISM = 1e-3  # weight of the critic's score beside the squared error of the known pixels
PRIOR = 2e-3
FREEDOM = 1.0  # for what codes cannot say: little, or the known pixels are matched and the hole stays a blur
LED = 0.3  # weight of what is likely in the hole, beside that of known pixels
SOFT = 2.0  # pixels: what is wider than this in the hole is as is likely, what is finer as was drawn
KNOWN = 0.5  # share of a pixel from which on it counts as known
NEAR = 6.0  # pixels from the hole within which known pixels count twice

Candidates = Annotated[int, Field(ge=1, le=9, description="How many completions are searched for")]
Choice = Annotated[
    int, Field(ge=0, le=9, description="Which one is taken, 1 fits best; 0 shows the face with each of them")
]
Hole = Annotated[imgen.Mask, Field(description="White where the face is to be completed; filled from the selection")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other completions")]


@imgen.tool(group="Faces", synonyms=["restore face", "missing part", "mouth", "inpaint face"])
@imgen.uses("dcgan/faces", "dcgan/encoder", "dcgan/likely", "core/faces")
def complete_face(
    image: imgen.Image,
    *,
    hole: Hole,
    candidates: Candidates = 3,
    choice: Choice = 1,
    seed: Seed = 0,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """Complete a face where something is selected, a brushed-out mouth for instance: several answers to choose from.

    What is likely there follows from the rest of the face (a Gaussian of faces). Codes are searched for whose faces
    agree with it and with the known pixels and seem real to the critic; what they draw in the hole is fitted to the
    photo at its border (Poisson blending, Perez et al. 2003). The first candidate is the likeliest.
    """
    if choice > candidates:
        raise imgen.ImgenError(f"complete_face: there are {candidates} candidates, so choice is 0 to {candidates}")
    face = faces.choose(image, points, box) if points or box else selected(image, hole)
    side = faces.SIZE * int(np.clip(np.ceil(width_of(face) / faces.SIZE), 1, FINEST / faces.SIZE))
    crop, known = seen(image, hole > 0, face, side)
    if known.min() > KNOWN:
        imgen.note("the selection does not touch the face, so nothing was completed (points or box choose another one)")
        return image.copy()
    found = completions(small(crop), small(known[..., None])[..., 0], candidates, seed)
    order = np.append(0, 1 + np.argsort(found.loss[1:], kind="stable"))
    results: list[Array] = []
    grey, tone = is_grey(face_area(image, face)), tone_of(image, hole == 0)
    for made in found.faces[order if choice == 0 else order[choice - 1 : choice]]:
        made = codes.enlarged(made[None], side // faces.SIZE)[0]
        if grey:
            made = np.repeat(made.mean(2, keepdims=True), 3, 2)
        elif tone is not None:
            made = tone.painted(made)
        results.append(put_in(image, face, blended(crop, made, known), hole > 0))
    return results[0] if choice else np.concatenate([face_area(result, face) for result in results], 1)


def selected(image: Array, hole: Array) -> faces.Face:
    """The sure face that the selection (H, W) covers most of; if it covers none, the one nearest to its middle."""
    sure = [face for face in faces.find(image) if face.score >= faces.SURE]
    covered = [float(seen_part(hole, face).sum()) * width_of(face) ** 2 for face in sure]
    if any(covered):
        return sure[int(np.argmax(covered))]
    return faces.choose(image, middle_of(hole), None)


def seen_part(hole: Array, face: faces.Face) -> Array:
    """What of the selection (H, W) is in the face's crop (64, 64, 1)."""
    padded = np.pad(hole, 1)[..., None].astype(np.float32)  # nothing is selected beyond the photo
    matrix = crop_to_photo(face, faces.SIZE, codes.crop())
    matrix[:, 2] += 1
    return warp(padded, matrix, (faces.SIZE, faces.SIZE), order=1)


def middle_of(hole: Array) -> imgen.Points:
    """The middle of what is selected (H, W), as a click; none where nothing is."""
    rows, columns = np.nonzero(hole > 0)
    if not len(rows):
        return []
    return [((columns.mean() + 0.5) / hole.shape[1], (rows.mean() + 0.5) / hole.shape[0])]


def width_of(face: faces.Face) -> float:
    """Pixels of the photo on a side of the face's crop."""
    return float(np.hypot(*crop_to_photo(face, 1, codes.crop())[:, 0]))


def seen(image: Array, hole: NDArray[np.bool_], face: faces.Face, side: int) -> tuple[Array, Array]:
    """The face's crop (side, side, 3) without a trace of what is in the hole, and how much of each pixel is known."""
    matrix = crop_to_photo(face, side, codes.crop())
    margin = 8 * int(np.ceil(width_of(face) / side)) + 8  # more than the averaging of a large face reaches
    area = bounds(matrix, (side, side), image.shape, margin)
    matrix[:, 2] -= (area[1].start, area[0].start)
    known = ~hole[area][..., None]
    values = warp(np.concatenate([image[area] * known, known], 2, dtype=np.float32), matrix, (side, side), order=1)
    colours, share = values[..., :3], values[..., 3:]
    mean = colours.sum((0, 1)) / max(1.0, float(share.sum()))
    return np.where(share > KNOWN / 2, colours / share.clip(KNOWN / 2), mean).astype(np.float32), share[..., 0]


def small(picture: Array) -> Array:
    """(side, side, C) averaged to (64, 64, C)."""
    return faces.resized(picture, faces.SIZE).clip(0, 1)


def completions(crop: Array, known: Array, count: int, seed: int) -> Found:
    """Faces that agree with the known part of a crop, the likeliest first.

    Args:
        crop: (64, 64, 3) in 0..1.
        known: (64, 64), 1 where it is known.
        count: candidates.
        seed: draws where they start, and what else is likely.
    """
    known = (ndimage.minimum_filter(known, 3) > 0.9).astype(np.float32)  # the hole's blurred border is not known
    distance: Any = ndimage.distance_transform_edt(known)
    near = np.exp(-distance / NEAR).astype(np.float32)
    weight = known * (1 + near)
    weight *= np.float32(weight.size / max(1.0, float(weight.sum())))
    close = codes.crop() == faces.CLOSE  # what is likely is known of these
    mean = (crop * known[..., None]).sum((0, 1), keepdims=True) / max(1.0, float(known.sum()))
    target = likely.guesses(crop, known, count, seed) if close else np.repeat(mean[None], count, 0)
    target = np.where(known[None, ..., None] > 0, crop, target).astype(np.float32)
    weights = np.repeat((weight + LED * close * (1 - known))[None], count, 0).astype(np.float32)
    goal = Goal(target, weights, REALISM, PRIOR, FREEDOM)
    guess = codes.encoded(target[:1]).code
    noise = codes.random_codes(seed, GUESSES)
    mixed = np.asarray(0.7 * guess + 0.7 * noise, np.float32)  # as long as a code is
    found = search(goal, best_start(goal, mixed, count), STEPS)
    made = [led(*pair) for pair in zip(found.faces, target, strict=True)]
    return found._replace(faces=np.stack(made)) if close else found


def led(made: Array, target: Array) -> Array:
    """A face (64, 64, 3) with what is broad in it as in another, so that only details are invented."""
    broad = np.asarray(ndimage.gaussian_filter(target - made, (SOFT, SOFT, 0)), np.float32)
    return (made + broad).clip(0, 1)


def blended(crop: Array, made: Array, known: Array) -> Array:
    """The crop (S, S, 3) with `made` where it is not known, moved so that the border of the hole does not show.

    Poisson blending: in the hole the gradient is that of `made`, at its border the values are the crop's. So what is
    added to `made` is harmonic: smooth, and at the border the difference of both.
    """
    hole = known < KNOWN
    hole[[0, -1]] = hole[:, [0, -1]] = False  # the crop's rim holds on to something
    difference = (crop - made).astype(np.float64)
    result = crop.copy()
    result[hole] = (made + harmonic(difference, hole))[hole].clip(0, 1)
    return result


def harmonic(values: NDArray[np.float64], hole: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`values` (H, W, C) with the hole (H, W), which touches no border, filled as smoothly as can be (Laplace)."""
    count = int(hole.sum())
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(count)
    rows, columns = np.nonzero(hole)
    matrix: Any = 4 * sparse.eye_array(count, format="csr")
    right = np.zeros((count, values.shape[2]))
    for y, x in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        there = number[rows + y, columns + x]
        inner = there >= 0
        links = sparse.csr_array((np.ones(inner.sum()), (np.flatnonzero(inner), there[inner])), shape=(count, count))
        matrix = matrix - links
        right[~inner] += values[rows[~inner] + y, columns[~inner] + x]
    filled = values.copy()
    solved: Any = sparse_linalg.spsolve(matrix.tocsc(), right)
    filled[hole] = solved.reshape(count, -1)
    return filled


def put_in(image: Array, face: faces.Face, crop: Array, hole: NDArray[np.bool_]) -> Array:
    """The photo (H, W, 3) with the crop (S, S, 3) where the hole (H, W) is."""
    side = len(crop)
    matrix = crop_to_photo(face, side, codes.crop())
    rows, columns = bounds(matrix, (side, side), image.shape, margin=1)
    here = moved(inverted(matrix), (columns.start, rows.start))
    area = image[rows, columns]
    shape = area.shape[:2]
    drawn = warp(crop, here, shape).clip(0, 1)
    y, x = (np.arange(n) + 0.5 for n in shape)
    places = [a * x + b * y[:, None] + c for a, b, c in here]  # of each pixel in the crop
    covered = np.logical_and.reduce([(p > 1) & (p < side - 1) for p in places])
    if (hole[rows, columns] & ~covered).any() or hole.sum() > hole[rows, columns].sum():
        imgen.note("the selection reaches beyond the face; the rest of it was left as it is (inpaint may fill it)")
    result = image.copy()
    result[rows, columns] = np.where((hole[rows, columns] & covered)[..., None], drawn, area)
    return result
