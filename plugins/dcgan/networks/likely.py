"""Faces as a Gaussian: the mean face and its principal components (Tipping & Bishop, probabilistic PCA, 1999)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from imgen.training.components import principal


class Likely(nn.Module):
    """A face from a normal code: the mean, and components, each of length 1, times how much faces differ along it.

    Args:
        components: numbers in a code.
        side: of the faces in pixels.
    """

    def __init__(self, components: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.linear = nn.Linear(components, 3 * side * side)
        self.spread = nn.Parameter(torch.ones(components))  # apart, as eight bits hold numbers of one size best
        self.requires_grad_(False)

    def forward(self, code: Tensor) -> Tensor:
        """Faces (B, 3, S, S), about 0..1, of codes (B, components)."""
        return self.linear(code * self.spread).view(-1, 3, self.side, self.side)

    @torch.no_grad()
    def fit(self, faces: Tensor) -> float:
        """Take mean and components from faces (N, 3, S, S); returns the variance of what they leave out, per value."""
        found = principal(faces, len(self.spread))
        self.linear.bias.copy_(found.mean)
        self.linear.weight.copy_(found.vectors.T)
        self.spread.copy_(found.spread)
        return found.left_out / len(found.mean)
