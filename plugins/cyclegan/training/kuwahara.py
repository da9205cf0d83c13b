"""Leave out detail and keep edges, as a painter with a broad brush does."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

RADIUS = 3  # pixels
DOUBLINGS = 2  # of the exponent that the flatness is raised to; the larger, the more the flattest square alone counts
NOISE = 2e-4  # variance below which neighbourhoods are equally flat


def flattened(pictures: Tensor, radius: int = RADIUS) -> Tensor:
    """Each pixel as the mean of the flattest of the four squares that it is a corner of.

    A Kuwahara filter (Kuwahara et al. 1976) whose squares are weighed by their variance instead of chosen
    (Papari et al., IEEE TIP 2007), so that it has no jumps.

    Args:
        pictures: (B, C, H, W) in 0..1.
        radius: side of the squares less one.
    """
    boxes, corners = (exported_boxes, exported_corners) if torch.compiler.is_exporting() else (pooled, summed)
    padded = F.pad(pictures.float(), [radius] * 4, mode="reflect")
    moments = boxes(torch.cat([padded, (padded * padded).sum(1, keepdim=True)], 1), radius + 1)
    mean, square = moments.split([pictures.shape[1], 1], 1)  # (B, C and 1, H + radius, W + radius)
    weight = 1 / ((square - (mean * mean).sum(1, keepdim=True)).clamp_min(0) + NOISE)
    for _ in range(DOUBLINGS):
        weight = weight * weight
    total, weights = corners(torch.cat([weight * mean, weight], 1), radius).split([pictures.shape[1], 1], 1)
    return total / weights


def pooled(x: Tensor, side: int) -> Tensor:
    """Means of (B, C, H, W) over squares."""
    return F.avg_pool2d(x, side, 1)


def summed(x: Tensor, apart: int) -> Tensor:
    """Sums of (B, C, H, W) over the corners of squares."""
    across = x[..., :-apart] + x[..., apart:]
    return across[..., :-apart, :] + across[..., apart:, :]


def exported_boxes(x: Tensor, side: int) -> Tensor:
    """The same as `pooled`, by a convolution: ONNX Runtime pools few channels several times slower."""
    return F.conv2d(x, each(x).expand(-1, -1, side, side) / side**2)


def exported_corners(x: Tensor, apart: int) -> Tensor:
    """The same as `summed`."""
    return F.conv2d(x, each(x).expand(-1, -1, 2, 2), dilation=apart)


def each(x: Tensor) -> Tensor:
    """The kernel that leaves all channels of (B, C, H, W) as they are."""
    return torch.eye(x.shape[1], device=x.device)[..., None, None]
