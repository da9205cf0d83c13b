"""A generator whose every layer is told the style of the face, and the encoder that reads the style from a photo.

It keeps DCGAN's frame, doubling the size from 4 pixels up, and takes over what made it better since: residual blocks
and a batch norm that the code steers at every size (BigGAN, Brock et al., arXiv 1809.11096), a learned map from normal
codes to styles, in which faces lie straighter, and pictures summed over the sizes (StyleGAN and StyleGAN2, Karras et
al., arXiv 1812.04948 and 1912.04958).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.backbone import Lite0

FINE = 24  # channels at the full size
BASE = 4  # side of the smallest size in pixels


class StyledNorm(nn.Module):
    """Batch norm, then a gain and an offset for each channel that follow from the style."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(width, affine=False)
        self.steer = nn.Linear(style, 2 * width)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, width, H, W) and styles (B, style) to the shape of x."""
        gain, offset = self.steer(style)[:, :, None, None].chunk(2, 1)
        return self.norm(x) * (1 + gain) + offset


class Rise(nn.Module):
    """A residual block that doubles the size."""

    def __init__(self, inputs: int, outputs: int, style: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = StyledNorm(inputs, style), StyledNorm(outputs, style)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, 2H, 2W)."""
        y = self.first(F.interpolate(F.relu(self.norm1(x, style)), scale_factor=2.0))
        y = self.second(F.relu(self.norm2(y, style)))
        return y + F.interpolate(self.shortcut(x), scale_factor=2.0)


class StyledGenerator(nn.Module):
    """Codes to styles, and styles to pictures.

    Args:
        code: numbers in a code, drawn from a normal distribution.
        style: numbers in a style.
        widths: channels at 4, 8, 16, ... pixels; the picture is twice as large as the last.
    """

    def __init__(self, code: int, style: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.code, self.style = code, style
        self.map = nn.Sequential(nn.Linear(code, style), nn.LeakyReLU(0.2), nn.Linear(style, style))
        self.first = nn.Linear(style, widths[0] * BASE**2)
        self.stages = nn.ModuleList(Rise(a, b, style) for a, b in pairwise(widths))
        self.views = nn.ModuleList(nn.Conv2d(width, 3, 1) for width in widths[1:])
        self.last = StyledNorm(widths[-1], style)
        self.enlarge = nn.Conv2d(widths[-1], 4 * FINE, 3, padding=1)
        self.tail = nn.Conv2d(FINE, 3, 3, padding=1)
        self.apply(orthogonal)
        with torch.no_grad():  # colours that start far from grey would be hard to move
            for layer in (*self.views, self.tail):
                assert isinstance(layer, nn.Conv2d)
                layer.weight.mul_(0.2)

    def styles(self, code: Tensor) -> Tensor:
        """Styles (B, style) of codes (B, code); how long a code is does not matter."""
        return self.map(F.normalize(code.float(), dim=1) * self.code**0.5)

    def forward(self, style: Tensor) -> Tensor:
        """Styles (B, style) to pictures (B, 3, S, S) in 0..1."""
        x = self.first(style).unflatten(1, (-1, BASE, BASE))
        coarse: Tensor | None = None  # the picture so far
        for stage, view in zip(self.stages, self.views, strict=True):
            x = stage(x, style)
            coarse = view(x) if coarse is None else view(x) + enlarged(coarse)
        x = F.pixel_shuffle(self.enlarge(F.relu(self.last(x, style))), 2)  # (B, FINE, S, S)
        fine = self.tail(F.leaky_relu(x, 0.2))
        return (fine if coarse is None else fine + enlarged(coarse)).float().sigmoid()


class StyleEncoder(nn.Module):
    """Reads the style from a photo; EfficientNet-Lite0 is where it starts from.

    Args:
        style: numbers in a style.
        size: side of the photos in pixels, a multiple of 32.
        body: a network to start from; without one, random weights.
    """

    def __init__(self, style: int, size: int, body: Lite0 | None = None) -> None:
        super().__init__()
        self.body = Lite0() if body is None else body
        self.deep = nn.Conv2d(320, 96, 1)
        self.shallow = nn.Conv2d(112, 64, 3, 2, padding=1)
        self.head = nn.Linear((96 + 64) * (size // 32) ** 2, style)

    def forward(self, image: Tensor) -> Tensor:
        """Styles (B, style) of photos (B, 3, size, size) in 0..1."""
        *_, middle, deep = self.body(image)
        x = torch.cat([self.deep(deep), self.shallow(middle)], 1)
        return self.head(F.relu(x).flatten(1))


def enlarged(picture: Tensor) -> Tensor:
    """Twice the size, without steps."""
    return F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)


def orthogonal(module: nn.Module) -> None:
    """BigGAN's start; the steering of the batch norms starts small."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.orthogonal_(module.weight)
    elif isinstance(module, StyledNorm):  # after its children
        nn.init.normal_(module.steer.weight, 0, 0.02)
        nn.init.zeros_(module.steer.bias)
