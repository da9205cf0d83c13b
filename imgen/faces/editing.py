"""What tools that draw faces share: doubts about a drawing, mixtures of two faces, and whose codes a model knows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..contract.arrays import Array
from ..contract.context import note, progress
from ..errors import ImgenError
from ..inference.registry import Model
from .crop import SIZE, WIDE, Crop, Face, align, oval, put_back, resized, side_of

Draw = Callable[[Array, Array], tuple[Array, Array]]

INNER = (0.1875, 0.9375, 0.1875, 0.8125)  # of a wide crop: rows and columns of the face, in parts of the side
STRANGE = 18.3  # dB that 99 of 100 faces exceed there with a model of 64x64 pixels
LARGEST = 512  # side of an animation in pixels


def warn_if_strange(
    crop: Array, drawn: Array, inner: tuple[float, float, float, float] = INNER, strange: float = STRANGE
) -> None:
    """Say so where a model cannot draw the face: what it changes may then be wrong as well.

    Args:
        crop: the aligned face (S, S, 3).
        drawn: what the model makes of it, the same shape.
        inner: first and last row, first and last column that count, in parts of the side.
        strange: PSNR in dB there, below which the face is strange.
    """
    top, bottom, left, right = (round(part * len(crop)) for part in inner)
    inside = np.s_[top:bottom, left:right]
    error = float(np.square(crop[inside] - drawn[inside]).mean())
    if error > 10 ** (-strange / 10):
        note("the model can hardly draw this face (turned away, hidden, painted, dark?): look closely at the result")


def morph(
    photos: tuple[Array, Array],
    faces: tuple[Face, Face],
    amount: float,
    frames: int,
    draw: Draw,
    size: int = SIZE,
    crop: Crop = WIDE,
) -> Array:
    """Two people's faces mixed: in the first photo (1, H, W, 3), or with more frames an animation there and back.

    What a model cannot draw (pores, single hairs) fades from one photo to the other; head and hair stay.

    Args:
        photos: (H, W, 3) in 0..1.
        faces: one in each.
        amount: 0 the first face, 1 the other one.
        frames: 1, or so many from one face to the other.
        draw: from both faces (2, S, S, 3) and parts (N,) of the way between them to drawings (N, S, S, 3) of the
            faces between, and of both ends (2, S, S, 3).
        size: S, in pixels.
        crop: how faces lie in these.
    """
    side = side_of(faces[0], crop, size, 2048 if frames == 1 else LARGEST)
    first, second = (align(photo, face, side, crop) for photo, face in zip(photos, faces, strict=True))
    parts = np.linspace(0, amount, frames, dtype=np.float32) if frames > 1 else np.array([amount], np.float32)
    small = np.stack([resized(first, size), resized(second, size)])
    made = crossfaded(first, second, parts, *draw(small, parts))
    if frames > 1:
        return np.concatenate([made, made[-2:0:-1]])
    return put_back(photos[0], faces[0], first, first + oval(side, crop) * (made[0] - first), crop)[None]


def crossfaded(first: Array, second: Array, parts: Array, drawn: Array, ends: Array) -> Array:
    """Faces (N, S, S, 3): the photos fade into each other, and what is drawn moves from one to the other meanwhile.

    Args:
        first: aligned face (S, S, 3).
        second: the other one.
        parts: (N,) from 0 to 1.
        drawn: (N, D, D, 3), what the model makes of the mixed codes.
        ends: (2, D, D, 3), what it makes of those of both faces.
    """
    side = len(first)
    result = np.empty((len(parts), side, side, 3), np.float32)
    for i, (t, made) in enumerate(zip(parts, drawn, strict=True)):
        progress(i, len(parts))
        smooth = made - (1 - t) * ends[0] - t * ends[1]  # what the crossfade of the photos lacks
        result[i] = (1 - t) * first + t * second + resized(smooth, side)
    return result.clip(0, 1)


def check_codes(model: Model, network: Model) -> None:
    """That a model was learned from the codes of the network that is in use, or of the one whose codes that kept.

    Raises:
        ImgenError: it was another one.
    """
    known, own = (one.card.get("measured", {}).get("codes_of") for one in (model, network))
    if known is None or known not in (network.checksum, own):
        raise ImgenError(
            f"{model.name} was learned for another {network.name} than the one in use; train it again with "
            f"`imgen train {model.name}`, or remove your own {network.name} (`imgen models` shows where it is)"
        )
