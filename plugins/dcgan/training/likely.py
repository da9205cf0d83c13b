"""Training of what is likely in a face: its principal components, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen.faces import SIZE
from imgen.faces.training.portraits import portraits
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows

from ..networks.likely import Likely


class LikelySettings(Settings):
    """How many components, and of which faces."""

    components: int = Field(200, ge=1, description="Principal components that are kept")
    held_out: int = Field(500, ge=0, description="The last so many faces are never seen")


class Likeliness(Trainer):
    """dcgan/likely: what a part of a face is like, given the rest of it, as a Gaussian knows it."""

    name = "dcgan/likely"
    task = "what a part of a face is like that the rest of it shows"
    layout = "DIR: fairface_128, or DIR...: aligned square faces, in DIR/ or DIR/images/"
    terms = "those of the faces"
    Settings: ClassVar[type[Settings]] = LikelySettings
    settings: LikelySettings
    faces: Tensor | None = None  # none where nothing is trained, as in an export

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces at half of the size that the generator draws, and their mirror images."""
        images = portraits(folders, SIZE).images
        kept = torch.from_numpy(images[: len(images) - self.settings.held_out]).permute(0, 3, 1, 2).float() / 255
        small = nn.functional.avg_pool2d(kept, 2)
        self.faces = torch.cat([small, small.flip(3)])

    def build(self) -> None:
        """The mean face and components, found at once, so that the moving average of weights is exact."""
        model = Likely(self.settings.components, SIZE // 2)
        self.left_out = 0.0 if self.faces is None else model.fit(self.faces)
        self.networks = {"model": model}
        self.optimizers = {}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Nothing is left to do; one step is enough."""
        return {"left out": self.left_out}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """The mean face and the first components, then faces of random codes."""
        count = self.settings.components
        first = network(2 * torch.eye(count)[: min(8, count)])
        return rows(first.clamp(0, 1), network(torch.randn(8, count, generator=dice.torch)).clamp(0, 1))

    def export(self, network: nn.Module) -> Exported:
        """Faces (B, 3, 32, 32) of codes (B, components)."""
        return Exported(network, self.example, ["face"], {"code": {0: "batch"}}, 1, None, bits=8)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random codes."""
        return {"code": rng.standard_normal((batch, self.settings.components), dtype=np.float32)}
