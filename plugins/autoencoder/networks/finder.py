"""Where an old print is damaged: a small U-Net that gives a probability for each pixel.

It may also see with a published network, EfficientNet-Lite0, which knows what whiskers, wires and words are.
References: U-Net (Ronneberger et al., arXiv 1505.04597), pixel unshuffle at the door (FFDNet, arXiv 1710.04026),
dilated convolutions in the bottleneck, so that a scratch is seen together with what it crosses; layers that begin at
zero, so that what a network knew before stays (ControlNet, Zhang et al., arXiv 2302.05543).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.backbone import CHANNELS, folded, pretrained

from .blocks import Residual, conv, residuals

TAPS = (0, 2, 4, 10)  # blocks of Lite0 after which its features are taken: at 1/2, 1/4, 1/8 and 1/16 of the size
FROZEN = 5  # the first blocks, which stay as published


class Eyes(nn.Module):
    """EfficientNet-Lite0 up to 1/16 of the size, its batch norms inside its convolutions."""

    multiple = 16
    reach = 336  # of the last block that is used

    def __init__(self) -> None:
        super().__init__()
        network = folded(pretrained())
        self.stem, self.blocks = network.stem, network.blocks[: TAPS[-1] + 1]
        self.requires_grad_(False)
        self.blocks[FROZEN:].requires_grad_(True)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features of 16, 24, 40 and 112 channels at 1/2 to 1/16 of the size of (B, 3, H, W), sRGB in 0..1."""
        x = self.stem((image * 255 - 127) / 128)
        found: list[Tensor] = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in TAPS:
                found.append(x)
        return found


class Meaning(nn.Module):
    """What the eyes see, in the finder's channels, to be added to its features; nothing at first.

    Args:
        widths: the finder's channels at 1/2, 1/4 and 1/8 of the size.
        deep: channels at 1/16.
    """

    def __init__(self, widths: tuple[int, int, int], deep: int) -> None:
        super().__init__()
        self.eyes = Eyes()
        self.fine = nn.ModuleList(nn.Conv2d(n, width, 1) for n, width in zip(CHANNELS, widths, strict=False))
        self.down = nn.Conv2d(widths[2], deep, 2, stride=2)
        self.narrow = nn.Conv2d(CHANNELS[3], deep, 1)
        self.deep = nn.Sequential(Residual(deep), Residual(deep, 2), Residual(deep))
        self.up = nn.ConvTranspose2d(deep, widths[2], 2, stride=2)
        for layer in (*self.fine, self.up):
            for weights in layer.parameters():
                nn.init.zeros_(weights)

    def forward(self, image: Tensor) -> list[Tensor]:
        """What to add at 1/2, 1/4 and 1/8, and last Lite0's own features at 1/16, for `below`."""
        *seen, deepest = self.eyes(image)
        return [*(layer(x) for layer, x in zip(self.fine, seen, strict=True)), deepest]

    def below(self, x: Tensor, deepest: Tensor) -> Tensor:
        """What to add to the features (B, c, H/8, W/8) at their own size, from a look at half of it."""
        return self.up(self.deep(self.down(x) + self.narrow(deepest)))


class Finder(nn.Module):
    """Logits of damage at the size of the picture.

    Args:
        widths: channels at 1/2, 1/4 and 1/8 of the size.
        dilations: one bottleneck block for each entry.
        blocks: at 1/2 and 1/4 on the way back.
        deep: channels at 1/16, where it sees with Lite0; 0 for a finder that does not.
    """

    def __init__(
        self,
        widths: tuple[int, int, int] = (32, 48, 64),
        dilations: tuple[int, ...] = (1, 2, 4, 1),
        blocks: int = 1,
        deep: int = 0,
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.multiple = Eyes.multiple if deep else 8  # height and width of the input must be multiples of this
        self.dilations, self.blocks = dilations, blocks
        self.head = conv(12, a)
        self.encode1 = residuals(a, 1)
        self.down1 = nn.Conv2d(a, b, 2, stride=2)
        self.encode2 = residuals(b, 1)
        self.down2 = nn.Conv2d(b, c, 2, stride=2)
        self.bottleneck = nn.Sequential(*(Residual(c, d) for d in dilations))
        self.up2 = nn.ConvTranspose2d(c, b, 2, stride=2)
        self.decode2 = residuals(b, blocks)
        self.up1 = nn.ConvTranspose2d(b, a, 2, stride=2)
        self.decode1 = residuals(a, blocks)
        self.tail = conv(a, 4)
        nn.init.constant_(self.tail.bias, -3.0)  # type: ignore[arg-type] # damage is rare
        self.meaning = Meaning(widths, deep) if deep else None

    def forward(self, image: Tensor) -> Tensor:
        """Logits (B, 1, H, W) of `image` (B, 3, H, W) in 0..1."""
        seen = self.meaning(image) if self.meaning else [image.new_zeros(())] * 4
        skip1 = self.encode1(self.head(F.pixel_unshuffle(image, 2))) + seen[0]  # (B, a, H/2, W/2)
        skip2 = self.encode2(self.down1(skip1)) + seen[1]  # (B, b, H/4, W/4)
        x = self.down2(skip2) + seen[2]  # (B, c, H/8, W/8)
        x = self.bottleneck(x + self.meaning.below(x, seen[3]) if self.meaning else x)
        x = self.decode2(self.up2(x) + skip2)
        x = self.decode1(self.up1(x) + skip1)
        return F.pixel_shuffle(self.tail(x), 2)

    def reach(self) -> int:
        """Radius in pixels beyond which the input cannot change an output pixel."""
        half, quarter = 2 * (2 + 2 + 2 * self.blocks), 4 * (2 + 2 * self.blocks)  # pixels times convolutions
        own = half + quarter + 8 * 2 * sum(self.dilations) + self.multiple
        return own + Eyes.reach + 16 * 8 if self.meaning else own


class Probable(nn.Module):
    """The exported form: probabilities."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """(B, 1, H, W) in 0..1."""
        return torch.sigmoid(self.network(image))
