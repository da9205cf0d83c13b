"""The U-Net: what an encoder understood at small sizes, joined with what it saw at large ones.

References: U-Net (Ronneberger et al., arXiv 1505.04597), residual blocks (He et al., arXiv 1512.03385), pixel
unshuffle as the first layer and sub-pixel convolution as the last (Shi et al., arXiv 1609.05158), global context
(ParseNet, Liu et al., arXiv 1506.04579).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.blocks import Block, blocks

STEM = 4  # the first layer folds 4x4 pixels into channels: most of the work is done at a quarter of the size


class Context(nn.Module):
    """Tell every place what the whole picture is like: add a linear map of the mean over all places."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, H, W), same out."""
        return x + self.linear(x.mean((2, 3)))[..., None, None]


class UNet(nn.Module):
    """Encoder at 1/4, 1/8, 1/16 and 1/32 of the size, decoder back up to 1/4, skips between them.

    Args:
        inputs: channels of the picture.
        outputs: channels of the result.
        widths: channels at 1/4, 1/8, 1/16 and 1/32.
        depths: residual blocks of the encoder at each of these sizes; the decoder has one.
        skips: False drops the skip connections, the baseline that the README compares with.
    """

    multiple = 32  # height and width of the input must be multiples of this

    def __init__(
        self,
        inputs: int,
        outputs: int,
        widths: tuple[int, int, int, int] = (48, 96, 144, 192),
        depths: tuple[int, int, int, int] = (1, 2, 2, 2),
        skips: bool = True,
    ) -> None:
        super().__init__()
        a, b, c, d = widths
        self.skips = skips
        self.encode1 = blocks(inputs * STEM**2, a, depths[0])
        self.encode2 = blocks(a, b, depths[1], stride=2)
        self.encode3 = blocks(b, c, depths[2], stride=2)
        self.encode4 = nn.Sequential(blocks(c, d, depths[3], stride=2), Context(d))
        self.decode3 = Block(d + c * skips, c)
        self.decode2 = Block(c + b * skips, b)
        self.decode1 = Block(b + a * skips, a)
        self.tail = nn.Conv2d(a, outputs * STEM**2, 1)

    def forward(self, image: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H, W)."""
        skip1 = self.encode1(F.pixel_unshuffle(image, STEM))  # (B, a, H/4, W/4)
        skip2 = self.encode2(skip1)  # (B, b, H/8, W/8)
        skip3 = self.encode3(skip2)  # (B, c, H/16, W/16)
        x = self.encode4(skip3)  # (B, d, H/32, W/32)
        x = self.decode3(self.join(x, skip3))
        x = self.decode2(self.join(x, skip2))
        x = self.decode1(self.join(x, skip1))  # (B, a, H/4, W/4)
        return F.pixel_shuffle(self.tail(x), STEM)

    def join(self, x: Tensor, skip: Tensor) -> Tensor:
        """Double the size of `x` and put `skip` beside it."""
        x = F.interpolate(x, scale_factor=2.0)
        return torch.cat([x, skip], 1) if self.skips else x
