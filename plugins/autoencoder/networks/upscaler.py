"""Twice the size: what bicubic interpolation gives, and what a network adds to it.

References: sub-pixel convolution at the small size (ESPCN, Shi et al., arXiv 1609.05158), learning what
interpolation lacks (VDSR, Kim et al., arXiv 1511.04587), residual blocks without normalisation (EDSR, Lim et al.,
arXiv 1707.02921).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import conv, residuals

BICUBIC = np.array([-3, 29, 111, -9]) / 128  # Keys 1981 with a = -1/2, a quarter of a pixel before a sample


def phases() -> Tensor:
    """Bicubic enlargement to twice the size as a convolution: (12, 3, 5, 5), four places in a pixel for each colour."""
    before, after = np.zeros(5), np.zeros(5)
    before[0:4], after[1:5] = BICUBIC, BICUBIC[::-1]
    kernel = np.zeros((3, 2, 2, 3, 5, 5), np.float32)
    for i, down in enumerate((before, after)):
        for j, across in enumerate((before, after)):
            for c in range(3):
                kernel[c, i, j, c] = np.outer(down, across)
    return torch.from_numpy(kernel.reshape(12, 3, 5, 5))


class Upscaler(nn.Module):
    """Convolutions at the small size; the result is that of a pixel unshuffle, so that its sides are the input's.

    Args:
        width: channels.
        blocks: residual blocks of two 3x3 convolutions.
    """

    interpolation: Tensor

    def __init__(self, width: int = 48, blocks: int = 5) -> None:
        super().__init__()
        self.blocks = blocks
        self.head = conv(3, width)
        self.body = residuals(width, blocks)
        self.tail = conv(width, 12)
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)  # starts as bicubic interpolation
        self.register_buffer("interpolation", phases(), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W), values about 0..1, as (B, 12, H, W): each colour at its four places.

        `F.pixel_shuffle(result, 2)` is the picture at twice the size.
        """
        return self.smooth(image) + self.change(image)

    def smooth(self, image: Tensor) -> Tensor:
        """The four parts of the bicubic enlargement; training keeps them in float32."""
        return F.conv2d(F.pad(image, (2, 2, 2, 2), "replicate"), self.interpolation)

    def change(self, image: Tensor) -> Tensor:
        """What interpolation lacks."""
        x = self.head(image)  # (B, width, H, W)
        return self.tail(x + self.body(x))

    def reach(self) -> int:
        """Radius in pixels of the input beyond which it cannot change a pixel."""
        return 2 + 2 * self.blocks
