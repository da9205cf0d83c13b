"""Training of styles: one network that paints photos as one picture is painted (Johnson et al., arXiv 1603.08155)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

import imgen
from imgen.errors import TrainingError
from imgen.inference.registry import Model
from imgen.training import checkpoint
from imgen.training.augment import square
from imgen.training.data import DataError, Decoding, Pictures, decode, find_pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update

from ..networks.generator import MULTIPLE, Moments
from ..networks.painter import Painter, reach
from ..networks.sight import LEARNED, Sight
from ..tools.grain import grain
from .domains import STORED
from .looks import SCALES, discoloured, look_at, other_edges, other_light, other_thing, rough, smaller, unlike

BITS = 8  # of a stored weight: half the file, and no difference that one sees


class StyleSettings(Settings):
    """How a style is learned."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    size: int = Field(160, ge=64, le=512, multiple_of=32, description="Side in pixels at which it learns")
    painting: int = Field(320, ge=64, le=1024, description="Shorter side at which it looks at the style's picture")
    least: float = Field(0.6, gt=0, le=1, description="Smallest part of a photo's shorter side that is shown")
    batch: int = Field(1, ge=1, description="Photos in a step")
    width: int = Field(24, ge=4, description="Channels of the network at half the size")
    blocks: int = Field(4, ge=1, description="Residual blocks of the network")
    style: float = Field(1.0, ge=0, description="Weight of strokes and textures")
    colour: float = Field(3.0, ge=0, description="Weight of the painting's colours")
    content: float = Field(0.2, ge=0, description="Weight of what the photo shows")
    light: float = Field(0.2, ge=0, description="Weight of where the photo is light and dark")
    edge: float = Field(0.3, ge=0, description="Weight of where edges are")
    smooth: float = Field(0.02, ge=0, description="Weight of total variation")
    grain: float = Field(0.1, ge=0, le=1, description="Spread of the noise in the photos that are shown")
    begin: str = Field("", description="A style of imgen's to begin with, of the same width and blocks; none if empty")
    rate: float = Field(3e-3, gt=0, description="Learning rate at its peak")


class Style(Trainer):
    """cyclegan/style-NAME: photos in the style of one picture."""

    name = "cyclegan/style-*"
    task = "photos in the style of one picture"
    layout = "STYLE DIR...: the one picture whose style is learned, as a file or in a folder, then folders of photos"
    terms = "those of the pictures; the published network that it looks through is Apache-2.0, its photos for research"
    Settings: ClassVar[type[Settings]] = StyleSettings
    settings: StyleSettings
    painting: Tensor | None = None

    def load(self, folders: Sequence[Path]) -> None:
        """One picture, and folders of photos.

        Raises:
            DataError: there are no photos, or several pictures where one should be.
        """
        self.painting = as_tensor(np.stack([the_picture(folders, self.settings.painting)]))
        self.photos = Pictures(folders[1:], Decoding(side=STORED))
        self.sight = Sight(LEARNED)
        self.look = look_at(self.sight, self.painting)

    def build(self) -> None:
        """One painter whose ground has the picture's colours, and Adam."""
        s = self.settings
        network = Painter(s.width, s.blocks)
        if self.painting is not None and not network.ground.weight.is_meta:
            self.begun_with = begin(network, s.begin) if s.begin else None
            network.prime(self.painting)
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.Adam(network.parameters(), s.rate)}

    def draw(self, rng: np.random.Generator) -> Tensor:
        """Random squares (B, 3, S, S) of random photos, flipped or not."""
        s = self.settings
        chosen = rng.integers(len(self.photos), size=s.batch)
        return as_tensor(np.stack([square(self.photos[int(i)], rng, s.size, s.least) for i in chosen]))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Paint photos, compare them with the picture and with what the photos show, update."""
        s, network = self.settings, self.networks["model"]
        photos, sight = hardware.place(self.draw(dice.numpy)), hardware.place(self.sight)
        with hardware.autocast():
            made = network(self.grained(photos, dice)).float()
            shifted = moved(made, dice.numpy)
            found = [sight(smaller(shifted, scale)) for scale in SCALES]
            with torch.no_grad():
                shown = sight(photos)
        pairs = zip(found, self.look.grams, strict=True)
        style = torch.stack([unlike(f, [g.to(hardware.device) for g in grams]) for f, grams in pairs]).sum()
        colour = discoloured(made, self.look, dice.torch)
        content, light = other_thing(found[0], shown), other_light(made, photos)
        beyond = F.relu((made - 0.5).abs() - 0.5).mean()  # of black and white
        edges = other_edges(made, photos)
        kept = s.content * content + s.light * light + s.edge * edges
        loss = s.style * style + s.colour * colour + kept + s.smooth * rough(made) + 10 * beyond
        gradient = update(hardware, network, self.optimizers["model"], loss)
        return {
            "style": style,
            "colour": colour,
            "content": content,
            "light": light,
            "edges": edges,
            "gradient": gradient,
        }

    def grained(self, photos: Tensor, dice: Dice) -> Tensor:
        """Photos (B, 3, h, w) with noise, of which strokes can be made where they show nothing."""
        noise = np.stack([grain(photos.shape[2], photos.shape[3], dice.numpy) for _ in photos])
        return photos + self.settings.grain * as_tensor(noise).to(photos.device)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, and how they are painted."""
        photos = torch.cat([self.draw(dice.numpy) for _ in range(8)])[:8]
        shown = self.grained(photos, dice).to(next(network.parameters()).device)
        return rows(photos, network(shown).cpu().float().clamp(0, 1))

    def export(self, network: nn.Module) -> Exported:
        """See `Canvas`."""
        assert isinstance(network, Painter)
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}, "statistics": {0: "batch"}, "frozen": {0: "batch"}}
        measured = {
            "style": self.name.partition("style-")[2],
            "change": "strokes",
            "halo": reach(self.settings.blocks),
            "grain": self.settings.grain,
            "statistics": network.statistics(),
        }
        return Exported(Canvas(network), self.example, ["picture", "found"], dynamic, MULTIPLE, None, measured, BITS)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels, with the picture's own statistics."""
        network = self.networks["model"]
        assert isinstance(network, Painter)
        return {
            "image": rng.random((batch, 3, height, width), dtype=np.float32),
            "statistics": np.ones((batch, network.statistics()), np.float32),
            "frozen": np.zeros((batch, 1), np.float32),
        }


