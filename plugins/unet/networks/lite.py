"""U-Nets whose encoder begins with published weights: colours of photos, and their subjects.

Their encoder is an EfficientNet-Lite (`imgen.training.backbone`), which has learned from a million photos what a cat, a
sky and skin are. What a user marks, dots of colour or clicks, comes in by a small encoder of its own, so that the
published weights see nothing but pictures. References: U-Net (Ronneberger et al., arXiv 1505.04597); dots of colour
(Zhang et al., arXiv 1705.02999); clicks beside the picture (RITM, Sofiiuk et al., arXiv 2102.06583); results of every
size that are compared with the truth (U²-Net, Qin et al., arXiv 2005.09007).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.backbone import CHANNELS, Kind, Lite, SameConv, channels_of, unit
from imgen.training.blocks import Block

from .unet import STEM, Context

Widths = tuple[int, int, int, int]
MARKS: Widths = (32, 48, 64, 96)  # channels of the encoder of marks at 1/4, 1/8, 1/16 and 1/32


class Marks(nn.Module):
    """What the user marks, with the picture below, at four sizes."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            Block(a, b, stride)
            for a, b, stride in zip((inputs * STEM**2, *MARKS[:3]), MARKS, (1, 2, 2, 2), strict=True)
        )

    def forward(self, marks: Tensor) -> list[Tensor]:
        """(B, inputs, H, W) to features of 32, 48, 64 and 96 channels at 1/4, 1/8, 1/16 and 1/32."""
        x = F.pixel_unshuffle(marks, STEM)
        found: list[Tensor] = []
        for block in self.blocks:
            found.append(x := block(x))
        return found


class Decoder(nn.Module):
    """From what both encoders found back up to a quarter of the size.

    Args:
        widths: channels at 1/4, 1/8, 1/16 and 1/32.
        kind: of the encoder that it comes after.
    """

    def __init__(self, widths: Widths, kind: Kind = "lite0") -> None:
        super().__init__()
        a, b, c, d = widths
        _, skip1, skip2, skip3, deepest = channels_of(kind)
        narrow = unit(SameConv(deepest + MARKS[3], d, 1, 1), d)
        self.deep = nn.Sequential(narrow, Block(d, d), Context(d))
        self.decode3 = Block(d + skip3 + MARKS[2], c)
        self.decode2 = Block(c + skip2 + MARKS[1], b)
        self.decode1 = Block(b + skip1 + MARKS[0], a)

    def forward(self, seen: Sequence[Tensor], marked: Sequence[Tensor]) -> list[Tensor]:
        """Features of `Lite` and of `Marks` to features of `widths` at 1/4, 1/8, 1/16 and 1/32."""
        found = [x := self.deep(torch.cat([seen[4], marked[3]], 1))]  # (B, d, H/32, W/32)
        for i, block in ((2, self.decode3), (1, self.decode2), (0, self.decode1)):
            x = F.interpolate(x, scale_factor=2.0)
            found.append(x := block(torch.cat([x, seen[i + 1], marked[i]], 1)))
        return found[::-1]


class Colours(nn.Module):
    """A distribution over classes of colour for each place of a grey photo; 5.6M weights, 7.1M with Lite2.

    Args:
        classes: of colour.
        widths: channels of the decoder at 1/4, 1/8, 1/16 and 1/32.
        kind: of the encoder.
    """

    multiple = 32  # height and width of the input must be multiples of this

    def __init__(self, classes: int, widths: Widths = (96, 128, 160, 192), kind: Kind = "lite0") -> None:
        super().__init__()
        self.encoder = Lite(kind)
        self.marks = Marks(4)
        self.decoder = Decoder(widths, kind)
        self.tail = nn.Conv2d(widths[0], classes, 1)

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        """Logits of the classes (B, classes, H/4, W/4).

        Args:
            light: lightness (B, 1, H, W), L of Lab over 100.
            hints: (B, 3, H, W): a/100, b/100 and 1 at the dots, else zeros.
        """
        seen = self.encoder(grey(light).expand(-1, 3, -1, -1))
        return self.tail(self.decoder(seen, self.marks(torch.cat([light, hints], 1)))[0])


class Masks(nn.Module):
    """Logits of masks at full size, and for training at smaller ones; its subclasses say what they look at.

    Args:
        marked: channels that the small encoder sees: the picture's, and what the user marks.
        classes: of the result.
        widths: channels of the decoder at 1/4, 1/8, 1/16 and 1/32.
        fine: channels at 1/2.
    """

    multiple = 32  # height and width of the input must be multiples of this

    def __init__(self, marked: int, classes: int, widths: Widths, fine: int) -> None:
        super().__init__()
        self.encoder = Lite()
        self.marks = Marks(marked)
        self.decoder = Decoder(widths)
        self.fine = unit(SameConv(widths[0] + CHANNELS[0], fine, 3, 1), fine)
        self.tail = nn.Conv2d(fine, 4 * classes, 1)
        self.coarse = nn.ModuleList(nn.Conv2d(width, classes, 1) for width in widths)

    def found(self, image: Tensor, marked: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits at full size, and the decoder's features."""
        seen = self.encoder(image)
        features = self.decoder(seen, self.marks(marked))
        x = F.interpolate(features[0], scale_factor=2.0)
        x = self.tail(self.fine(torch.cat([x, seen[0]], 1)))  # (B, 4 * classes, H/2, W/2)
        return F.pixel_shuffle(x, 2), features

    def at_all_sizes(self, image: Tensor, marked: Tensor) -> list[Tensor]:
        """The logits at full size, then those at 1/4, 1/8, 1/16 and 1/32 of it (B, classes, h, w)."""
        logits, features = self.found(image, marked)
        return [logits, *(layer(x) for layer, x in zip(self.coarse, features, strict=True))]


class Subject(Masks):
    """Where the subject of a photo is, or what clicks on it say; 5.0M weights."""

    def __init__(self, widths: Widths = (64, 96, 144, 192), fine: int = 32) -> None:
        super().__init__(5, 1, widths, fine)

    def forward(self, image: Tensor, clicks: Tensor) -> Tensor:
        """Logits of the mask (B, 1, H, W).

        Args:
            image: (B, 3, H, W), sRGB in 0..1.
            clicks: (B, 2, H, W): 1 in a disc about each click that adds, and about each that takes away, else 0.
        """
        return self.found(image, torch.cat([image, clicks], 1))[0]

    def sides(self, image: Tensor, clicks: Tensor) -> list[Tensor]:
        """For training, see `at_all_sizes`."""
        return self.at_all_sizes(image, torch.cat([image, clicks], 1))


class Segments(Masks):
    """Which class each place of a photo belongs to."""

    def __init__(self, classes: int, widths: Widths = (64, 96, 144, 192), fine: int = 32) -> None:
        super().__init__(3, classes, widths, fine)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of the classes (B, classes, H, W) of a photo (B, 3, H, W), sRGB in 0..1."""
        return self.found(image, image)[0]

    def sides(self, image: Tensor) -> list[Tensor]:
        """For training, see `at_all_sizes`."""
        return self.at_all_sizes(image, image)


def grey(light: Tensor) -> Tensor:
    """The sRGB value of a grey of lightness L/100; below L = 8, where Lab is linear, up to 0.034 too bright."""
    return 1.055 * ((light.clamp(0, 1) + 0.16) / 1.16) ** 1.25 - 0.055
