"""The network of core/faces."""

from __future__ import annotations

from torch import Tensor, nn

from ...training.blocks import Block
from ..look import STRIDE

STEM = 4  # the first layer makes one place of 4x4 pixels
HINTING = 24  # channels of the branch that looks for turned faces


class Finder(nn.Module):
    """Faces on a grid of 8x8 pixels.

    Args:
        narrow: channels at a quarter of the size.
        wide: channels at an eighth.
    """

    def __init__(self, narrow: int = 40, wide: int = 72) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, narrow, 3 * STEM, STEM, padding=STEM, bias=False), nn.BatchNorm2d(narrow), nn.ReLU()
        )
        self.body = nn.Sequential(Block(narrow, wide, stride=2), Block(wide, wide), Block(wide, wide, gaps=2))
        self.head = nn.Sequential(nn.Conv2d(wide, wide, 1), nn.ReLU(), nn.Conv2d(wide, 5, 1))
        self.turned = nn.Sequential(
            nn.Conv2d(wide, HINTING, 3, padding=2, dilation=2),
            nn.ReLU(),
            nn.Conv2d(HINTING, HINTING, 3, padding=2, dilation=2),
            nn.ReLU(),
            nn.Conv2d(HINTING, 3, 1),
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) in 0..1, H and W multiples of 8.

        Returns:
            Logits (B, 1, H/8, W/8) of a face centred there; x, y of its left and its right eye (B, 4, H/8, W/8) in
            pixels from the middle of the 8x8; logits (B, 3, H/8, W/8) of a face that is upright once the picture is
            turned to the left by one, two and three quarters. What these learn changes nothing in the other two.
        """
        seen = self.seen(image)
        result = self.head(self.body[2](seen))
        return result[:, :1], result[:, 1:] * STRIDE, self.turned(seen.detach())

    def seen(self, image: Tensor) -> Tensor:
        """What both branches look at (B, wide, H/8, W/8)."""
        return self.body[1](self.body[0](self.stem(image - 0.5)))


class Bounded(nn.Module):
    """The network with probabilities in place of logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `Finder`, the first and the last output in 0..1."""
        logits, eyes, turned = self.network(image)
        return logits.sigmoid(), eyes, turned.sigmoid()
