"""Convolutions that the networks share."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


def conv(inputs: int, outputs: int, dilation: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size."""
    return nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)


class Residual(nn.Module):
    """x + conv(relu(conv(x))), the block of EDSR and DRUNet; no normalisation, so tiles agree with the whole."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = conv(width, width, dilation)
        self.second = conv(width, width, dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the two convolutions make of `x` (B, width, H, W)."""
        return x + self.second(F.relu(self.first(x)))


def residuals(width: int, count: int) -> nn.Sequential:
    """`count` residual blocks in a row."""
    return nn.Sequential(*(Residual(width) for _ in range(count)))
