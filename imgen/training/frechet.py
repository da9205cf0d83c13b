"""How near generated pictures come to real ones: distances between sets of features.

Fréchet distance (Heusel et al., arXiv 1706.08500), precision and recall (Kynkäänniemi et al., arXiv 1904.06991),
density and coverage (Naeem et al., arXiv 2002.09797), on features of random networks. Random features see collapse,
wrong colours and wrong textures, and miss fine defects; figures from them are NOT the FID, which needs an Inception
network, and compare only with figures from the same features. Give them for several seeds, beside those between two
halves of the real pictures.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from torch import Tensor
from torch.nn import functional as F

Array = NDArray[np.floating[Any]]
WIDTHS = (24, 40, 48)  # channels at 1/2, 1/4 and 1/8 of the size
BATCH = 128


def frechet(a: Array, b: Array) -> float:
    """Squared Fréchet distance |μa - μb|² + tr(Σa + Σb - 2 (Σa Σb)^½) between normal fits to two sets.

    It falls with the number of samples: compare sets of equal size.

    Args:
        a: features (N, D); N well above D.
        b: features (M, D).
    """
    mean_a, mean_b = a.mean(0, dtype=np.float64), b.mean(0, dtype=np.float64)
    cov_a, cov_b = (np.cov(x, rowvar=False, dtype=np.float64) for x in (a, b))
    # (Σa Σb)^½ has the trace of (Σa^½ Σb Σa^½)^½, which is symmetric; rounding makes tiny negative eigenvalues
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * shared)


def prdc(real: Array, fake: Array, k: int = 5) -> dict[str, float]:
    """Precision, recall, density and coverage, by balls around each sample that reach its k-th neighbour.

    precision: share of the fakes inside a ball of a real one; recall: share of the real ones inside a ball of a fake;
    density: balls of real ones around a fake, over k (above 1 where fakes crowd among the real ones); coverage: share
    of the real ones whose ball holds a fake, the figure that falls when modes are missing.

    Args:
        real: features (N, D); more than k.
        fake: features (M, D); more than k. Use N = M.
        k: the neighbour; 5 as in the paper.
    """
    reach_real, reach_fake = kth_distance(real, k), kth_distance(fake, k)
    between = cdist(real, fake)  # (N, M)
    in_real = between < reach_real[:, None]
    return {
        "precision": float(in_real.any(0).mean()),
        "recall": float((between < reach_fake).any(1).mean()),
        "density": float(in_real.sum(0).mean() / k),
        "coverage": float(in_real.any(1).mean()),
    }


def kth_distance(features: Array, k: int) -> Array:
    """Distance (N,) of each sample of (N, D) to its k-th neighbour, itself not counted."""
    return np.partition(cdist(features, features), k, axis=1)[:, k]


def random_features(images: NDArray[np.float32], seed: int = 0) -> NDArray[np.float32]:
    """What a random convolutional network sees in pictures.

    Three layers of 5x5 and 3x3 convolutions with ReLU, He's initialisation, each at half the size of the one before;
    of all channels the mean and the spread over the picture, of the last one the means of the four quarters.

    Args:
        images: (N, H, W, 3) in 0..1; H and W at least 16.
        seed: draws the weights; the same seed gives the same features everywhere.

    Returns:
        (N, 368).
    """
    weights = random_weights(seed)
    batches = [images[i : i + BATCH] for i in range(0, len(images), BATCH)]
    return np.concatenate([features_of(torch.from_numpy(np.ascontiguousarray(b)), weights) for b in batches])


def random_weights(seed: int) -> list[tuple[Tensor, Tensor]]:
    """Kernels and offsets of the layers; numpy draws them, whose generators do not change between versions."""
    rng = np.random.default_rng(seed)
    made: list[tuple[Tensor, Tensor]] = []
    for inputs, outputs, side in zip((3, *WIDTHS), WIDTHS, (5, 3, 3), strict=False):
        spread = np.sqrt(2 / (inputs * side**2))
        kernel = rng.standard_normal((outputs, inputs, side, side)) * spread
        made.append((torch.from_numpy(kernel).float(), torch.from_numpy(rng.standard_normal(outputs) * 0.1).float()))
    return made


@torch.no_grad()
def features_of(images: Tensor, weights: list[tuple[Tensor, Tensor]]) -> NDArray[np.float32]:
    """Pooled channels (B, 368) of pictures (B, H, W, 3)."""
    x = images.permute(0, 3, 1, 2) * 2 - 1
    pooled: list[Tensor] = []
    for kernel, offset in weights:
        x = F.relu(F.conv2d(x, kernel, offset, stride=2, padding=kernel.shape[-1] // 2))
        pooled += [x.mean((2, 3)), x.std((2, 3))]
    pooled[-2] = F.adaptive_avg_pool2d(x, 2).flatten(1)  # the mean is the mean of the quarters
    return torch.cat(pooled, 1).numpy()
