"""The network that paints in the style of any picture: it reads its gains, offsets and colours off that picture.

References: a network that predicts gains and offsets of another's instance norms (Ghiasi et al., arXiv 1705.06830),
here from means and spreads (Huang & Belongie, arXiv 1703.06868) of what EfficientNet-Lite0 sees; colours by mean and
covariance, as in whitening and colouring (Li et al., arXiv 1705.08086).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..training.kuwahara import flattened
from .generator import Moments
from .painter import LEAST, Strokes
from .sight import LEARNED, Sight

CHANNELS = 2 * (32 + 32 + 96 + 144 + 240 + 480 + 480)  # means and spreads inside the blocks `LEARNED`
COLOURS = 12  # numbers that tell a picture's colours: the root of their covariance, and their mean
ROUNDS = 18  # of Newton's method: enough where colours differ 100 times as much one way as another
PALE = 0.03  # of 0..1, a spread that is added to a photo's colours, so that a grey one is not torn apart
FAR = 4.0  # spreads from what is usual, at most


class AnyPainter(Strokes):
    """Photos to paintings in a style that numbers tell, and who reads these off a picture.

    Strokes, and the ground that they are painted on, have colours that are uncorrelated and equally varied. Both
    together are given those of the picture that was read, from the first step of training on.

    Args:
        width: see `Strokes`.
        blocks: see `Strokes`.
        narrow: numbers that styles are told apart by.
        codes: of which these make, by as many sets of matrices, those that mix channels as a style wants them (dynamic
            convolutions, Chen et al., arXiv 1912.03458, one pixel wide); 0 for none.
    """

    usual: Tensor
    spread: Tensor

    def __init__(self, width: int, blocks: int, narrow: int, codes: int = 0) -> None:
        super().__init__(width, blocks)
        self.codes = codes
        self.register_buffer("usual", torch.zeros(CHANNELS))
        self.register_buffer("spread", torch.ones(CHANNELS))
        self.narrow, self.widen = nn.Linear(CHANNELS, narrow), nn.Linear(narrow, 2 * sum(self.norms()))
        with torch.no_grad():  # all styles begin alike
            self.widen.weight *= 0.1
            self.widen.bias.zero_()
        if codes:
            self.code = nn.Linear(narrow, codes)
            self.matrices = nn.Linear(codes, sum(self.mixing()))
            with torch.no_grad():
                self.matrices.weight *= 0.1
                self.matrices.bias.zero_()

    def mixing(self) -> list[int]:
        """How many numbers each mix of channels has."""
        return [count**2 for count in self.mixed()] if self.codes else []

    def statistics(self) -> int:
        """How many means and spreads it has, those of the photo's colours and of their sums included."""
        return super().statistics() + 6

    def numbers(self) -> int:
        """How many tell a style."""
        return 2 * sum(self.norms()) + sum(self.mixing()) + COLOURS

    def read(self, picture: Tensor, features: Sequence[Tensor]) -> Tensor:
        """The numbers (B, N) of a style, by pictures (B, 3, H, W) in 0..1 and what `Sight(LEARNED)` sees in them."""
        seen = ((moments_of(features) - self.usual) / self.spread).clamp(-FAR, FAR)
        told = F.relu(self.narrow(seen))
        mixes = [self.matrices(self.code(told))] if self.codes else []
        return torch.cat([self.widen(told), *mixes, palette(picture)], 1)

    def ground(self, image: Tensor, moments: Moments) -> tuple[Tensor, Tensor]:
        """A photo (B, 3, H, W) without its detail, its colours uncorrelated; and with it, as `seen` shows it."""
        flat = flattened(image)
        mean, spread = moments.of(torch.cat([flat, flat + flat.roll(-1, 1)], 1))
        (mean, _), (spread, sums) = mean.chunk(2, 1), spread.chunk(2, 1)
        _, inverse = roots(covariance_of(spread, sums) + PALE**2 * torch.eye(3, device=image.device))
        return led(inverse, flat - mean), (image.float() - mean) / (spread + LEAST)

    def parts(self, hand: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """The numbers (B, N) of a style as gains and offsets, mixes (B, C, C), and colours (B, 12)."""
        counts = [2 * count for count in self.norms()]
        found = hand.split([*counts, *self.mixing(), COLOURS], 1)
        sides = self.mixed() if self.codes else []
        mixes = [m.reshape(-1, n, n) for m, n in zip(found[len(counts) : -1], sides, strict=True)]
        return list(found[: len(counts)]), mixes, found[-1]

    def forward(self, image: Tensor, hand: Tensor, moments: Moments | None = None) -> Tensor:
        """(B, 3, H, W) in 0..1, with some grain, and numbers (B, N), to painted pictures, not clipped."""
        moments = moments or Moments()
        ground, whole = self.ground(image, moments)
        norms, mixes, colours = self.parts(hand)
        root, mean = colours.float().split([9, 3], 1)
        painted = ground + self.strokes(whole, moments, iter(norms), iter(mixes) if mixes else repeat(None))
        return mean[..., None, None] + led(root.reshape(-1, 3, 3), painted)


class Easel(nn.Module):
    """An `AnyPainter` as one graph: paints one picture and reads a style off another; either may be a few pixels."""

    def __init__(self, painter: AnyPainter) -> None:
        super().__init__()
        self.painter, self.sight = painter, Sight(LEARNED)

    def forward(
        self, image: Tensor, hand: Tensor, picture: Tensor, statistics: Tensor, frozen: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The painted picture in 0..1, its statistics, and the numbers that tell the other picture's style.

        Args:
            image: (B, 3, H, W) in 0..1, to be painted.
            hand: (B, N), what was read before.
            picture: (B, 3, h, w) in 0..1, to be read; h and w are multiples of 16.
            statistics: (B, M), what another run returned.
            frozen: (B, 1), 1 to use these, 0 to use the picture's own.
        """
        moments = Moments(statistics, frozen)
        made = self.painter(image, hand, moments)
        return made.clamp(0, 1), torch.cat(moments.found, 1), self.painter.read(picture, self.sight(picture))


def moments_of(features: Sequence[Tensor]) -> Tensor:
    """Mean and standard deviation (B, 2 N) of each channel of features (B, C, h, w) at each depth."""
    found: list[Tensor] = []
    for part in features:
        flat = part.float().flatten(2)
        mean = flat.mean(2)
        found += [mean, ((flat - mean[..., None]).square().mean(2) + 1e-5).sqrt()]
    return torch.cat(found, 1)


def led(matrices: Tensor, pictures: Tensor) -> Tensor:
    """Colours of pictures (B, 3, H, W) through matrices (B, 3, 3)."""
    return (matrices @ pictures.flatten(2)).reshape(pictures.shape)


def palette(pictures: Tensor) -> Tensor:
    """The root of the covariance of colours, and their mean (B, 12), of pictures (B, 3, H, W).

    By the root, colours that are uncorrelated and have the spread 1 become as varied as the pictures'.
    """
    colours = pictures.float().flatten(2)
    mean = colours.mean(2, keepdim=True)
    away = colours - mean
    covariance = away @ away.transpose(1, 2) / colours.shape[2] + 1e-5 * torch.eye(3, device=pictures.device)
    return torch.cat([roots(covariance)[0].flatten(1), mean.flatten(1)], 1)


def covariance_of(spread: Tensor, sums: Tensor) -> Tensor:
    """The covariance (B, 3, 3) of colours by their spreads (B, 3, 1, 1) and those of R + G, G + B and B + R."""
    own = spread.square()[..., 0, 0]
    shared = (sums.square()[..., 0, 0] - own - own.roll(-1, 1)) / 2
    r, g, b = own.unbind(1)
    rg, gb, br = shared.unbind(1)
    return torch.stack([r, rg, br, rg, g, gb, br, gb, b], 1).reshape(-1, 3, 3)


def roots(matrices: Tensor) -> tuple[Tensor, Tensor]:
    """The root of positive definite matrices (B, 3, 3) and its inverse, by products alone (Newton and Schulz)."""
    eye = torch.eye(3, device=matrices.device)
    trace = (matrices * eye).sum((1, 2), keepdim=True)
    y, z = matrices / trace, eye.expand_as(matrices)
    for _ in range(ROUNDS):
        step = 1.5 * eye - 0.5 * z @ y
        y, z = y @ step, step @ z
    return y * trace.sqrt(), z / trace.sqrt()
