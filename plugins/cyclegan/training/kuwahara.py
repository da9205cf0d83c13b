"""Leave out detail and keep edges, as a painter with a broad brush does."""

from __future__ import annotations

from contextlib import nullcontext

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
    # a small difference of large numbers, which bfloat16 does not show
    exact = nullcontext() if torch.compiler.is_exporting() else torch.autocast(pictures.device.type, enabled=False)
    with exact:
        return in_floats(pictures, radius)


def in_floats(pictures: Tensor, radius: int) -> Tensor:
    """The same, in the arithmetic that is set."""
    channels, side = pictures.shape[1], radius + 1
    padded = F.pad(pictures.float(), [radius] * 4, mode="reflect")
    moments = torch.cat([padded, (padded * padded).sum(1, keepdim=True)], 1)
    # convolutions, as ONNX Runtime pools three channels several times slower
    each = torch.eye(channels + 1, device=pictures.device)[..., None, None]
    moments = F.conv2d(moments, each.expand(-1, -1, side, side) / side**2)  # (B, C + 1, H + radius, W + radius)
    mean, square = moments.split([channels, 1], 1)
    weight = 1 / ((square - (mean * mean).sum(1, keepdim=True)).clamp_min(0) + NOISE)
    for _ in range(DOUBLINGS):
        weight = weight * weight
    corners = F.conv2d(torch.cat([weight * mean, weight], 1), each.expand(-1, -1, 2, 2), dilation=radius)
    total, weights = corners.split([channels, 1], 1)
    return total / weights
