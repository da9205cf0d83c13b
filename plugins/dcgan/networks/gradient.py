"""The generator and its critic as one graph that also gives the gradient of what codes are searched for.

Every layer says what it does to a gradient, see `steps`.
`tests/plugins/dcgan/test_dcgan_gradient.py` compares all of it with PyTorch's own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .gan import Critic, Generator
from .residual import Rise
from .steps import Bent, Both, Chain, Convolved, Doubled, Same, Scaled, Step


class Searchable(nn.Module):
    """Pictures of codes, how well they fit a target, and which way the fit improves.

    Args:
        generator: trained; without classes.
        critic: trained with it; without classes.
        codes: (N, code); how much the critic is shown to vary is what it sees over the pictures of these.
    """

    def __init__(self, generator: Generator, critic: Critic, codes: Tensor) -> None:
        super().__init__()
        first, *rest = drawing(generator)
        self.base = generator.base
        self.linear = copy.deepcopy(generator.first)  # codes to C * base² numbers
        self.first, self.drawing, self.judging = first, Chain(iter(rest)), Chain(judging(critic))
        score = critic.score
        assert isinstance(score, nn.Linear)
        flat = score.weight.detach()
        inside = flat.shape[1] - critic.spread * critic.base**2
        self.scoring = nn.Linear(inside, 1)
        self.scoring.weight.data.copy_(flat[:, :inside])
        self.scoring.bias.data.copy_(score.bias)
        if critic.spread:
            with torch.no_grad():
                seen, _ = self.judging(self.pictures(codes) * 2 - 1)
            usual = (seen.var(0) + 1e-8).sqrt().mean()  # a batch of a search is no fair sample, so it is made constant
            self.scoring.bias.data += usual * flat[0, inside:].sum()
        self.requires_grad_(False)

    def pictures(self, code: Tensor) -> Tensor:
        """(B, 3, 64, 64) in 0..1 of codes (B, code)."""
        return self.drawing(self.start(code))[0].sigmoid()

    def start(self, code: Tensor) -> Tensor:
        """Features (B, C, base, base) before the first ReLU, with residual blocks before the first norm."""
        return self.first(self.linear(code).unflatten(1, (-1, self.base, self.base)))

    def forward(
        self, code: Tensor, extra: Tensor, target: Tensor, weight: Tensor, realism: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """One step of a search for the code that minimises mean(weight (picture - target)²) + realism softplus(-score).

        Args:
            code: (B, code).
            extra: (B, C * base²), added to what `start` gives: what no code can say.
            target: (B, 3, 64, 64) in 0..1.
            weight: (B, 1, 64, 64), 0 where the target is not known.
            realism: (B, 1), weight of the critic's chance -log sigmoid(score) that the picture is made.

        Returns:
            pictures (B, 3, 64, 64) in 0..1, what is minimised (B, 1), scores (B, 1), its gradients at code and extra.
        """
        x, given = self.drawing(self.start(code) + extra.unflatten(1, (-1, self.base, self.base)))
        picture = x.sigmoid()
        seen, shown = self.judging(picture * 2 - 1)
        score = self.scoring(seen.flatten(1))  # (B, 1)
        error = picture - target
        fit = (weight * error**2).mean((1, 2, 3))[:, None] + realism * F.softplus(-score)
        # back: of the critic's score first, which gives a part of the picture's gradient
        down = (-realism * torch.sigmoid(-score) * self.scoring.weight).unflatten(1, seen.shape[1:])
        at_picture = 2 * weight * error / error[0].numel() + 2 * self.judging.backward(down, shown)
        at_start = self.drawing.backward(at_picture * picture * (1 - picture), given)
        at_code = self.first.backward(at_start, None).flatten(1) @ self.linear.weight
        return picture, fit, score, at_code, at_start.flatten(1)


def drawing(generator: Generator) -> Iterator[Step]:
    """The generator's steps after its linear layer; codes enter linearly up to the first of them."""
    if len(generator.stages):
        yield Same()
    for stage in generator.stages:
        assert isinstance(stage, Rise)
        yield Both(rising(stage), iter([Convolved(stage.shortcut), Doubled()]))
    for norm, layer in zip(generator.norms, generator.layers, strict=True):
        assert isinstance(norm, nn.BatchNorm2d)
        yield Scaled(norm)
        yield Bent(0.0)
        if isinstance(layer, nn.Sequential):
            yield Doubled()
        last = layer[-1] if isinstance(layer, nn.Sequential) else layer
        assert isinstance(last, nn.Conv2d | nn.ConvTranspose2d)
        yield Convolved(last)


def rising(stage: Rise) -> Iterator[Step]:
    """A residual block's steps beside its shortcut."""
    yield from (Scaled(stage.norm1), Bent(0.0), Doubled(), Convolved(stage.first))
    yield from (Scaled(stage.norm2), Bent(0.0), Convolved(stage.second))


def judging(critic: Critic) -> Iterator[Step]:
    """The critic's steps before its score."""
    for layer in critic.layers:
        if isinstance(layer, nn.LeakyReLU):
            yield Bent(layer.negative_slope)
        elif isinstance(layer, nn.BatchNorm2d):
            yield Scaled(layer)
        else:
            assert isinstance(layer, nn.Conv2d)
            yield Convolved(layer)
