"""The VAE of the VAE plugin as what the autoencoder of faces is compared with; found by its models' names."""

from __future__ import annotations

import numpy as np

import imgen
from imgen.contract.arrays import Array
from imgen.faces.training.measures import planes

from ..tools.codes import FACE

NAME = "vae/closeup"


def latent() -> int:
    """Numbers of its codes."""
    return int(imgen.model(NAME).settings["latent"])


def run(pictures: Array, offset: Array | float = 0.0) -> tuple[Array, Array]:
    """Pictures (B, 128, 128, 3) of the codes of faces plus an offset, and the codes (B, latent)."""
    count = len(pictures)
    offsets = np.zeros((count, latent()), np.float32) + np.float32(offset)
    made, mean, _ = imgen.model(NAME)(image=planes(pictures), keep=np.ones((count, 1), np.float32), offset=offsets)
    return made.transpose(0, 2, 3, 1), mean


def drawn(codes: Array) -> Array:
    """Faces (B, 128, 128, 3) of codes (B, latent)."""
    blank = np.zeros((len(codes), 3, FACE, FACE), np.float32)
    made, _, _ = imgen.model(NAME)(image=blank, keep=np.zeros((len(codes), 1), np.float32), offset=codes)
    return made.transpose(0, 2, 3, 1)
