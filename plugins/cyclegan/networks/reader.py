"""The network that paints in the style of any picture: it reads its gains, offsets and colours off that picture.

References: a network that predicts gains and offsets of another's instance norms (Ghiasi et al., arXiv 1705.06830),
here from means and spreads (Huang & Belongie, arXiv 1703.06868) of what EfficientNet-Lite0 sees; colours by mean and
covariance, as in whitening and colouring (Li et al., arXiv 1705.08086).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .generator import Moments
from .painter import Strokes
from .sight import LEARNED, Sight

CHANNELS = 2 * (32 + 32 + 96 + 144 + 240 + 480 + 480)  # means and spreads inside the blocks `LEARNED`
COLOURS = 21  # numbers that tell a picture's colours: the ground's matrix and the strokes', and the mean
ROUNDS = 18  # of Newton's and of the power method: enough where colours differ 100 times as much one way as another
FAR = 4.0  # spreads from what is usual, at most


class AnyPainter(Strokes):
    """Photos to paintings in a style that numbers tell, and who reads these off a picture.

    The strokes are learned as if all colours were as usual and as varied as each other; what is painted has the colours
    of the picture that was read, from the first step of training on.

    Args:
        width: see `Strokes`.
        blocks: see `Strokes`.
        narrow: numbers that styles are told apart by.
    """

    usual: Tensor
    spread: Tensor

    def __init__(self, width: int, blocks: int, narrow: int) -> None:
        super().__init__(width, blocks)
        self.register_buffer("usual", torch.zeros(CHANNELS))
        self.register_buffer("spread", torch.ones(CHANNELS))
        self.narrow, self.widen = nn.Linear(CHANNELS, narrow), nn.Linear(narrow, 2 * sum(self.norms()))
        with torch.no_grad():  # all styles begin alike
            self.widen.weight *= 0.1
            self.widen.bias.zero_()

    def numbers(self) -> int:
        """How many tell a style."""
        return 2 * sum(self.norms()) + COLOURS

    def read(self, picture: Tensor, features: Sequence[Tensor]) -> Tensor:
        """The numbers (B, N) of a style, by pictures (B, 3, H, W) in 0..1 and what `Sight(LEARNED)` sees in them."""
        seen = ((moments_of(features) - self.usual) / self.spread).clamp(-FAR, FAR)
        return torch.cat([self.widen(F.relu(self.narrow(seen))), palette(picture)], 1)

    def forward(self, image: Tensor, hand: Tensor, moments: Moments | None = None) -> Tensor:
        """(B, 3, H, W) in 0..1, with some grain, and numbers (B, N), to painted pictures, not clipped."""
        moments = moments or Moments()
        flat, whole = self.seen(image, moments)
        *norms, colours = hand.split([*(2 * count for count in self.norms()), COLOURS], 1)
        ground, strokes, mean = (part.float() for part in colours.split([9, 9, 3], 1))
        painted = self.strokes(whole, moments, iter(norms))
        return mean[..., None, None] + led(ground, flat) + led(strokes, painted)


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


def led(matrix: Tensor, pictures: Tensor) -> Tensor:
    """Colours of pictures (B, 3, H, W) through matrices (B, 9)."""
    return (matrix.reshape(-1, 3, 3) @ pictures.flatten(2)).reshape(pictures.shape)


def palette(pictures: Tensor) -> Tensor:
    """A ground's matrix, a strokes' matrix and the mean (B, 21) by the colours of pictures (B, 3, H, W).

    Colours that are uncorrelated and have the spread 1 become the pictures' by the second. By the first, what is light
    becomes what is usual along the main direction of the colours; other colours show in the others.
    """
    colours = pictures.float().flatten(2)
    mean = colours.mean(2, keepdim=True)
    away = colours - mean
    eye = torch.eye(3, device=pictures.device)
    covariance = away @ away.transpose(1, 2) / colours.shape[2] + 1e-5 * eye
    root = square_root(covariance, eye)
    grey = torch.full((3, 3), 1 / 3, device=pictures.device)
    ground = main_axis(covariance) @ grey[:1] + root @ (eye - grey)
    return torch.cat([ground.flatten(1), root.flatten(1), mean.flatten(1)], 1)


def square_root(matrices: Tensor, eye: Tensor) -> Tensor:
    """The root of positive definite matrices (B, 3, 3), by products alone (Newton and Schulz; Higham 2008)."""
    trace = (matrices * eye).sum((1, 2), keepdim=True)
    y, z = matrices / trace, eye.expand_as(matrices)
    for _ in range(ROUNDS):
        step = 1.5 * eye - 0.5 * z @ y
        y, z = y @ step, step @ z
    return y * trace.sqrt()


def main_axis(matrices: Tensor) -> Tensor:
    """The direction in which colours differ most, from dark to light, as long as their spread in it (B, 3, 1)."""
    axis = torch.full_like(matrices[:, :, :1], 3**-0.5)
    for _ in range(ROUNDS):
        axis = matrices @ axis
        axis = axis / (axis.square().sum(1, keepdim=True) + 1e-12).sqrt()
    return axis * axis.sum(1, keepdim=True).sign() * (axis.transpose(1, 2) @ matrices @ axis).sqrt()
