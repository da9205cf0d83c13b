"""Training of dcgan/faces: faces of 64x64 pixels from nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen.faces import SIZE
from imgen.training.data import Crop, Decoding, Pictures, kept
from imgen.training.pairs import resize
from imgen.training.trainer import Dice, Exported, Settings, Width, as_tensor

from ..networks import Critic, Generator, Searchable, base_of
from .gan import Gan, GanSettings
from .observers import Observer, observer

SEEN = 256  # made faces whose spread is what the exported critic sees


class FacesSettings(GanSettings):
    """The networks at 64x64."""

    widths: tuple[Width, ...] = Field(
        (384, 192, 96, 48), description="Generator: channels from 4 to 32 pixels, with residual blocks to 64"
    )
    critic_widths: tuple[Width, ...] = Field((256, 128, 64, 32), description="Critic: the same; if deep to 64 pixels")
    deep: bool = Field(False, description="Give the critic a convolution more at each size")
    observer: Observer = Field("attributes", description="What a second critic sees through")
    crop: Literal["wide", "close"] = Field("wide", description="How faces lie in the pictures, see docs/faces.md")


class Faces(Gan):
    """dcgan/faces: codes to aligned faces of 64x64 pixels."""

    name = "dcgan/faces"
    task = "faces from nothing, at 64x64 pixels"
    layout = "DIR...: aligned faces, in DIR/ or DIR/images/; other sizes than 64x64 are cut to a square and resized"
    terms = "those of the faces; for research only if the observer knows celebrities' attributes"
    Settings: ClassVar[type[Settings]] = FacesSettings
    settings: FacesSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces; other sizes are cut to a square in the middle and resized."""
        inner = [folder / "images" if (folder / "images").is_dir() else folder for folder in folders]
        pictures = Pictures(inner, Decoding(side=SIZE))
        count = kept(len(pictures), self.settings.held_out)
        self.pictures = np.stack([middle(pictures[i]) for i in range(count)])
        self.features = observer(self.settings.observer)

    def networks_of(self) -> tuple[nn.Module, nn.Module]:
        """From 4x4 to 64x64."""
        s = self.settings
        base = base_of(SIZE, s.widths, s.upsampling)
        generator = Generator(s.code, 0, 3, s.widths, base, s.upsampling)
        critic = Critic(0, 3, s.critic_widths, base, s.norm, s.spread, s.deep)
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
        return searched(searchable, self.example, 8 if self.settings.upsampling == "residual" else 16)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Normal codes, and random pixels to come near to."""
        s = self.settings
        return {
            "code": rng.standard_normal((batch, s.code), dtype=np.float32),
            "extra": 0.1
            * rng.standard_normal((batch, s.widths[0] * base_of(SIZE, s.widths, s.upsampling) ** 2), dtype=np.float32),
            "target": rng.random((batch, 3, SIZE, SIZE), dtype=np.float32),
            "weight": rng.random((batch, 1, SIZE, SIZE), dtype=np.float32),
            "realism": rng.random((batch, 1), dtype=np.float32),
        }


def searched(
    network: Searchable,
    example: Callable[[np.random.Generator, int, int, int], dict[str, NDArray[np.float32]]],
    bits: int = 8,
) -> Exported:
    """What is exported of a generator and its critic; `bits` 8 for larger ones, whose pictures look the same."""
    inputs = ["code", "extra", "target", "weight", "realism"]
    outputs = ["picture", "loss", "score", "code_gradient", "extra_gradient"]
    return Exported(network, example, outputs, {name: {0: "batch"} for name in inputs}, 1, None, bits=bits)


def middle(picture: Crop) -> Crop:
    """The square in the middle, at 64x64."""
    side = min(picture.shape[:2])
    top, left = ((n - side) // 2 for n in picture.shape[:2])
    return resize(picture[top : top + side, left : left + side], SIZE, SIZE)