class Canvas(nn.Module):
    """A painter with the inputs of `generator.Either` but its direction."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, statistics: Tensor, frozen: Tensor) -> tuple[Tensor, Tensor]:
        """The painted picture in 0..1 and its statistics; see `generator.Either`."""
        moments = Moments(statistics, frozen)
        made = self.network(image, moments)
        return made.clamp(0, 1), torch.cat(moments.found, 1)


def the_picture(folders: Sequence[Path], side: int) -> NDArray[np.uint8]:
    """The one picture whose style is learned, its shorter side that long.

    Raises:
        DataError: there are no photos beside it, or several pictures where one should be.
    """
    first = folders[0]
    found = [first] if first.is_file() else find_pictures(first)
    if len(folders) < 2 or len(found) != 1:
        raise DataError(
            "give --data the one picture whose style is learned, as a file or in a folder, then folders of photos"
        )
    return decode(found[0], Decoding(side=side))


def begin(network: Painter, style: str) -> dict[str, object]:
    """Give a painter the weights of an exported style; returns how that was trained.

    Raises:
        TrainingError: that has another width or other blocks.
    """
    model = imgen.model(f"cyclegan/style-{style}")
    network.load_state_dict(taken(model, network.state_dict()))
    return model.card["training"]


def taken(model: Model, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of an exported style by these names.

    Raises:
        TrainingError: they have other shapes.
    """
    model.verify()
    known = checkpoint.from_onnx(model.path)
    found = {name: known[f"network.{name}"] for name in wanted if f"network.{name}" in known}
    if {name: w.shape for name, w in found.items()} != {name: w.shape for name, w in wanted.items()}:
        old = model.settings
        raise TrainingError(f"{model.name} has width={old['width']} and blocks={old['blocks']}; set these, or begin=''")
    return found


def moved(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    """Pictures (B, 3, h, w) moved by 0 or 1 pixels: the network that looks begins with every second pixel."""
    down, across = (int(n) for n in rng.integers(2, size=2))
    padded = F.pad(pictures, (across, 0, down, 0), mode="replicate")
    return padded[:, :, : pictures.shape[2], : pictures.shape[3]]
