"""What all trainers of this plugin share: one autoencoder, its export, and the pictures it learns from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.faces.training.portraits import batch_of, draw, portraits
from imgen.training.data import kept
from imgen.training.digits import digits
from imgen.training.trainer import Dice, Exported, PictureSettings, Trainer, Width, rows

from ..networks import Autoencoder, Codec, labelled

SHOWN = 8  # pictures in a row of a sheet


class AutoencoderSettings(PictureSettings):
    """Settings that all trainers share."""

    style: int = Field(2, ge=1, description="Numbers of a code, beside the label's")
    widths: tuple[Width, ...] = Field((24, 40, 56), description="Channels at 1/2 of the size, at 1/4 and so on")
    level: bool = Field(False, description="Give codes mean 0 and spread 1 by a batch norm")


class AutoencoderTrainer(Trainer):
    """An autoencoder and its AdamW. Subclasses say what they learn from and what beside reconstructing."""

    settings: Any  # an AutoencoderSettings
    channels: ClassVar[int]
    size: ClassVar[int]
    labels: ClassVar[int] = 0
    exclusive: ClassVar[bool] = False  # labels exclude each other

    @abstractmethod
    def batch(self, dice: Dice) -> Tensor:
        """Pictures (B, channels, size, size) in 0..1."""

    @abstractmethod
    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """What the reconstruction costs, a mean over all values."""

    def build(self) -> None:
        """One autoencoder and AdamW."""
        s = self.settings
        self.model = Autoencoder(self.channels, self.size, s.style, self.labels, s.widths, s.level)
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def codes(self, network: nn.Module, images: Tensor) -> Tensor:
        """Codes (B, style + labels) of pictures."""
        assert isinstance(network, Autoencoder)
        return torch.cat(labelled(*network.encode(images), exclusive=self.exclusive), 1)

    def pictures(self, network: nn.Module, codes: Tensor) -> Tensor:
        """Pictures (B, 3, size, size) of codes, for a sheet."""
        assert isinstance(network, Autoencoder)
        made = network.decode(codes.to(next(network.parameters()).device)).float().sigmoid()
        return made.cpu().expand(-1, 3, -1, -1)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: pictures, reconstructions, the way from the first picture's code to the second's."""
        images = self.batch(dice)[:SHOWN]
        codes = self.codes(network, images.to(next(network.parameters()).device))
        between = torch.lerp(codes[0], codes[1], torch.linspace(0, 1, len(codes), device=codes.device)[:, None])
        return rows(images.expand(-1, 3, -1, -1), self.pictures(network, codes), self.pictures(network, between))

    def measured(self) -> dict[str, Any]:
        """What the tools must know beside the network: numbers of the label, and the shape of pictures."""
        return {"labels": self.labels, "shape": [self.channels, self.size, self.size]}

    def export(self, network: nn.Module) -> Exported:
        """See `Codec`."""
        assert isinstance(network, Autoencoder)
        names = {name: {0: "batch"} for name in ("image", "keep", "offset")}
        codec = Codec(network, self.exclusive)
        return Exported(codec, self.example, ["picture", "code"], names, self.size, None, self.measured())

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels and codes; pictures have one size."""
        numbers = self.settings.style + self.labels
        return {
            "image": rng.random((batch, self.channels, self.size, self.size), dtype=np.float32),
            "keep": np.ones((batch, numbers), np.float32),
            "offset": rng.standard_normal((batch, numbers), dtype=np.float32),
        }


class OfDigits(AutoencoderTrainer):
    """MNIST's digits, 28x28 with a margin to 32x32; ink is 1."""

    channels, size = 1, 32
    layout = "DIR...: MNIST, one *images-idx3-ubyte.gz and its *labels-idx1-ubyte.gz each"

    def load(self, folders: Sequence[Path]) -> None:
        """MNIST's files, see `shuffled_digits`."""
        self.images, self.truth = shuffled_digits(folders)
        self.count = kept(len(self.images), self.settings.held_out)

    def ink(self, chosen: NDArray[np.integer[Any]]) -> Tensor:
        """Those digits (B, 1, 32, 32) in 0..1."""
        return torch.from_numpy(self.images[chosen]).float().div(255)[:, None]

    def batch(self, dice: Dice) -> Tensor:
        """Random digits."""
        return self.ink(dice.numpy.integers(0, self.count, self.settings.batch))

    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """Bernoulli likelihood: the cross-entropy of every pixel."""
        return F.binary_cross_entropy(made.clamp(1e-6, 1 - 1e-6), images)


class OfFaces(AutoencoderTrainer):
    """Aligned faces of 64x64."""

    channels, size = 3, 64
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/"

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces, see `imgen.faces.training.portraits`."""
        self.table = portraits(folders, self.size)
        self.count = kept(len(self.table.images), self.settings.held_out)

    def batch(self, dice: Dice) -> Tensor:
        """Random faces, mirrored or not."""
        return batch_of(self.table.images, draw(dice.numpy, self.settings.batch, 0, self.count))

    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """The mean absolute error."""
        return (made - images).abs().mean()


def shuffled_digits(folders: Sequence[Path]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Digits (N, 32, 32), 0 paper to 255 ink, with a margin, and their labels (N,), always in the same order.

    MNIST's own order will not do: its writers come one after the other, so its last digits are of other hands than the
    rest, and no map would suit both.
    """
    parts = [digits(folder) for folder in folders]
    images, truth = (np.concatenate(one) for one in zip(*parts, strict=True))
    order = np.random.default_rng(0).permutation(len(images))
    return np.pad(images[order], ((0, 0), (2, 2), (2, 2))), truth[order]
