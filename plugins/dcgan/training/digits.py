"""Training of dcgan/digits: handwritten digits from nothing, told which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.data import DataError, kept
from imgen.training.diagnostics import stacked
from imgen.training.digits import digits
from imgen.training.trainer import Dice, Exported, Settings, Width, Wrapped, as_tensor

from ..networks import Critic, Generator
from .gan import Gan, GanSettings

CLASSES = 10


class DigitsSettings(GanSettings):
    """The networks at 28x28."""

    widths: tuple[Width, Width] = Field((128, 64), description="Generator: channels at 7 and 14 pixels")
    critic_widths: tuple[Width, Width] = Field((128, 64), description="Critic: the same")
    stacked: bool = Field(False, description="Three digits as red, green and blue, without labels: 1,000 modes")


class Digits(Gan):
    """dcgan/digits: codes and labels to digits of 28x28 pixels (conditional GAN, Mirza et al., arXiv 1411.1784)."""

    name = "dcgan/digits"
    task = "handwritten digits from nothing, told which"
    layout = "DIR: MNIST, one *images-idx3-ubyte.gz and its *labels-idx1-ubyte.gz"
    Settings: ClassVar[type[Settings]] = DigitsSettings
    settings: DigitsSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """A folder with MNIST's two files.

        Raises:
            DataError: several folders; or see `digits`.
        """
        if len(folders) != 1:
            raise DataError("give --data one folder of digits")
        images, labels = digits(folders[0])
        count = kept(len(images), self.settings.held_out)
        self.images, self.labels = images[:count], labels[:count]

    def networks_of(self) -> tuple[nn.Module, nn.Module]:
        """From 7x7 to 28x28."""
        s = self.settings
        classes, channels = (0, 3) if s.stacked else (CLASSES, 1)
        base = 28 // 2 ** len(s.widths)
        return (
            Generator(s.code, classes, channels, s.widths, base, s.upsampling),
            Critic(classes, channels, s.critic_widths, base, s.norm, s.spread),
        )

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Digits (B, 1, 28, 28), ink is 1, with labels (B, 10); or three of them (B, 3, 28, 28) without."""
        rng, count = dice.numpy, self.settings.batch
        if self.settings.stacked:
            return as_tensor(stacked(self.images, rng, count)), torch.zeros(count, 0)
        chosen = rng.integers(len(self.images), size=count)
        return as_tensor(self.images[chosen, ..., None]), one_hot(self.labels[chosen])

    def known(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """The digits, and each label eight times; or some stacks."""
        if self.settings.stacked:
            return as_tensor(stacked(self.images, dice.numpy, len(self.images))), torch.zeros(24, 0)
        return as_tensor(self.images[..., None]), one_hot(np.repeat(np.arange(CLASSES), 8))

    def export(self, network: nn.Module) -> Exported:
        """Pictures (B, 1, 28, 28) of codes (B, code) and labels (B, 10); stacks (B, 3, 28, 28) of codes alone."""
        free = {0: "batch"}
        if self.settings.stacked:
            return Exported(Unlabelled(network), self.example, ["picture"], {"code": free}, 1, None)
        return Exported(network, self.example, ["picture"], {"code": free, "label": free}, 1, None)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Normal codes, and some labels."""
        code = {"code": rng.standard_normal((batch, self.settings.code), dtype=np.float32)}
        label = one_hot(rng.integers(CLASSES, size=batch)).numpy()
        return code if self.settings.stacked else code | {"label": label}


class Unlabelled(Wrapped):
    """A generator without classes, fed with codes alone."""

    def forward(self, code: Tensor) -> Tensor:
        """(B, code) to (B, C, H, W) in 0..1."""
        return self.network(code, code[:, :0])


def one_hot(labels: NDArray[np.integer[Any]]) -> Tensor:
    """Labels (N,) as (N, 10)."""
    return F.one_hot(torch.from_numpy(labels.astype(np.int64)), CLASSES).float()
