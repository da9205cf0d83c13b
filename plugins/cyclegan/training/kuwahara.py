"""Leave out detail and keep edges, as a painter with a broad brush does."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

RADIUS = 3  # pixels
SHARP = 4  # the larger, the more the flattest neighbourhood alone counts
NOISE = 2e-4  # variance below which neighbourhoods are equally flat


def flattened(pictures: Tensor, radius: int = RADIUS) -> Tensor:
    """Each pixel as the mean of the flattest of the four squares that it is a corner of.

    A Kuwahara filter (Kuwahara et al. 1976) whose squares are weighed by their variance instead of chosen
    (Papari et al., IEEE TIP 2007), so that it has no jumps.

    Args:
        pictures: (B, C, H, W) in 0..1.
        radius: side of the squares less one.
    """
    height, width = pictures.shape[2:]
    padded = F.pad(pictures.float(), [radius] * 4, mode="reflect")
    mean = F.avg_pool2d(padded, radius + 1, 1)  # (B, C, H + radius, W + radius)
    variance = (F.avg_pool2d(padded**2, radius + 1, 1) - mean**2).clamp_min(0).sum(1, keepdim=True)
    weight = (variance + NOISE) ** -SHARP
    total, weights = torch.zeros_like(pictures, dtype=torch.float32), torch.zeros_like(weight[:, :, :height, :width])
    for top in (0, radius):
        for left in (0, radius):
            square = (..., slice(top, top + height), slice(left, left + width))
            total += weight[square] * mean[square]
            weights += weight[square]
    return total / weights
