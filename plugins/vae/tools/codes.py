"""From a photo's face to its code and back: what all tools on faces share."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces import editing
from imgen.inference.registry import Model


class Space(NamedTuple):
    """The codes of one autoencoder.

    Attributes:
        model: its name.
        size: side of its crops in pixels.
        crop: how faces lie in them.
        inner: rows and columns, in parts of the side, from first to last, in which it should draw the face well.
        strange: dB; ninety-nine in a hundred faces that it has never seen are reconstructed better than this there.
    """

    model: str
    size: int
    crop: faces.Crop
    inner: tuple[float, float, float, float]
    strange: float


HEAD = Space("vae/faces", faces.SIZE, faces.WIDE, editing.INNER, editing.STRANGE)
CLOSE = Space("vae/closeup", 128, faces.CLOSE, (0.125, 0.875, 0.125, 0.875), 20.0)
SPACES = {space.model: space for space in (HEAD, CLOSE)}


def network(space: Space = HEAD) -> Model:
    """The autoencoder."""
    return imgen.model(space.model)


def latent(space: Space = HEAD) -> int:
    """Length of its codes."""
    return int(network(space).settings["latent"])


def reconstructed(crops: Array, offsets: Array, space: Space = HEAD) -> tuple[Array, Array]:
    """What the decoder makes of the codes of faces plus `offsets`, (B, S, S, 3) in 0..1, and the codes (B, latent).

    Args:
        crops: aligned faces (B, S, S, 3), S as the space has it.
        offsets: (B, latent).
        space: whose codes.
    """
    image = np.ascontiguousarray(crops.transpose(0, 3, 1, 2))
    made, mean, _ = network(space)(image=image, keep=np.ones((len(crops), 1), np.float32), offset=offsets)
    return made.transpose(0, 2, 3, 1), mean


def decoded(codes: Array, space: Space = HEAD) -> Array:
    """Faces (B, S, S, 3) in 0..1 of codes (B, latent)."""
    image = np.zeros((len(codes), 3, space.size, space.size), np.float32)
    made, _, _ = network(space)(image=image, keep=np.zeros((len(codes), 1), np.float32), offset=codes)
    return made.transpose(0, 2, 3, 1)


def edited(
    image: Array,
    points: imgen.Points,
    box: imgen.Box | None,
    offsets: dict[str, Array],
    hard: dict[str, Array] | None = None,
) -> Array:
    """The photo (H, W, 3) with its chosen faces' codes moved.

    Args:
        image: in 0..1.
        points: a click on each face.
        box: a rectangle around it.
        offsets: by the name of the autoencoder, how its code changes (latent,).
        hard: the part of that change which the photo's detail can stand in the way of; None for all of it.
    """
    spaces = [space for space in SPACES.values() if space.model in offsets]
    for face, space in product(faces.choose_each(image, points, box), spaces):
        offset = offsets[space.model]
        part = offset if hard is None else hard.get(space.model, np.zeros_like(offset))
        image = moved(image, face, offset, part, space)
    return image


def moved(image: Array, face: faces.Face, offset: Array, hard: Array, space: Space) -> Array:
    """The photo with the face's code in one space moved by `offset` (latent,), of which `hard` replaces detail."""
    crop = faces.align(image, face, space.size, space.crop)
    if space is HEAD:
        (before, after), _ = reconstructed(np.stack([crop, crop]), np.stack([np.zeros_like(offset), offset]), space)
        faces.warn_if_strange(crop, before, space.inner, space.strange)
        return faces.put_back(image, face, before, after)
    before, *drawn = changes(crop, offset, hard, space)
    faces.warn_if_strange(crop, before, space.inner, space.strange)
    return faces.put_change(image, face, before, drawn[0], space.crop, drawn[1])


def changes(crop: Array, offset: Array, hard: Array, space: Space) -> tuple[Array, Array, Array]:
    """A face (S, S, 3) as it is drawn: as it is, changed, and changed by what replaces detail alone.

    Args:
        crop: the aligned face (S, S, 3).
        offset: the change of its code (latent,).
        hard: the part of it that replaces detail (latent,).
        space: whose code.
    """
    wanted = [np.zeros_like(offset), offset, hard]
    kinds = {row.tobytes(): row for row in wanted}  # most often two, and each is drawn once
    made, _ = reconstructed(np.stack([crop] * len(kinds)), np.stack([*kinds.values()]), space)
    drawn = dict(zip(kinds, made, strict=True))
    before = drawn[wanted[0].tobytes()]
    after, replaced = (faces.changed(before, drawn[row.tobytes()]) for row in wanted[1:])
    return before, after, replaced
