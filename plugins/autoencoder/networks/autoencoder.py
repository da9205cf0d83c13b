"""The autoencoder: a residual U-shaped encoder/decoder for restoring pictures.

References: denoising autoencoders (Vincent et al. 2008), U-Net (Ronneberger et al., arXiv 1505.04597),
FFDNet's noise-level input and pixel unshuffle (Zhang et al., arXiv 1710.04026), DRUNet's bias-free residual
blocks (Zhang et al., arXiv 2008.13751), dilated bottleneck for filling holes (Iizuka et al., 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import Residual, conv, residuals


def blur(x: Tensor) -> Tensor:
    """A 5x5 tent, by averaging 3x3 twice; zeros beyond the border."""
    return F.avg_pool2d(F.avg_pool2d(x, 3, 1, 1), 3, 1, 1)


def spread(value: Tensor, weight: Tensor, level: int = 3) -> Tensor:
    """Carry known colours into unknown pixels, coarse to fine (normalised convolution, Knutsson & Westin 1993).

    Args:
        value: colours times `weight` (B, 3, H, W).
        weight: 1 where the colour is known, else 0 (B, 1, H, W).
        level: how often the size is halved; the coarsest level reaches 48 pixels at the default.
    """
    if level == 0:
        for _ in range(3):
            value, weight = blur(value), blur(weight)
        return (value + 1e-4 * 0.5) / (weight + 1e-4)  # mid grey where nothing is known far and wide
    coarse = spread(F.avg_pool2d(value, 2), F.avg_pool2d(weight, 2), level - 1)
    coarse = F.interpolate(coarse, scale_factor=2.0, mode="bilinear")
    return (blur(value) + 0.02 * coarse) / (blur(weight) + 0.02)


class Autoencoder(nn.Module):
    """Encode at 1/2, 1/4 and 1/8 of the size, decode with skips, and add the result to the picture.

    Args:
        conditions: channels beside RGB in the input (a noise map, a hole mask).
        widths: channels at 1/2, 1/4 and 1/8 of the size.
        blocks: residual blocks in the encoder and again in the decoder at each size.
        dilations: one bottleneck block for each entry; larger ones see further.
        skips: False gives the plain bottleneck autoencoder, the baseline that the README compares with.
        fill: the condition is a hole mask; start from a blurred filling instead of the picture itself.
    """

    multiple = 8  # height and width of the input must be multiples of this

    def __init__(
        self,
        conditions: int = 1,
        widths: tuple[int, int, int] = (48, 96, 160),
        blocks: int = 2,
        dilations: tuple[int, ...] = (1, 1),
        skips: bool = True,
        fill: bool = False,
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.skips, self.fill, self.blocks, self.dilations = skips, fill, blocks, dilations
        self.head = conv((3 + conditions) * 4, a)
        self.encode1 = residuals(a, blocks)
        self.down1 = nn.Conv2d(a, b, 2, stride=2)
        self.encode2 = residuals(b, blocks)
        self.down2 = nn.Conv2d(b, c, 2, stride=2)
        self.bottleneck = nn.Sequential(*(Residual(c, d) for d in dilations))
        self.up2 = nn.ConvTranspose2d(c, b, 2, stride=2)
        self.decode2 = residuals(b, blocks)
        self.up1 = nn.ConvTranspose2d(b, a, 2, stride=2)
        self.decode1 = residuals(a, blocks)
        self.tail = conv(a, 12)
        for parameter in self.tail.parameters():
            nn.init.zeros_(parameter)  # starts as the identity: the first gradients are already useful

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        """Restore `image` (B, 3, H, W), values about 0..1, given `condition` (B, C, H, W)."""
        if self.fill:
            known = 1 - condition
            image = image * known + spread(image * known, known) * condition
        x = torch.cat([image, condition], 1)  # (B, 3+C, H, W)
        x = self.head(F.pixel_unshuffle(x, 2))  # (B, a, H/2, W/2)
        skip1 = self.encode1(x)  # (B, a, H/2, W/2)
        skip2 = self.encode2(self.down1(skip1))  # (B, b, H/4, W/4)
        x = self.bottleneck(self.down2(skip2))  # (B, c, H/8, W/8)
        x = self.up2(x)  # (B, b, H/4, W/4)
        x = self.decode2(x + skip2 if self.skips else x)
        x = self.up1(x)  # (B, a, H/2, W/2)
        x = self.decode1(x + skip1 if self.skips else x)
        residual = F.pixel_shuffle(self.tail(x), 2)  # (B, 3, H, W)
        return image + residual if self.skips else residual

    def reach(self) -> int:
        """Radius in pixels beyond which the input cannot change an output pixel; the halo of a tile."""
        half = 2 + 2 * 2 * self.blocks  # 3x3 convolutions at 1/2 of the size
        quarter = 2 * 2 * self.blocks
        eighth = 2 * sum(self.dilations)
        first = 8 * 3 * 2 + 2 * (1 + 2 + 4) if self.fill else 0  # what `spread` reaches
        return first + 2 * half + 4 * quarter + 8 * eighth + self.multiple  # + alignment of the strided steps
