"""The halves of an autoencoder: residual blocks down to a few places, and back up.

References: residual blocks (He et al., arXiv 1512.03385), sub-pixel convolution (Shi et al., arXiv 1609.05158).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import blocks

NARROW = 64  # channels before the codes, where every place has its own weights


class Encoder(nn.Module):
    """Pictures to feature maps, with residual blocks at 1/2, 1/4, ... of the size.

    Args:
        channels: of the pictures.
        widths: channels at 1/2 of the size, at 1/4 and so on; with n widths the maps are 2^n times smaller.
    """

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.names = names(len(widths))
        self.add_module("at2", blocks(channels * 4, widths[0], 1))
        for name, (inputs, outputs) in zip(self.names[1:], pairwise(widths), strict=True):
            self.add_module(name, blocks(inputs, outputs, 2, stride=2))

    def forward(self, image: Tensor) -> Tensor:
        """(B, channels, S, S) to (B, widths[-1], S/2^n, S/2^n)."""
        x = F.pixel_unshuffle(image, 2)
        for name in self.names:
            x = self.get_submodule(name)(x)
        return x


class Decoder(nn.Module):
    """Feature maps to pictures: the encoder's way back, with the same widths."""

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.names = names(len(widths))[::-1]  # from the smallest size up
        upward = (*widths[::-1], widths[0])
        self.add_module(self.names[0], blocks(upward[0], upward[0], 2))
        for name, (inputs, outputs) in zip(self.names[1:], pairwise(upward), strict=False):
            self.add_module(name, blocks(inputs, outputs, 2))
        self.tail = nn.Conv2d(widths[0], channels * 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, widths[-1], S/2^n, S/2^n) to logits (B, channels, S, S)."""
        x = self.get_submodule(self.names[0])(x)
        for name in self.names[1:]:
            x = self.get_submodule(name)(F.interpolate(x, scale_factor=2.0))
        return F.pixel_shuffle(self.tail(x), 2)  # from (B, widths[0], S/2, S/2)


def names(count: int) -> list[str]:
    """Of the parts that work at 1/2, 1/4, ... of the size: at2, at4, ..."""
    return [f"at{2 ** (i + 1)}" for i in range(count)]
