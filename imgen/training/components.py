"""Principal components: the directions along which pictures differ most."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Components(NamedTuple):
    """What pictures, flattened to N values, are made of.

    Attributes:
        mean: (N,).
        vectors: (K, N), each of length 1, the greatest first.
        spread: (K,), standard deviations along them.
        left_out: the variance that they do not hold, summed over the values.
        whole: all of the variance, likewise.
    """

    mean: Tensor
    vectors: Tensor
    spread: Tensor
    left_out: float
    whole: float


def principal(pictures: Tensor, count: int) -> Components:
    """The first `count` components of pictures (B, ...), flattened."""
    flat = pictures.flatten(1)
    mean = flat.mean(0)
    flat = flat - mean
    variances, vectors = torch.linalg.eigh(flat.T @ flat / len(flat))  # rising
    spread = variances[-count:].clamp_min(0).sqrt().flip(0)
    left_out, whole = float(variances[:-count].sum()), float(variances.sum())
    return Components(mean, vectors[:, -count:].flip(1).T, spread, left_out, whole)
