"""The network that paints in one style."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..training.kuwahara import flattened
from .generator import Moments, Unit

PIXELS = 4  # in a place at half the size
LEAST = 0.05  # added to the spread of colours, so that a photo of one colour is not torn apart


class Strokes(nn.Module):
    """Photos to strokes (Johnson et al., arXiv 1603.08155), with no layer at full size: twice as fast.

    Four pixels become one place with all their colours at first, and come of one at last (Shi et al., arXiv
    1609.05158); between are a halving, residual blocks and a doubling.

    Args:
        width: channels at half the size; twice as many at 1/4.
        blocks: residual blocks at 1/4.
    """

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        w = width
        self.encode = nn.ModuleList([Unit(3 * PIXELS, w), Unit(w, 2 * w, stride=2)])
        self.first = nn.ModuleList(Unit(2 * w, 2 * w) for _ in range(blocks))
        self.second = nn.ModuleList(Unit(2 * w, 2 * w) for _ in range(blocks))
        self.decode = Unit(2 * w, w, scale=2)
        self.head = nn.Conv2d(w, 3 * PIXELS, 3)
        with torch.no_grad():  # the four pixels of a place begin alike, so that there are no checkers (1707.02937)
            self.head.weight.copy_(0.3 * self.head.weight[::PIXELS].repeat_interleave(PIXELS, 0))
            self.head.bias.zero_()  # type: ignore[union-attr]

    def norms(self) -> list[int]:
        """The channels of each instance norm, in the order of the computation."""
        pairs = (unit for pair in zip(self.first, self.second, strict=True) for unit in pair)
        units = (*self.encode, *pairs, self.decode)
        return [len(unit.gain) for unit in units if isinstance(unit, Unit)]

    def statistics(self) -> int:
        """How many means and spreads it has, those of the photo's colours included."""
        return 6 + 2 * sum(self.norms())

    def seen(self, image: Tensor, moments: Moments) -> tuple[Tensor, Tensor]:
        """A photo (B, 3, H, W) without its detail, and with it; each colour by the mean and the spread of the first."""
        flat = flattened(image)
        mean, spread = moments.of(flat)
        return (flat - mean) / (spread + LEAST), (image.float() - mean) / (spread + LEAST)

    def mixed(self) -> list[int]:
        """The channels where a style may mix them, in the order of the computation."""
        return [len(unit.gain) for unit in (*self.first, self.decode) if isinstance(unit, Unit)]

    def strokes(
        self, whole: Tensor, moments: Moments, hand: Iterator[Tensor | None], mixes: Iterator[Tensor | None]
    ) -> Tensor:
        """What is painted (B, 3, H, W) on the ground.

        Args:
            whole: the second of what `seen` returned.
            moments: of the run.
            hand: for each norm what is added to its gains and offsets (B, 2 C), or None.
            mixes: for each place of `mixed` how much of each channel each other is given (B, C, C), or None.
        """
        x = exported_places(whole) if torch.compiler.is_exporting() else F.pixel_unshuffle(whole, 2)
        for unit in self.encode:
            x = unit(x, moments, hand=next(hand))  # at last (B, 2 w, H/4, W/4)
        for first, second in zip(self.first, self.second, strict=True):
            y = mix(first(x, moments, hand=next(hand)), next(mixes))
            x = x + second(y, moments, rectify=False, hand=next(hand))
        x = mix(self.decode(x, moments, hand=next(hand)), next(mixes))  # (B, w, H/2, W/2)
        return F.pixel_shuffle(self.head(F.pad(x, [1] * 4, mode="reflect")).float(), 2)


class Painter(Strokes):
    """Photos to paintings in one style.

    It paints on a ground: the photo without its detail, its colours led to the painting's palette by one matrix. All
    statistics, those of the photo's colours first, may be another picture's; see `Moments`.
    """

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__(width, blocks)
        self.ground = nn.Conv2d(3, 3, 1)

    def prime(self, painting: Tensor) -> None:
        """Begin with a ground in the range of colours of a painting (1, 3, H, W) in 0..1.

        What is light in a photo becomes what is usual along the painting's main direction of colour; the photo's own
        colours show in the others.
        """
        colours = painting[0].flatten(1).double()
        values, axes = torch.linalg.eigh(torch.cov(colours))
        main = axes[:, 2] * axes[:, 2].sum().sign() * values[2].sqrt()
        rest = axes @ torch.diag(values.clamp_min(0).sqrt()) @ axes.T
        grey = torch.full((3, 3), 1 / 3, dtype=torch.float64)
        with torch.no_grad():
            self.ground.weight.copy_((main[:, None] * grey[:1] + rest @ (torch.eye(3) - grey))[..., None, None])
            self.ground.bias.copy_(colours.mean(1))  # type: ignore[union-attr]

    def forward(self, image: Tensor, moments: Moments | None = None) -> Tensor:
        """(B, 3, H, W) in 0..1, with some grain, to painted pictures, not clipped; H and W are multiples of 8."""
        moments = moments or Moments()
        flat, whole = self.seen(image, moments)
        return self.ground(flat).float() + self.strokes(whole, moments, repeat(None), repeat(None))


def mix(x: Tensor, matrices: Tensor | None) -> Tensor:
    """Give each channel of (B, C, H, W) so much of each other (B, C, C); None for nothing."""
    if matrices is None:
        return x
    if torch.compiler.is_exporting():  # ONNX Runtime keeps channels apart
        return x + (matrices @ x.flatten(2)).reshape(x.shape)
    pixels = x.permute(0, 2, 3, 1)  # as channels-last memory has them
    more = pixels.flatten(1, 2) @ matrices.transpose(1, 2).to(x.dtype)
    return (pixels + more.reshape(pixels.shape)).permute(0, 3, 1, 2)


def exported_places(x: Tensor) -> Tensor:
    """Four pixels of (B, C, H, W) as one place (B, 4 C, H / 2, W / 2), by what ONNX Runtime is quick at."""
    count = PIXELS * x.shape[1]
    return F.conv2d(x, torch.eye(count, device=x.device).reshape(count, x.shape[1], 2, 2), stride=2)


def reach(blocks: int) -> int:
    """Radius in pixels that a pixel of a painting depends on, statistics apart."""
    # a 3x3 at 1/2 and the halving; two 3x3s at 1/4 for each block; two 3x3s at 1/2; and the rounding
    return 4 + 8 * blocks + 4 + 4
