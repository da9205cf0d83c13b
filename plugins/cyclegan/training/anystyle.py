"""Training of the painter that takes its style from any picture, at once (Ghiasi et al., arXiv 1705.06830)."""

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

import imgen
from imgen.training import checkpoint
from imgen.training.augment import square
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, as_tensor, rows, update

from ..networks.generator import MULTIPLE
from ..networks.painter import reach
from ..networks.reader import AnyPainter, Easel, moments_of, palette
from ..networks.sight import LEARNED, Sight
from .domains import STORED
from .looks import SCALES, discoloured, look_of, other_edges, other_light, other_thing, rough, smaller, unlike
from .style import BITS, Style, StyleSettings, moved, taken

USUAL = 200  # paintings by which it is known how features usually are
OWN = ("narrow", "widen", "code", "matrices", "usual", "spread")  # what a painter of one style lacks
SHOWN = 4  # photos and paintings on a sheet


class AnyStyleSettings(StyleSettings):
    """How styles are learned from many paintings."""

    size: int = Field(128, ge=64, le=512, multiple_of=32, description="Side in pixels at which it learns")
    painting: int = Field(192, ge=64, le=512, multiple_of=16, description="Side of the squares of paintings")
    part: float = Field(0.5, gt=0, le=1, description="Smallest part of a painting's shorter side that is looked at")
    style: float = Field(3.0, ge=0, description="Weight of strokes and textures")
    narrow: int = Field(128, ge=1, description="Numbers that styles are told apart by")
    codes: int = Field(0, ge=0, description="Sets of matrices that a style's mixes of channels are made of; 0 for none")
    begin: str = Field("starry-night", description="A style of imgen's to begin with; none if empty")
    batch: int = Field(2, ge=1, description="Photos, and paintings, in a step")
    rate: float = Field(1.5e-3, gt=0, description="Learning rate at its peak")


