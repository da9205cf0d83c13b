"""A critic that judges pictures by what a frozen network sees in them, at four sizes.

Projected GANs (Sauer et al., arXiv 2111.01007): the features of each size are mixed at random across channels and,
from coarse to fine, across sizes, so that no critic can settle on a few channels; each critic is a small network with
spectral normalisation. With few pictures it teaches a generator many times faster than a critic of pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 8  # of the smallest map that a critic ends on, in pixels


class ProjectedCritic(nn.Module):
    """Four critics of the features of a frozen network.

    Args:
        channels: of the features, the largest size first.
        side: of the largest features in pixels; each following one has half of it.
        width: channels of the largest size after the mixing; each following size has twice as many.
        widest: at most so many channels in a critic.
    """

    def __init__(self, channels: Sequence[int], side: int, width: int = 32, widest: int = 256) -> None:
        super().__init__()
        mixed = [width * 2**i for i in range(len(channels))]
        inner = [width, *mixed[:-1]]
        self.across = nn.ModuleList(fixed(a, b) for a, b in zip(channels, mixed, strict=True))
        self.between = nn.ModuleList(fixed(a, b) for a, b in zip(mixed, inner, strict=True))
        self.critics = nn.ModuleList(
            critic(inputs, 2 * side // 2**i, widest) for i, inputs in enumerate(inner)
        )  # mixing doubles the size

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Scores (B, N), higher for real, of features (B, C, H, W), the largest size first."""
        scores: list[Tensor] = []
        coarse: Tensor | None = None
        for i in reversed(range(len(features))):
            x = self.across[i](features[i])
            x = x if coarse is None else x + coarse
            coarse = self.between[i](F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False))
            scores.append(self.critics[i](coarse).flatten(1))
        return torch.cat(scores, 1)


def fixed(inputs: int, outputs: int) -> nn.Conv2d:
    """A random mixture of channels, never trained."""
    layer = nn.Conv2d(inputs, outputs, 1, bias=False)
    nn.init.kaiming_normal_(layer.weight)
    return layer.requires_grad_(False)


def critic(inputs: int, side: int, widest: int) -> nn.Sequential:
    """Halve features of this side while 8 pixels or more are left, then score them place by place."""
    spectral = nn.utils.parametrizations.spectral_norm
    layers: list[nn.Module] = []
    while side >= 2 * SIDE:
        outputs = min(2 * inputs, widest)
        layers.append(spectral(nn.Conv2d(inputs, outputs, 4, 2, padding=1, bias=False)))
        # always by the batch at hand: real and made ones are judged apart
        layers += [nn.BatchNorm2d(outputs, track_running_stats=False), nn.LeakyReLU(0.2)]
        inputs, side = outputs, side // 2
    return nn.Sequential(*layers, spectral(nn.Conv2d(inputs, 1, 4)))
