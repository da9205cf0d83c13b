"""Codes of mean 0 and covariance I, as a Gaussian prior has them: what an adversary gets only roughly right."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..networks import Autoencoder

RIDGE = 1e-3  # on the diagonal of the covariance
PACE = 0.004  # of the moving average, in parts of a step


class Moments(nn.Module):
    """Moving averages of mean and covariance of styles.

    Args:
        style: numbers of a style.
    """

    mean: Tensor  # (style,)
    covariance: Tensor  # (style, style)

    def __init__(self, style: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(style))
        self.register_buffer("covariance", torch.eye(style))

    @torch.no_grad()
    def follow(self, style: Tensor) -> None:
        """Look at a batch of styles (B, style)."""
        self.mean.lerp_(style.mean(0).to(self.mean), PACE)
        away = style.to(self.mean) - self.mean
        self.covariance.lerp_(away.T @ away / len(away), PACE)


def root_of(covariance: Tensor) -> Tensor:
    """The Cholesky root (N, N) of a covariance (N, N)."""
    return torch.linalg.cholesky(covariance + RIDGE * torch.eye(len(covariance)))


@torch.no_grad()
def whiten(network: Autoencoder, mean: Tensor, covariance: Tensor) -> None:
    """Let the encoder give styles of mean 0 and covariance I where it gave others, and the decoder undo that.

    Args:
        network: that is changed; no picture changes by it.
        mean: (style,) of the styles.
        covariance: (style, style).
    """
    n, root = network.style, root_of(covariance)
    inverse = torch.linalg.inv(root)
    network.heads.weight[:n] = inverse @ network.heads.weight[:n]
    network.heads.bias[:n] = inverse @ (network.heads.bias[:n] - mean)
    network.spread.bias.add_(network.spread.weight[:, :n] @ mean)
    network.spread.weight[:, :n] = network.spread.weight[:, :n] @ root