class AnyStyle(Style):
    """cyclegan/any-style: photos in the style of any picture."""

    name = "cyclegan/any-style"
    task = "photos in the style of any picture"
    layout = "PAINTINGS PHOTOS...: a folder of many paintings, then folders of photos"
    Settings: ClassVar[type[Settings]] = AnyStyleSettings
    settings: AnyStyleSettings  # pyright: ignore[reportIncompatibleVariableOverride]: a narrower type, never reassigned

    def load(self, folders: Sequence[Path]) -> None:
        """Paintings, and photos.

        Raises:
            DataError: there is one folder only.
        """
        if len(folders) < 2:
            raise DataError("give --data a folder of paintings, then folders of photos")
        self.paintings = Pictures(folders[:1], Decoding(side=STORED))
        self.photos = Pictures(folders[1:], Decoding(side=STORED))
        self.sight = Sight(LEARNED)

    def build(self) -> None:
        """One painter that knows how features of paintings usually are, and Adam."""
        s = self.settings
        network = AnyPainter(s.width, s.blocks, s.narrow, s.codes)
        if hasattr(self, "paintings") and not network.usual.is_meta:
            self.begun_with = begin(network, s.begin) if s.begin else None
            rng = np.random.default_rng(0)
            with torch.no_grad():
                seen = torch.cat([moments_of(self.sight(self.draw_painting(rng))) for _ in range(USUAL)])
            network.usual.copy_(seen.mean(0))
            network.spread.copy_(seen.std(0) + 1e-3)
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.Adam(network.parameters(), s.rate)}

    def draw_painting(self, rng: np.random.Generator) -> Tensor:
        """A random square (1, 3, S, S) of a random painting."""
        s, chosen = self.settings, self.paintings[int(rng.integers(len(self.paintings)))]
        return as_tensor(np.stack([square(chosen, rng, s.painting, s.part)]))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Paint each photo as another painting is painted, compare with both, update."""
        s, network = self.settings, self.networks["model"]
        assert isinstance(network, AnyPainter)
        photos, sight = hardware.place(self.draw(dice.numpy)), hardware.place(self.sight)
        paintings = [hardware.place(self.draw_painting(dice.numpy)) for _ in photos]
        with hardware.autocast():
            with torch.no_grad():
                seen = [[sight(smaller(painting, scale)) for scale in SCALES] for painting in paintings]
                looks = [look_of(*both) for both in zip(paintings, seen, strict=True)]
                shown = sight(photos)
            hands = [network.read(p, features[0]) for p, features in zip(paintings, seen, strict=True)]
            made = network(self.grained(photos, dice), torch.cat(hands)).float()
            shifted = moved(made, dice.numpy)
            found = [sight(smaller(shifted, scale)) for scale in SCALES]
        style, colour = torch.zeros((), device=made.device), torch.zeros((), device=made.device)
        for i, look in enumerate(looks):
            pairs = zip(found, look.grams, strict=True)
            style = style + torch.stack([unlike([f[i : i + 1] for f in part], grams) for part, grams in pairs]).sum()
            colour = colour + discoloured(made[i : i + 1], look, dice.torch)
        style, colour = style / len(looks), colour / len(looks)
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

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, paintings beside them, and the first painted as the second."""
        assert isinstance(network, AnyPainter)
        device = next(network.parameters()).device
        photos = torch.cat([self.draw(dice.numpy) for _ in range(SHOWN)])[:SHOWN]
        paintings = torch.cat([self.draw_painting(dice.numpy) for _ in range(SHOWN)])
        hands = network.read(paintings.to(device), self.sight(paintings.to(device)))
        shown = self.grained(photos, dice).to(device)
        made = [network(shown, hand.expand(SHOWN, -1)).cpu().float().clamp(0, 1) for hand in hands]
        small = F.interpolate(paintings, size=photos.shape[2:], mode="area")
        return rows(photos, small, *made, count=SHOWN)

    def export(self, network: nn.Module) -> Exported:
        """See `Easel`."""
        assert isinstance(network, AnyPainter)
        batch = {name: {0: "batch"} for name in ("hand", "statistics", "frozen")}
        sizes = {"image": {0: "batch", 2: "height", 3: "width"}, "picture": {0: "batch", 2: "rows", 3: "columns"}}
        measured = {
            "change": "strokes",
            "halo": reach(self.settings.blocks),
            "grain": self.settings.grain,
            "statistics": network.statistics(),
            "hand": network.numbers(),
        }
        outputs = ["painted", "found", "read"]
        return Exported(Easel(network), self.example, outputs, sizes | batch, MULTIPLE, None, measured, BITS)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels in a random palette, with the picture's own statistics."""
        network = self.networks["model"]
        assert isinstance(network, AnyPainter)
        picture = rng.random((batch, 3, 64, 96), dtype=np.float32)
        norms, mixes = (
            scale * rng.standard_normal((batch, count), dtype=np.float32)
            for scale, count in ((0.1, 2 * sum(network.norms())), (0.02, sum(network.mixing())))
        )
        return {
            "image": rng.random((batch, 3, height, width), dtype=np.float32),
            "hand": np.concatenate([norms, mixes, palette(torch.from_numpy(picture)).numpy()], 1),
            "picture": picture,
            "statistics": np.ones((batch, network.statistics()), np.float32),
            "frozen": np.zeros((batch, 1), np.float32),
        }


def begin(network: AnyPainter, style: str) -> dict[str, object]:
    """Give a painter the strokes of an exported style, as wide as if colours had the spread 1; returns its training.

    Raises:
        TrainingError: that has another width or other blocks.
    """
    model = imgen.model(f"cyclegan/style-{style}")
    wanted = {name: w for name, w in network.state_dict().items() if not name.startswith(OWN)}
    network.load_state_dict(taken(model, wanted), strict=False)
    spread = checkpoint.from_onnx(model.path)["network.ground.weight"].norm() / 3**0.5
    with torch.no_grad():
        network.head.weight /= spread
        network.head.bias /= spread  # type: ignore[operator]
    return model.card["training"]
