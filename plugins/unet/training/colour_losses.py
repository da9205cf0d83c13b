"""What colours are compared by: classes, their mean, and what a network that knows photos sees in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from kornia.color import lab_to_rgb
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from ..tools.colour import BINS, LIMIT, STEP, colours


def rarity(ab: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """Weight of each class (BINS²): its frequency in `ab` (N, 2) to the power of minus `power`, 1 on average.

    Frequencies are smoothed over neighbouring classes (Zhang et al., arXiv 1603.08511).
    """
    edges = np.arange(-LIMIT - STEP / 2, LIMIT + STEP, STEP)
    counts = np.histogram2d(*ab.clip(-LIMIT, LIMIT).T, bins=(edges, edges))[0]
    frequency = ndimage.gaussian_filter(counts / counts.sum(), 1).clip(1e-5)
    weights = frequency**-power
    return (weights / (weights * frequency).sum()).astype(np.float32).ravel()


def colour_loss(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy against the true colour, shared bilinearly among the four nearest classes.

    So the mean of the target distribution is the true colour exactly. Each class counts with its weight (BINS²).
    """
    place = (truth.clamp(-LIMIT, LIMIT) + LIMIT) / STEP  # (B, 2, h, w) in bins
    low = place.floor().clamp(max=BINS - 2)
    part = place - low
    logs = logits.log_softmax(1)  # (B, BINS², h, w)
    total = torch.zeros((), device=logits.device)
    for i in (0, 1):
        for j in (0, 1):
            index = ((low[:, :1] + i) * BINS + low[:, 1:] + j).long()  # (B, 1, h, w)
            share = (part[:, :1] if i else 1 - part[:, :1]) * (part[:, 1:] if j else 1 - part[:, 1:])
            total = total - (share * weights[index] * logs.gather(1, index)).mean()
    return total


def mean_colour(logits: Tensor, sharpness: float = 1.0) -> Tensor:
    """The expected a, b (B, 2, h, w) of the classes' logits, sharpened."""
    grid = torch.from_numpy(colours()).to(logits.device)  # (BINS², 2)
    return torch.einsum("bkhw,kc->bchw", (logits * sharpness).softmax(1), grid)


def painted(light: Tensor, ab: Tensor) -> Tensor:
    """RGB (B, 3, H, W) of lightness (B, 1, H, W) in 0..1 and a, b at any size; gradients pass."""
    return lab_to_rgb(torch.cat([light * 100, F.interpolate(ab, light.shape[2:], mode="bilinear")], 1))


def unlike(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    """Distance of features, normalised over the channels of each place (LPIPS, arXiv 1801.03924, unweighted)."""
    total = torch.zeros((), device=a[0].device)
    for x, y in zip(a, b, strict=True):
        x, y = (t / (t.pow(2).sum(1, keepdim=True) + 1e-6).sqrt() for t in (x, y))
        total = total + (x - y).pow(2).sum(1).mean()
    return total


def balanced(of: Tensor, losses: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """The slope at `of` of several losses, each made as long as the first one's, times its weight.

    So their units do not matter, and none has to be weighed anew when another grows.
    """
    slopes = [torch.autograd.grad(loss, of, retain_graph=True)[0] for loss in losses]
    length = slopes[0].norm()
    total = torch.zeros_like(of)
    for slope, weight in zip(slopes, weights, strict=True):
        total += weight * slope * (length / (slope.norm() + 1e-12))
    return total
