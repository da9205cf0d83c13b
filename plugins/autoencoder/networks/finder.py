"""Where an old print is damaged: a small U-Net that gives a probability for each pixel.

References: U-Net (Ronneberger et al., arXiv 1505.04597), pixel unshuffle at the door (FFDNet, arXiv 1710.04026),
dilated convolutions in the bottleneck, so that a scratch is seen together with what it crosses.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import Residual, conv, residuals


class Finder(nn.Module):
    """Logits of damage at the size of the picture.

    Args:
        widths: channels at 1/2, 1/4 and 1/8 of the size.
        dilations: one bottleneck block for each entry.
    """

    multiple = 8  # height and width of the input must be multiples of this

    def __init__(self, widths: tuple[int, int, int] = (32, 48, 64), dilations: tuple[int, ...] = (1, 2, 4, 1)) -> None:
        super().__init__()
        a, b, c = widths
        self.dilations = dilations
        self.head = conv(12, a)
        self.encode1 = residuals(a, 1)
        self.down1 = nn.Conv2d(a, b, 2, stride=2)
        self.encode2 = residuals(b, 1)
        self.down2 = nn.Conv2d(b, c, 2, stride=2)
        self.bottleneck = nn.Sequential(*(Residual(c, d) for d in dilations))
        self.up2 = nn.ConvTranspose2d(c, b, 2, stride=2)
        self.decode2 = residuals(b, 1)
        self.up1 = nn.ConvTranspose2d(b, a, 2, stride=2)
        self.decode1 = residuals(a, 1)
        self.tail = conv(a, 4)
        nn.init.constant_(self.tail.bias, -3.0)  # type: ignore[arg-type] # damage is rare

    def forward(self, image: Tensor) -> Tensor:
        """Logits (B, 1, H, W) of `image` (B, 3, H, W) in 0..1."""
        skip1 = self.encode1(self.head(F.pixel_unshuffle(image, 2)))  # (B, a, H/2, W/2)
        skip2 = self.encode2(self.down1(skip1))  # (B, b, H/4, W/4)
        x = self.bottleneck(self.down2(skip2))  # (B, c, H/8, W/8)
        x = self.decode2(self.up2(x) + skip2)
        x = self.decode1(self.up1(x) + skip1)
        return F.pixel_shuffle(self.tail(x), 2)

    def reach(self) -> int:
        """Radius in pixels beyond which the input cannot change an output pixel."""
        return 2 * (2 + 4) + 4 * 4 + 8 * 2 * sum(self.dilations) + self.multiple


class Probable(nn.Module):
    """The exported form: probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """(B, 1, H, W) in 0..1."""
        return torch.sigmoid(self.network(image))
