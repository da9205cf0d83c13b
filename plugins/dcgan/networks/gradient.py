"""The generator and its critic as one graph that also gives the gradient of what codes are searched for.

ONNX Runtime has no automatic differentiation, so every layer says what it does to a gradient, with the same weights: a
convolution's gradient is a transposed convolution, that of doubling a sum over 2x2, that of ReLU a mask.
`tests/plugins/dcgan/test_dcgan_gradient.py` compares all of it with PyTorch's own.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .gan import Critic, Generator
from .residual import Rise


class Step(nn.Module):
    """One layer; `backward` takes the loss's gradient at its output to that at its input `x`."""

    def run(self, x: Tensor) -> tuple[Tensor, Any]:
        """The output, and what `backward` wants to have besides the gradient."""
        return self(x), x

    def backward(self, gradient: Tensor, x: Any) -> Tensor:
        """Of the shape of x."""
        raise NotImplementedError


class Scaled(Step):
    """Batch norm after training: each channel times a factor, plus an offset."""

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        assert norm.running_mean is not None
        assert norm.running_var is not None
        factor = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
        offset = (norm.bias - factor * norm.running_mean).detach()
        self.factor = nn.Parameter(factor[:, None, None])  # (C, 1, 1)
        self.offset = nn.Parameter(offset[:, None, None])

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W)."""
        return x * self.factor + self.offset

    def backward(self, gradient: Tensor, x: Tensor) -> Tensor:
        """Times the same factor."""
        return gradient * self.factor


class Bent(Step):
    """ReLU, leaky or not."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        """Below 0 times the slope."""
        return F.leaky_relu(x, self.slope)

    def backward(self, gradient: Tensor, x: Tensor) -> Tensor:
        """Where x was below 0, times the slope."""
        return torch.where(x > 0, gradient, gradient * self.slope)


class Doubled(Step):
    """Every pixel as 2x2."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, 2 H, 2 W)."""
        return F.interpolate(x, scale_factor=2.0)

    def backward(self, gradient: Tensor, x: Tensor) -> Tensor:
        """Sums over 2x2."""
        return 4 * F.avg_pool2d(gradient, 2)


class Convolved(Step):
    """A convolution, or a transposed one: each is the other's gradient."""

    def __init__(self, layer: nn.Conv2d | nn.ConvTranspose2d) -> None:
        super().__init__()
        assert layer.bias is not None
        self.transposed = isinstance(layer, nn.ConvTranspose2d)
        self.stride, self.padding = layer.stride[0], int(layer.padding[0])
        self.weight = nn.Parameter(layer.weight.detach().contiguous())  # divided, if spectral
        self.bias = nn.Parameter(layer.bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """As the layer."""
        return self.one_way(self.transposed, x, self.bias)

    def backward(self, gradient: Tensor, x: Tensor) -> Tensor:
        """The other way."""
        return self.one_way(not self.transposed, gradient, None)

    def one_way(self, transposed: bool, x: Tensor, bias: Tensor | None) -> Tensor:
        """Enlarge (transposed) or reduce by the stride."""
        convolve = F.conv_transpose2d if transposed else F.conv2d
        return convolve(x, self.weight, bias, stride=self.stride, padding=self.padding)


class Chain(nn.Module):
    """Steps one after the other."""

    def __init__(self, steps: Iterator[Step]) -> None:
        super().__init__()
        self.steps = nn.ModuleList(steps)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Any]]:
        """The result, and what every step was given."""
        given: list[Any] = []
        for step in self.steps:
            assert isinstance(step, Step)
            x, one = step.run(x)
            given.append(one)
        return x, given

    def backward(self, gradient: Tensor, given: list[Any]) -> Tensor:
        """The gradient at the first step's input."""
        for step, x in reversed(list(zip(self.steps, given, strict=True))):
            assert isinstance(step, Step)
            gradient = step.backward(gradient, x)
        return gradient


class Both(Step):
    """The sum of two chains of steps with the same input."""

    def __init__(self, left: Iterator[Step], right: Iterator[Step]) -> None:
        super().__init__()
        self.left, self.right = Chain(left), Chain(right)

    def run(self, x: Tensor) -> tuple[Tensor, Any]:
        """The sum, and what the steps of both were given."""
        (left, mine), (right, other) = self.left(x), self.right(x)
        return left + right, (mine, other)

    def backward(self, gradient: Tensor, x: tuple[list[Any], list[Any]]) -> Tensor:
        """The sum of both ways back."""
        return self.left.backward(gradient, x[0]) + self.right.backward(gradient, x[1])


class Same(Step):
    """Nothing."""

    def forward(self, x: Tensor) -> Tensor:
        """As it is."""
        return x

    def backward(self, gradient: Tensor, x: Any) -> Tensor:
        """As it is."""
        return gradient


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
