"""Residual blocks that several plugins' networks are made of.

Reference: deep residual learning (He et al., arXiv 1512.03385).
"""

from __future__ import annotations

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
