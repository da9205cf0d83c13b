"""Training of core/face-colours: by which colours faces differ, as their principal components, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from ...contract.arrays import Array
from ...engine.plugins import model
from ...training.components import principal
from ...training.data import DataError
from ...training.report import Report
from ...training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows
from ..change import COLOURS, opponents
from .marks import SHOWN
from .measures import PAGE as PAGE  # where the card is shown
from .portraits import portraits

PAIRS = 500  # of the last faces, each with the one after it
LIGHT = 0.5  # of the pictures that show colours


class FaceColoursSettings(Settings):
    """How finely colours are known, and of which faces."""

    components: int = Field(64, ge=1, description="Principal components that are kept")
    side: int = Field(32, ge=8, description="Of the faces in pixels, a divisor of 128")
    most: float = Field(3.0, gt=0, description="Standard deviations that a change has at most along each component")
    held_out: int = Field(PAIRS, ge=0, description="The last so many faces are never seen")


class FaceColours(Trainer):
    """core/face-colours: the nearest change of colours by which two faces could differ."""

    name = COLOURS
    task = "changes of colours by which faces differ"
    layout = "DIR: fairface_128, or DIR...: close faces, in DIR/ or DIR/images/"
    terms = "those of the faces"
    Settings: ClassVar[type[Settings]] = FaceColoursSettings
    settings: FaceColoursSettings
    colours: Tensor | None = None  # none where nothing is trained, as in an export

    def load(self, folders: Sequence[Path]) -> None:
        """The colours of close faces, and of their mirror images."""
        images = portraits(folders, SHOWN).images
        kept = torch.from_numpy(opposed(images[: len(images) - self.settings.held_out], self.settings.side))
        self.colours = torch.cat([kept, kept.flip(3)])

    def build(self) -> None:
        """Components found at once, so that the moving average of weights is exact.

        Raises:
            DataError: faces cannot be reduced to that side by whole pixels.
        """
        s = self.settings
        if SHOWN % s.side:
            raise DataError(f"side={s.side} is no divisor of {SHOWN}; give --set side=16, 32 or 64")
        network = Colours(s.components, s.side, s.most)
        self.left_out = 0.0 if self.colours is None else network.fit(self.colours)
        self.networks = {"model": network}
        self.optimizers = {}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Nothing is left to do; one step is enough."""
        return {"left out": self.left_out}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """The first components, 3 standard deviations of each."""
        assert isinstance(network, Colours)
        shown = 3 * network.components[:8] * network.spread[:8, None]
        warm, cold = shown.view(-1, 2, network.side, network.side).unbind(1)
        blue = LIGHT + cold
        return rows(torch.stack([LIGHT + warm / 2, LIGHT - warm / 2, blue], 1).clamp(0, 1))

    def export(self, network: nn.Module) -> Exported:
        """Changes of colours (B, 2, S, S) for such changes."""
        return Exported(network, self.example, ["usual"], {"change": {0: "batch"}}, 1, None, bits=8)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random changes."""
        side = self.settings.side
        return {"change": 0.1 * rng.standard_normal((batch, 2, side, side), dtype=np.float32)}


class Colours(nn.Module):
    """Changes in the span of principal components, along each at most a multiple of what faces differ by.

    Args:
        components: how many.
        side: of faces in pixels.
        most: standard deviations.
    """

    def __init__(self, components: int, side: int, most: float) -> None:
        super().__init__()
        self.side, self.most = side, most
        self.components = nn.Parameter(torch.zeros(components, 2 * side * side), requires_grad=False)
        self.spread = nn.Parameter(torch.ones(components), requires_grad=False)

    def forward(self, change: Tensor) -> Tensor:
        """Opponents (B, 2, S, S), see `imgen.faces.change.opponents`."""
        along = change.flatten(1) @ self.components.T  # (B, components)
        limit = self.most * self.spread
        return (limit * (along / limit).tanh() @ self.components).view(-1, 2, self.side, self.side)

    @torch.no_grad()
    def fit(self, colours: Tensor) -> float:
        """Take components from faces' colours (N, 2, S, S); returns the part of the variance that is left out."""
        found = principal(colours, len(self.spread))
        self.components.copy_(found.vectors)
        self.spread.copy_(found.spread)
        return found.left_out / found.whole


def opposed(images: NDArray[np.uint8], side: int) -> Array:
    """The opponents (N, 2, side, side) of close faces (N, S, S, 3)."""
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2)
    small = torch.cat([nn.functional.adaptive_avg_pool2d(part / 255, side) for part in pictures.split(PAIRS)])
    return np.stack(opponents(small.permute(0, 2, 3, 1).numpy()), 1)


def evaluate_colours(folders: Sequence[Path]) -> Report:
    """How much of what two faces of the last ones differ by is kept."""
    network = model(COLOURS)
    colours = opposed(portraits(folders, SHOWN).images[-PAIRS:], network.settings["side"])
    change = colours - np.roll(colours, 1, 0)
    rest = np.square(network(change=change) - change).sum((1, 2, 3)) / np.square(change).sum((1, 2, 3))
    report = Report(PAIRS, "% of the squared difference of two faces' colours")
    report.add_all("left out", "imgen", 100 * rest)
    return report
