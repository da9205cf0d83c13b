"""Training of styles: one network that paints photos as one picture is painted (Johnson et al., arXiv 1603.08155)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.augment import square
from imgen.training.data import DataError, Decoding, Pictures, find_pictures
from imgen.training.trainer import Dice, Exported, Settings, Trainer, as_tensor, rows, update

from .domains import STORED
from .eye import Eye
from .network import MULTIPLE, Generator, Moments, reach


class StyleSettings(Settings):
    """How a style is learned."""

    size: int = Field(96, ge=32, le=256, multiple_of=MULTIPLE, description="Side in pixels at which it learns")
    painting: int = Field(192, ge=32, le=1024, description="Shorter side at which it looks at the style's picture")
    least: float = Field(0.7, gt=0, le=1, description="Smallest part of a photo's shorter side that is shown")
    batch: int = Field(2, ge=1, description="Photos in a step")
    width: int = Field(16, ge=4, description="Channels of the network at full size")
    blocks: int = Field(4, ge=1, description="Residual blocks of the network")
    style: float = Field(1.0, ge=0, description="Weight of the textures")
    content: float = Field(0.5, ge=0, description="Weight of what the photo shows")
    smooth: float = Field(0.2, ge=0, description="Weight of the differences between neighbouring pixels")
    rate: float = Field(2e-3, gt=0, description="Learning rate at its peak")


class Style(Trainer):
    """cyclegan/style-NAME: photos in the style of one picture.

    Textures are correlations of features over all places (Gatys et al., arXiv 1508.06576), features those of imgen's
    own denoiser at 1/2, 1/4 and 1/8 of the size; what the photo shows are its features at 1/4. All errors are relative.
    """

    name = "cyclegan/style-*"
    task = "photos in the style of one picture"
    Settings: ClassVar[type[Settings]] = StyleSettings
    settings: StyleSettings

    def load(self, folders: Sequence[Path]) -> None:
        """One folder with the style's picture, and folders of photos.

        Raises:
            DataError: there are no photos, or several pictures where one should be.
        """
        if len(folders) < 2 or len(find_pictures(folders[0])) != 1:
            raise DataError("give --data a folder with the one picture whose style is learned, then folders of photos")
        painting = Pictures(folders[:1], Decoding(side=self.settings.painting))[0]
        self.photos = Pictures(folders[1:], Decoding(side=STORED))
        self.eye = Eye()
        with torch.no_grad():
            self.textures = [texture(seen) for seen in self.eye(as_tensor(np.stack([painting])))]

    def build(self) -> None:
        """One generator and Adam."""
        s = self.settings
        network = Generator(s.width, s.blocks)
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.Adam(network.parameters(), s.rate)}

    def draw(self, rng: np.random.Generator) -> Tensor:
        """Random squares (B, 3, S, S) of random photos, flipped or not."""
        s = self.settings
        chosen = rng.integers(len(self.photos), size=s.batch)
        return as_tensor(np.stack([square(self.photos[int(i)], rng, s.size, s.least) for i in chosen]))

    def step(self, fabric: Fabric, dice: Dice) -> dict[str, float | Tensor]:
        """Paint photos, compare textures with the picture's and contents with the photos', update."""
        s, network = self.settings, self.networks["model"]
        photos, eye = self.draw(dice.numpy).to(fabric.device), self.eye.to(fabric.device)
        with fabric.autocast():
            made = network(photos)
            seen = eye(made)
            with torch.no_grad():
                before = eye(photos)
        style = torch.stack(
            [relative(texture(a), b.to(a.device)) for a, b in zip(seen, self.textures, strict=True)]
        ).mean()
        content = relative(seen[1].float(), before[1].float())
        smooth = made.diff(dim=2).abs().mean() + made.diff(dim=3).abs().mean()
        beyond = F.relu((made - 0.5).abs() - 0.5).mean()  # of black and white
        loss = s.style * style + s.content * content + s.smooth * smooth + beyond
        gradient = update(fabric, network, self.optimizers["model"], loss)
        return {"style": style, "content": content, "smooth": smooth, "gradient": gradient}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, and how they are painted."""
        photos = torch.cat([self.draw(dice.numpy) for _ in range(8)])[:8]
        return rows(photos, network(photos.to(next(network.parameters()).device)).cpu().float())

    def export(self, network: nn.Module) -> Exported:
        """See `Painter`."""
        assert isinstance(network, Generator)
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}, "statistics": {0: "batch"}, "frozen": {0: "batch"}}
        facts = {
            "style": self.name.partition("style-")[2],
            "change": "texture",
            "halo": reach(self.settings.blocks),
            "statistics": network.statistics(),
        }
        return Exported(Painter(network), self.example, ["picture", "found"], dynamic, MULTIPLE, None, facts)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels, with the picture's own statistics."""
        network = self.networks["model"]
        assert isinstance(network, Generator)
        return {
            "image": rng.random((batch, 3, height, width), dtype=np.float32),
            "statistics": np.ones((batch, network.statistics()), np.float32),
            "frozen": np.zeros((batch, 1), np.float32),
        }


class Painter(nn.Module):
    """A generator with the inputs of `network.Either` but its direction."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, statistics: Tensor, frozen: Tensor) -> tuple[Tensor, Tensor]:
        """The painted picture in 0..1 and its statistics; see `network.Either`."""
        moments = Moments(statistics, frozen)
        made = self.network(image, moments)
        return made.clamp(0, 1), torch.cat(moments.found, 1)


def texture(features: Tensor) -> Tensor:
    """Correlations (B, C, C) of the channels of (B, C, h, w) over all places (Gram matrices)."""
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def relative(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean square of the difference over that of what is wanted; the first may be a larger batch."""
    return (made - wanted).square().mean() / wanted.square().mean()
