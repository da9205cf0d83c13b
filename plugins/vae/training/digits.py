"""Training of vae/digits: handwritten digits on a plane."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from imgen.training.digits import digits
from imgen.training.trainer import Dice, Hardware, Settings, Width

from .gaussian import Gaussian, GaussianSettings


class DigitsSettings(GaussianSettings):
    """Settings of the digits' VAE: small, with a code that can be drawn as a map."""

    latent: int = Field(2, ge=1, description="Length of the code")
    widths: tuple[Width, Width, Width] = Field((32, 48, 64), description="Channels at 1/2, 1/4 and 1/8 of the size")
    warmup: int = Field(500, ge=1, description="Steps over which beta rises from 0")


class Digits(Gaussian):
    """vae/digits: MNIST's digits, 28x28 with a margin to 32x32; ink is 1."""

    name = "vae/digits"
    task = "codes of handwritten digits, in two dimensions"
    layout = "DIR...: MNIST, one *images-idx3-ubyte.gz and its *labels-idx1-ubyte.gz"
    Settings: ClassVar[type[Settings]] = DigitsSettings
    channels, size = 1, 32

    def load(self, folders: Sequence[Path]) -> None:
        """MNIST's files, see `imgen.training.digits`."""
        images = np.concatenate([digits(folder)[0] for folder in folders])
        self.images = np.pad(images, ((0, 0), (2, 2), (2, 2)))

    def batch(self, dice: Dice) -> Tensor:
        """Random digits."""
        chosen = dice.numpy.integers(0, len(self.images) - self.settings.held_out, self.settings.batch)
        return torch.from_numpy(self.images[chosen]).float().div(255)[:, None]

    def fit(self, hardware: Hardware, made: Tensor, images: Tensor) -> Tensor:
        """Bernoulli likelihood: the cross-entropy of every pixel."""
        return F.binary_cross_entropy(made.clamp(1e-6, 1 - 1e-6), images, reduction="sum") / len(images)
