"""Training of styles: one network that paints photos as one picture is painted (Johnson et al., arXiv 1603.08155).

What is painted is compared by its patches, without a network: each small square of it shall be one of the style's
(GPDM, Elnekave & Weiss, arXiv 2203.14222). Correlations of the denoiser's features (Gatys et al., arXiv 1508.06576)
could be had with loud spots in a few places.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.augment import square
from imgen.training.data import DataError, Decoding, Pictures, find_pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update

from ..networks.features import FeatureNetwork
from ..networks.generator import MULTIPLE, Generator, Moments, reach
from ..tools.grain import grain
from .domains import STORED

SIZES = (1, 2, 4)  # parts of the size at which patches are compared
PATCH = 7  # pixels on a side
TEXTURES, COLOURS = 24, 8  # directions
QUARTER = 1  # of what the denoiser sees: features at 1/4 of the size


class StyleSettings(Settings):
    """How a style is learned."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    size: int = Field(96, ge=32, le=256, multiple_of=MULTIPLE, description="Side in pixels at which it learns")
    painting: int = Field(192, ge=32, le=1024, description="Shorter side at which it looks at the style's picture")
    least: float = Field(0.7, gt=0, le=1, description="Smallest part of a photo's shorter side that is shown")
    batch: int = Field(2, ge=1, description="Photos in a step")
    width: int = Field(12, ge=4, description="Channels of the network at full size")
    blocks: int = Field(4, ge=1, description="Residual blocks of the network")
    style: float = Field(1.0, ge=0, description="Weight of the textures")
    content: float = Field(0.05, ge=0, description="Weight of what the photo shows")
    grain: float = Field(0.14, ge=0, le=1, description="Spread of the noise in the photos that are shown")
    rate: float = Field(4e-3, gt=0, description="Learning rate at its peak")


class Style(Trainer):
    """cyclegan/style-NAME: photos in the style of one picture.

    What the photo shows are its features in imgen's own denoiser, at 1/4 of the size.
    """

    name = "cyclegan/style-*"
    task = "photos in the style of one picture"
    layout = "STYLE DIR...: a folder with the one picture whose style is learned, then folders of photos of any size"
    terms = "for research only, as the denoiser that it looks through; and those of the pictures"
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
        self.patches = patches_of(as_tensor(np.stack([painting])))
        self.photos = Pictures(folders[1:], Decoding(side=STORED))
        self.features = FeatureNetwork()

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

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Paint photos, compare textures with the picture's and contents with the photos', update."""
        s, network = self.settings, self.networks["model"]
        photos, features = hardware.place(self.draw(dice.numpy)), hardware.place(self.features)
        with hardware.autocast():
            made = network(self.grained(photos, dice))
            seen = features(made)[QUARTER]
            with torch.no_grad():
                before = features(photos)[QUARTER]
        style = distance(made.float(), self.patches, dice.torch)
        content = relative(seen.float(), before.float())
        beyond = F.relu((made - 0.5).abs() - 0.5).mean()  # of black and white
        loss = s.style * style + s.content * content + beyond
        gradient = update(hardware, network, self.optimizers["model"], loss)
        return {"style": style, "content": content, "gradient": gradient}

    def grained(self, photos: Tensor, dice: Dice) -> Tensor:
        """Photos (B, 3, h, w) with noise, of which textures can be made where they show nothing."""
        noise = np.stack([grain(photos.shape[2], photos.shape[3], dice.numpy) for _ in photos])
        return photos + self.settings.grain * as_tensor(noise).to(photos.device)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, and how they are painted."""
        photos = torch.cat([self.draw(dice.numpy) for _ in range(8)])[:8]
        shown = self.grained(photos, dice).to(next(network.parameters()).device)
        return rows(photos, network(shown).cpu().float())

    def export(self, network: nn.Module) -> Exported:
        """See `Painter`."""
        assert isinstance(network, Generator)
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}, "statistics": {0: "batch"}, "frozen": {0: "batch"}}
        measured = {
            "style": self.name.partition("style-")[2],
            "change": "texture",
            "halo": reach(self.settings.blocks),
            "grain": self.settings.grain,
            "statistics": network.statistics(),
        }
        return Exported(Painter(network), self.example, ["picture", "found"], dynamic, MULTIPLE, None, measured)

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


def patches_of(painting: Tensor) -> list[Tensor]:
    """All patches (N, 3 k k) of a picture (1, 3, H, W) at each size."""
    return [F.unfold(F.avg_pool2d(painting, size), PATCH)[0].T.contiguous() for size in SIZES]


def distance(made: Tensor, wanted: Sequence[Tensor], chance: torch.Generator) -> Tensor:
    """How far the patches of pictures (B, 3, h, w) are from those of `patches_of`: sliced Wasserstein distance.

    At each size, as many of either are projected on some directions, and the sorted projections compared; errors are
    relative to the spread of those that are wanted. Directions of texture are what two of these differ by: projected
    on random ones, patches of all pictures look much the same. The other directions see nothing but colour.
    """
    total = torch.zeros((), device=made.device)
    for size, patches in zip(SIZES, wanted, strict=True):
        directions = directions_in(patches, chance).to(made.device)
        found = F.conv2d(F.avg_pool2d(made, size), directions).transpose(0, 1).flatten(1)  # (D, N)
        some = patches[torch.randint(len(patches), (found.shape[1],), generator=chance)].to(made.device)
        right = directions.flatten(1) @ some.T  # (D, N)
        error = (found.sort().values - right.sort().values).abs().mean(1)
        spread = right.std(1)
        spread[TEXTURES:] = spread[TEXTURES:].mean()  # some colours may not be there at all
        total = total + (error / (spread + 1e-4)).mean()
    return total / len(SIZES)


def directions_in(patches: Tensor, chance: torch.Generator) -> Tensor:
    """Directions (D, 3, k, k) in which patches (N, 3 k k) are compared: first those of texture, then of colour."""
    first, second = torch.randint(len(patches), (2, TEXTURES), generator=chance)
    textures = (patches[first] - patches[second]).unflatten(1, (3, PATCH, PATCH))
    textures = textures - textures.mean((2, 3), keepdim=True)
    return torch.cat([textures, torch.randn(COLOURS, 3, 1, 1, generator=chance).expand(-1, -1, PATCH, PATCH)])


def relative(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean square of the difference over that of what is wanted; the first may be a larger batch."""
    return (made - wanted).square().mean() / wanted.square().mean()
