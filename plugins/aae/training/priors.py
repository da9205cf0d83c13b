"""The distributions that codes are made to have, drawn with numpy, for training and for tools alike.

Each has mean 0 and a spread of 1 in every direction, so that one network suits them all. The mixture and the
swiss roll are those of the paper's figures (Makhzani et al., arXiv 1511.05644, figures 2 and 3).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array

Prior = Literal["gaussian", "mixture", "swiss-roll"]

PETALS = 10  # Gaussians of the mixture, around the middle
REACH, LENGTH, WIDTH = 1.32, 0.44, 0.12  # of a petal: its distance from the middle, and its spread outward and across
TURNS, THIN = 1.5, 0.03  # of the swiss roll: how often it winds, and its spread across, in parts of its radius
MIDDLE, SPREAD = (-0.0453, 0.2028), (0.5074, 0.4487)  # of the roll before it is brought to mean 0 and spread 1


def draw(prior: Prior, count: int, numbers: int, rng: np.random.Generator) -> Array:
    """Codes (count, numbers) from a prior.

    Raises:
        ValueError: the mixture and the swiss roll lie in the plane, and `numbers` is not 2.
    """
    if prior == "gaussian":
        return rng.standard_normal((count, numbers), dtype=np.float32)
    if numbers != 2:
        raise ValueError(f"the prior {prior} has two numbers, not {numbers}; give --set latent=2 or prior=gaussian")
    return mixture(count, rng) if prior == "mixture" else swiss_roll(count, rng)


def mixture(count: int, rng: np.random.Generator) -> Array:
    """Codes (count, 2) of ten long Gaussians that stand around the middle like petals."""
    angle = rng.integers(PETALS, size=count) * (2 * np.pi / PETALS)
    outward, across = REACH + LENGTH * rng.standard_normal(count), WIDTH * rng.standard_normal(count)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([outward * cos - across * sin, outward * sin + across * cos], 1).astype(np.float32)


def swiss_roll(count: int, rng: np.random.Generator) -> Array:
    """Codes (count, 2) along a spiral, evenly by its length."""
    part = rng.random(count) ** 0.5  # the length of a spiral grows with the square of its angle
    angle = 2 * np.pi * TURNS * part
    places = part[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1) + THIN * rng.standard_normal((count, 2))
    return ((places - MIDDLE) / SPREAD).astype(np.float32)


def sliced_wasserstein(a: NDArray[Any], b: NDArray[Any], directions: int = 200, seed: int = 0) -> float:
    """The earth mover's distance between two sets of codes, averaged over random directions (Rabin et al., 2011).

    Args:
        a: (N, D).
        b: (N, D), as many.
        directions: how many.
        seed: draws them.

    Two sets of N drawn from one distribution are not at distance 0: compare with that floor.
    """
    axes = np.random.default_rng(seed).standard_normal((directions, a.shape[1]))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    return float(np.abs(np.sort(a @ axes.T, 0) - np.sort(b @ axes.T, 0)).mean())
