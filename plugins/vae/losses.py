"""What a reconstruction and a code cost, in nats."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from imgen.training import checkpoint
from imgen.training.checkpoint import CHECKPOINT
from imgen.training.trainer import Hardware

from .network import Traits

EPSILON = 1e-3  # below this, the absolute error counts as a square
STAGES = 3  # of the feature network that are compared


def divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each dimension, in nats; same shape as the arguments."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar)


def charbonnier(made: Tensor, images: Tensor) -> Tensor:
    """The mean of sqrt(d^2 + epsilon^2), an absolute error that is smooth at 0 (Charbonnier et al., 1994)."""
    return ((made - images).square() + EPSILON**2).sqrt().mean()


class Likeness:
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


def feature_network() -> Traits:
    """The shipped network that tells the attributes of faces, frozen."""
    path = Path(str(files("imgen_exports"))) / "vae" / "features" / CHECKPOINT
    settings: dict[str, Any] = checkpoint.about(path)["settings"]
    network = Traits(settings["attributes"], tuple(settings["widths"]), settings["residual"])
    checkpoint.load_average(path, network)
    return network.eval().requires_grad_(False)
