"""What faces cost that were drawn, by their pixels and by the features of a network that knows faces."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...training.trainer import Hardware
from .classifier import feature_network

EPSILON = 1e-3  # below this, the absolute error counts as a square
STAGES = 3  # of the feature network that are compared


def charbonnier(made: Tensor, images: Tensor) -> Tensor:
    """The mean of sqrt(d^2 + epsilon^2), an absolute error that is smooth at 0 (Charbonnier et al., 1994)."""
    return ((made - images).square() + EPSILON**2).sqrt().mean()


def unlike(found: Sequence[Tensor], truth: Sequence[Tensor]) -> Tensor:
    """Mean squared difference (B,) of features (B, C, h, w) as unit vectors, summed over the sizes."""
    pairs = zip(map(unit, found), map(unit, truth), strict=True)
    return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).sum(0)


def unit(features: Tensor) -> Tensor:
    """Of length 1 at every place."""
    return features.float() * torch.rsqrt(features.float().square().sum(1, keepdim=True) + 1e-6)


class FaceLoss:
    """The cost of reconstructing faces: their pixels, and the features of a network that knows faces.

    Both errors are taken for Laplace distributed with the scale that fits them best, which makes the cost of n values
    n log(error) up to a constant, and the balance with the KL divergence that of the evidence lower bound (sigma-VAE,
    Rybkin et al., arXiv 2006.13202). Features as in perceptual losses (Hou et al., arXiv 1610.00291).

    Args:
        weight: of the features, as if there were so many times as many values as pixels.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.network = feature_network() if weight else None

    def __call__(self, hardware: Hardware, made: Tensor, images: Tensor) -> Tensor:
        """Nats a picture, up to a constant, of pictures (B, 3, 64, 64) in 0..1."""
        cost = charbonnier(made, images).log()
        if self.network is not None:
            hardware.place(self.network)
            with hardware.autocast():
                with torch.no_grad():
                    truth = self.network.features(images)[:STAGES]
                found = self.network.features(made)[:STAGES]
            errors = [
                (a.float() - b.float()).abs().mean() / b.float().abs().mean() for a, b in zip(found, truth, strict=True)
            ]
            cost = cost + self.weight * torch.stack(errors).mean().log()
        return cost * images[0].numel()


class FeatureNetwork:
    """The frozen network's features, for a critic of them (Projected GANs, Sauer et al., arXiv 2111.01007).

    Attributes:
        widths: channels of its features at 1/2, 1/4, 1/8 and 1/16 of the size.
        strides: of critics of these features.
        hidden: channels of their hidden layers.
    """

    strides, hidden = (2, 1, 1, 1), 32

    def __init__(self) -> None:
        self.network = feature_network()
        self.widths = [int(stage[-2].num_features) for stage in self.network.stages]  # type: ignore[index, union-attr]

    def __call__(self, hardware: Hardware, faces: Tensor) -> list[Tensor]:
        """Features (B, C, 64 / n, 64 / n), at least 0, of faces (B, 3, 64, 64) in 0..1."""
        hardware.place(self.network)
        with hardware.autocast():
            return self.network.features(faces)
