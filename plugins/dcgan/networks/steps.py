"""Layers that also say what they do to a gradient, with the same weights, since ONNX Runtime cannot differentiate.

A convolution's gradient is a transposed convolution, that of doubling a sum over 2x2, that of ReLU a mask.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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
        if transposed and self.stride == 1:  # the same as a convolution, which is the faster one
            turned = self.weight.flip(2, 3).transpose(0, 1)
            return F.conv2d(x, turned, bias, padding=self.weight.shape[-1] - 1 - self.padding)
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
