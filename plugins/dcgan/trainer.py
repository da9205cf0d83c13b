"""Training of the DCGAN plugin: what its generators make, and from which data."""

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

from imgen.training.data import Crop, DataError, Decoding, Pictures
from imgen.training.digits import digits
from imgen.training.pairs import resize
from imgen.training.trainer import Dice, Exported, Settings, Width, as_tensor
from imgen.training.trouble import stacked

from .eye import Eye
from .game import Gan, GanSettings
from .gradient import Searchable
from .network import Critic, Generator
from .start import start_from

SIZE = 64  # of faces, in pixels
CLASSES = 10
SEEN = 256  # made faces whose spread is what the exported critic sees


class FacesSettings(GanSettings):
    """The networks at 64x64."""

    widths: tuple[Width, Width, Width, Width] = Field(
        (384, 192, 96, 48), description="Generator: channels at 4 to 32 pixels"
    )
    critic_widths: tuple[Width, Width, Width, Width] = Field((256, 128, 64, 32), description="Critic: the same")
    observer: bool = Field(True, description="A second critic, of what a network sees that tells faces' attributes")
    start: str = Field("", description="A trained model of the same settings to begin with, as PLUGIN/MODEL")


class DigitsSettings(GanSettings):
    """The networks at 28x28."""

    widths: tuple[Width, Width] = Field((128, 64), description="Generator: channels at 7 and 14 pixels")
    critic_widths: tuple[Width, Width] = Field((128, 64), description="Critic: the same")
    stacked: bool = Field(False, description="Three digits as red, green and blue, without labels: 1,000 modes")


class Faces(Gan):
    """dcgan/faces: codes to aligned faces of 64x64 pixels."""

    name = "dcgan/faces"
    task = "faces from nothing, at 64x64 pixels"
    layout = "DIR...: aligned faces; other sizes than 64x64 are cut to a square and resized"
    terms = "those of the faces; with observer or start for research only, as the networks that these use"
    Settings: ClassVar[type[Settings]] = FacesSettings
    settings: FacesSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces; other sizes are cut to a square in the middle and resized."""
        pictures = Pictures(folders, Decoding(side=SIZE))
        count = kept(len(pictures), self.settings.held_out)
        self.pictures = np.stack([middle(pictures[i]) for i in range(count)])
        self.eye = Eye() if self.settings.observer else None

    def networks_of(self) -> tuple[nn.Module, nn.Module]:
        """From 4x4 to 64x64."""
        s = self.settings
        base = SIZE // 2 ** len(s.widths)
        generator = Generator(s.code, 0, 3, s.widths, base, s.upsampling)
        critic = Critic(0, 3, s.critic_widths, base, s.norm, s.spread)
        if s.start and hasattr(self, "pictures"):  # without data it is built for an export
            self.begun_with = start_from(s.start, generator, critic)
        return generator, critic

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Faces (B, 3, 64, 64), flipped or not; no labels."""
        chosen = self.pictures[dice.numpy.integers(len(self.pictures), size=self.settings.batch)]
        flip = dice.numpy.random(len(chosen)) < 0.5
        chosen = np.where(flip[:, None, None, None], chosen[:, :, ::-1], chosen)
        return as_tensor(chosen), torch.zeros(len(chosen), 0)

    def known(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """The faces as they are."""
        return as_tensor(self.pictures), torch.zeros(24, 0)

    def export(self, network: nn.Module) -> Exported:
        """Pictures of codes, the critic's scores of them, and the gradients that a search needs: see `Searchable`."""
        critic = self.networks["critic"].eval()
        assert isinstance(network, Generator)
        assert isinstance(critic, Critic)
        seen = torch.randn(SEEN, self.settings.code, generator=torch.Generator().manual_seed(0))
        searchable = Searchable(network.eval(), critic, seen)
        inputs = ["code", "extra", "target", "weight", "realism"]
        outputs = ["picture", "loss", "score", "code_gradient", "extra_gradient"]
        return Exported(searchable, self.example, outputs, {name: {0: "batch"} for name in inputs}, 1, None)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Normal codes, and random pixels to come near to."""
        s = self.settings
        return {
            "code": rng.standard_normal((batch, s.code), dtype=np.float32),
            "extra": 0.1 * rng.standard_normal((batch, s.widths[0] * (SIZE // 16) ** 2), dtype=np.float32),
            "target": rng.random((batch, 3, SIZE, SIZE), dtype=np.float32),
            "weight": rng.random((batch, 1, SIZE, SIZE), dtype=np.float32),
            "realism": rng.random((batch, 1), dtype=np.float32),
        }


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


class Unlabelled(nn.Module):
    """A generator without classes, fed with codes alone."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, code: Tensor) -> Tensor:
        """(B, code) to (B, C, H, W) in 0..1."""
        return self.network(code, code[:, :0])


def kept(count: int, held_out: int) -> int:
    """How many of `count` pictures are trained on.

    Raises:
        DataError: none are left.
    """
    if count <= held_out:
        raise DataError(f"{count} pictures are all held out for tests; put more there, or --set held_out=0")
    return count - held_out


def middle(picture: Crop) -> Crop:
    """The square in the middle, at 64x64."""
    side = min(picture.shape[:2])
    top, left = ((n - side) // 2 for n in picture.shape[:2])
    return resize(picture[top : top + side, left : left + side], SIZE, SIZE)


def one_hot(labels: NDArray[np.integer[Any]]) -> Tensor:
    """Labels (N,) as (N, 10)."""
    return F.one_hot(torch.from_numpy(labels.astype(np.int64)), CLASSES).float()
