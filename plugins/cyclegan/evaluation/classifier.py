"""Which of two domains a picture belongs to, by a classifier that shares nothing with the critics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from imgen.image import guided
from imgen.image.lab import rgb_to_lab
from imgen.training.data import Pictures
from imgen.training.frechet import random_features

Array = NDArray[np.float32]
Flat = NDArray[np.float64]
SIDES = (64, 128)  # pixels at which random features look
BINS = ((0, 100, 6), (-60, 60, 8), (-60, 60, 8))  # of L, a, b: from, to, number
DECAY = 1e-2


class DomainClassifier:
    """Logistic regression on random convolutional features and histograms of colour of real pictures."""

    def __init__(self, a: Pictures, b: Pictures) -> None:
        seen = [features(sized(domain, max(SIDES))) for domain in (a, b)]
        self.mean, self.spread = np.concatenate(seen).mean(0), np.concatenate(seen).std(0) + 1e-3
        self.normal = regression(*(with_one((part - self.mean) / self.spread) for part in seen))

    def __call__(self, pictures: Array) -> NDArray[np.bool_]:
        """Whether each of (N, S, S, 3) in 0..1 belongs to B."""
        return with_one((features(pictures) - self.mean) / self.spread) @ self.normal > 0


def regression(a: Flat, b: Flat) -> Flat:
    """The normal (D,) that separates (N, D) below 0 from (M, D) above; both sides weigh the same."""
    signed = np.concatenate([-a, b])
    weight = np.concatenate([np.full(len(part), 0.5 / len(part)) for part in (a, b)])

    def loss(normal: Flat) -> tuple[float, Flat]:
        margin = signed @ normal
        slope = -(weight / (1 + np.exp(margin.clip(-50, 50)))) @ signed
        return float(weight @ np.logaddexp(0, -margin) + DECAY * normal @ normal), slope + 2 * DECAY * normal

    found: Any = minimize(loss, np.zeros(signed.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x


def with_one(rows: NDArray[Any]) -> Flat:
    """Rows (N, D) with a column of ones (N, D + 1)."""
    return np.concatenate([rows, np.ones((len(rows), 1))], 1).astype(np.float64)


def features(pictures: Array) -> Array:
    """What the classifier sees of (N, S, S, 3)."""
    views = [random_features(np.stack([guided.reduced(one, side, side) for one in pictures])) for side in SIDES]
    return np.concatenate(
        [*views, np.stack([histogram(guided.reduced(one, SIDES[0], SIDES[0])) for one in pictures])], 1
    )


def histogram(picture: Array) -> Array:
    """Square roots of the shares of colours; their differences are Hellinger's distance."""
    lab = rgb_to_lab(picture).reshape(-1, 3)
    counts = np.histogramdd(lab, [n for *_, n in BINS], [(low, high) for low, high, _ in BINS])[0]
    return np.sqrt(counts.ravel() / len(lab)).astype(np.float32)


def sized(domain: Pictures, side: int) -> Array:
    """All pictures of a domain, the square in their middle, (N, side, side, 3) in 0..1."""
    return np.stack([guided.reduced(middle(domain[i]), side, side) for i in range(len(domain))])


def middle(picture: NDArray[np.uint8]) -> Array:
    """The square in the middle, in 0..1."""
    side = min(picture.shape[:2])
    top, left = ((n - side) // 2 for n in picture.shape[:2])
    return picture[top : top + side, left : left + side].astype(np.float32) / np.float32(255)
