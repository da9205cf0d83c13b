"""The moving average of a network's weights, which is what samples and exports are made with."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, step: int, decay: float = 0.999) -> None:
    """Exponential moving average of the weights; warmed up, or it would drag the random start along."""
    decay = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)
