"""What is likely where a face is not known: the best linear guess from the rest of it, and others that could be.

Conditional Gaussian of principal components (Tipping & Bishop 1999; for faces: Moghaddam & Pentland 1997).
"""

from __future__ import annotations

import numpy as np

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.image.resize import resize

NAME = "dcgan/likely"
DOUBT = 0.16  # standard deviation of known pixels from what components can say; small values overrate what is seen
LIVELY = 0.8  # of the spread that the rest of the face leaves is in guesses other than the likeliest


def guesses(crop: Array, known: Array, count: int, seed: int) -> Array:
    """Faces (count, 64, 64, 3), soft: first the likeliest, then others that are likely.

    Args:
        crop: (64, 64, 3) in 0..1, a close one.
        known: (64, 64), 1 where it is known, else 0.
        count: faces.
        seed: draws the others.
    """
    mean, parts = components()
    side = mean.shape[0]
    seen = np.repeat((resize(known[..., None], (side, side)) > 0.99).ravel(), 3)
    told = (resize(crop, (side, side)) - mean).ravel()[seen].astype(np.float64)
    held = parts[:, seen].astype(np.float64)
    precision = held @ held.T / DOUBT**2 + np.eye(len(parts))
    likeliest = np.linalg.solve(precision, held @ told / DOUBT**2)
    noise = np.random.default_rng(seed).standard_normal((len(parts), count))
    noise[:, 0] = 0
    spread = np.linalg.solve(np.linalg.cholesky(precision).T, noise)
    codes = likeliest[None] + LIVELY * spread.T
    made = mean + (codes.astype(np.float32) @ parts).reshape(count, side, side, 3)
    return np.stack([resize(face, (faces.SIZE, faces.SIZE)) for face in made])


def components() -> tuple[Array, Array]:
    """The mean face (S, S, 3), and what one unit of each number of a code adds to it (K, 3 S²)."""
    model = imgen.model(NAME)
    count = int(model.settings["components"])
    codes = np.concatenate([np.zeros((1, count), np.float32), np.eye(count, dtype=np.float32)])
    made = model(code=codes).transpose(0, 2, 3, 1)
    return made[0], (made[1:] - made[0]).reshape(count, -1)
