"""From a photo's face to its code and back: what all tools on faces share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen import faces
from imgen.models import Model
from imgen.sheets import sheet as sheet

Array = NDArray[np.float32]

STRANGE = 18.3  # dB; ninety-nine in a hundred faces that the model has never seen are reconstructed better than this


def network() -> Model:
    """The faces' autoencoder."""
    return imgen.model("vae/faces")


def latent() -> int:
    """Length of its codes."""
    return int(network().card["training"]["settings"]["latent"])


def reconstructed(crops: Array, offsets: Array) -> tuple[Array, Array]:
    """What the decoder makes of the codes of faces plus `offsets`, (B, 64, 64, 3) in 0..1, and the codes (B, latent).

    Args:
        crops: aligned faces (B, 64, 64, 3).
        offsets: (B, latent).
    """
    image = np.ascontiguousarray(crops.transpose(0, 3, 1, 2))
    made, mean, _ = network()(image=image, keep=np.ones((len(crops), 1), np.float32), offset=offsets)
    return made.transpose(0, 2, 3, 1), mean


def decoded(codes: Array) -> Array:
    """Faces (B, 64, 64, 3) in 0..1 of codes (B, latent)."""
    image = np.zeros((len(codes), 3, faces.SIZE, faces.SIZE), np.float32)
    made, _, _ = network()(image=image, keep=np.zeros((len(codes), 1), np.float32), offset=codes)
    return made.transpose(0, 2, 3, 1)


def edited(image: Array, points: imgen.Points, box: imgen.Box | None, offset: Array) -> Array:
    """The photo (H, W, 3) with its chosen face's code moved by `offset` (latent,)."""
    face = faces.choose(image, points, box)
    crop = faces.align(image, face)
    both = np.stack([np.zeros_like(offset), offset])
    (before, after), _ = reconstructed(np.stack([crop, crop]), both)
    warn_if_strange(crop, before)
    return faces.put_back(image, face, before, after)


def warn_if_strange(crop: Array, made: Array) -> None:
    """Say so where the model cannot draw the face: what it changes may then be wrong as well."""
    inner = np.s_[12:60, 12:52]
    error = float(np.square(crop[inner] - made[inner]).mean())
    if error > 10 ** (-STRANGE / 10):
        imgen.note(
            "the model can hardly draw this face (turned away, hidden, painted, dark?): look closely at the result"
        )


def resized(picture: Array, side: int) -> Array:
    """A square picture (S, S, C) smoothly at another size; its values may leave the range that they were in."""
    return faces.warp(picture, np.eye(2, 3) * (len(picture) / side), (side, side))
