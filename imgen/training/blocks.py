"""Residual blocks and critics that several plugins' networks are made of.

References: deep residual learning (He et al., arXiv 1512.03385); the patch discriminator of pix2pix (Isola et al.,
arXiv 1611.07004) with spectral normalisation (Miyato et al., arXiv 1802.05957); critics of another network's features
(Projected GANs, Sauer et al., arXiv 2111.01007).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """relu(shortcut(x) + bn(conv(relu(bn(conv(x)))))), ResNet's basic block, with a stride or with gaps (dilation)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, gaps: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=gaps, dilation=gaps, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=gaps, dilation=gaps, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, outputs, stride, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        y = F.relu(self.norm1(self.first(x)))
        return F.relu(self.shortcut(x) + self.norm2(self.second(y)))


def blocks(inputs: int, outputs: int, count: int, stride: int = 1) -> nn.Sequential:
    """`count` blocks; the first one changes width and size."""
    return nn.Sequential(Block(inputs, outputs, stride), *(Block(outputs, outputs) for _ in range(count - 1)))


class PatchDiscriminator(nn.Module):
    """Tells real from made, patch by patch of 70x70 pixels; in pix2pix given the input that it was made from.

    Args:
        channels: of all pictures that it is shown together.
        width: channels after the first layer.
    """

    def __init__(self, channels: int, width: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs, stride in ((channels, width, 2), (width, 2 * width, 2), (2 * width, 4 * width, 2)):
            conv = nn.Conv2d(inputs, outputs, 4, stride, padding=1)
            layers += [nn.utils.parametrizations.spectral_norm(conv), nn.LeakyReLU(0.2)]
        layers += [nn.Conv2d(4 * width, 4 * width, 4, padding=1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 4, padding=1))

    def forward(self, *pictures: Tensor) -> Tensor:
        """Scores (B, 1, h, w), higher for real, of pictures (B, C, H, W) that belong together."""
        return self.layers(torch.cat(pictures, 1))


class FeatureCritic(nn.Module):
    """Tells real from made by what a frozen network sees, place by place (Projected GANs, Sauer et al., 2111.01007).

    What a critic would have to learn from few pictures, a network knows that has seen many.

    Args:
        widths: channels of the features of each stage, the largest size first.
        strides: of each stage's critic.
        width: channels of their only hidden layers.
    """

    def __init__(self, widths: Sequence[int], strides: Sequence[int], width: int) -> None:
        super().__init__()
        spectral = nn.utils.parametrizations.spectral_norm
        self.layers = nn.ModuleList(
            nn.Sequential(
                spectral(nn.Conv2d(inputs, width, 3, stride, padding=1)),
                nn.LeakyReLU(0.2),
                spectral(nn.Conv2d(width, width, 3, padding=1)),
                nn.LeakyReLU(0.2),
                nn.Conv2d(width, 1, 1),
            )
            for inputs, stride in zip(widths, strides, strict=True)
        )

    def forward(self, *features: Tensor) -> Tensor:
        """Scores (B, stages, h, w), higher for real, of each stage's features (B, C, H, W).

        h and w are those of the first stage's scores; the others' are enlarged, so that all stages weigh the same.
        """
        scores = [layers(part) for layers, part in zip(self.layers, features, strict=True)]
        return torch.cat([scores[0], *(F.interpolate(one, scores[0].shape[2:]) for one in scores[1:])], 1)
