"""Training of the network that finds damage on old prints."""

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

from imgen.training.data import Pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, Width, as_tensor, rows, update

from ..networks.finder import Finder, Probable
from .marks import likely
from .prints import prints
from .wear import WHOLE, worn


class DamageSettings(Settings):
    """How large the network is and what it sees."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "crop": 2}

    widths: tuple[Width, Width, Width] = Field((32, 48, 64), description="Channels at 1/2, 1/4 and 1/8 of the size")
    dilations: tuple[int, ...] = Field((1, 2, 4, 1), description="Dilation of each bottleneck block")
    rate: float = Field(1e-3, gt=0, description="Learning rate at its peak")
    batch: int = Field(10, ge=1, description="Crops in a step")
    crop: int = Field(160, ge=32, multiple_of=8, description="Side of a crop in pixels")
    units: tuple[float, float] = Field((1.0, 1.0), description="Finest and coarsest marks; 1 is 1.5 megapixels' usual")


class Damage(Trainer):
    """autoencoder/damage: where a scanned print is scratched, soiled, creased or torn."""

    name = "autoencoder/damage"
    task = "find scratches, dust, spots, creases and torn corners of old prints"
    layout = "DIR...: photos of any size, in subfolders too; the damage is drawn over them"
    Settings: ClassVar[type[Settings]] = DamageSettings
    settings: DamageSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Pictures of any size and content; the damage is made on the fly."""
        self.pictures = Pictures(folders)

    def build(self) -> None:
        """One network and AdamW."""
        s = self.settings
        self.networks = {"model": Finder(s.widths, s.dilations)}
        self.optimizers = {"model": torch.optim.AdamW(self.networks["model"].parameters(), s.rate, betas=(0.9, 0.99))}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Damage, look for it, compare, update."""
        network, optimizer = self.networks["model"], self.optimizers["model"]
        image, damage, counts = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            logits = network(image)
        loss, overlap = mask_loss(logits.float(), damage, counts)
        gradient = update(hardware, network, optimizer, loss + 0.5 * overlap, clip=1.0)
        return {"loss": loss, "overlap": overlap, "gradient": gradient}

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """Photos (B, 3, S, S), where they are damaged and where that counts, both (B, 1, S, S)."""
        rng, s = dice.numpy, self.settings
        made = [
            worn(rng, *prints(rng, self.pictures, s.crop), likely(rng, *s.units), damaged=bool(rng.random() >= WHOLE))
            for _ in range(s.batch)
        ]
        images, damage, counts = (np.stack(part) for part in zip(*made, strict=True))
        return as_tensor(images), as_tensor(damage[..., None]), as_tensor(counts[..., None])

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, what the network finds, the damage."""
        image, damage, _ = (t.to(next(network.parameters()).device) for t in self.batch(dice))
        found = network(image).sigmoid()
        return rows(image, found.expand(-1, 3, -1, -1), damage.expand(-1, 3, -1, -1))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities (B, 1, H, W) of a photo (B, 3, H, W) whose sides are multiples of 8."""
        assert isinstance(network, Finder)
        sizes = {0: "batch", 2: "height", 3: "width"}
        return Exported(
            Probable(network), example, ["probabilities"], {"image": sizes}, Finder.multiple, network.reach(), bits=8
        )


def mask_loss(logits: Tensor, damage: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Cross-entropy in which what is damaged weighs three times, and one minus the soft Dice of the batch."""
    weight = counts * (1 + 2 * damage)
    loss = F.binary_cross_entropy_with_logits(logits, damage, weight)
    found = logits.sigmoid() * counts
    overlap = 1 - (2 * (found * damage).sum() + 1) / (found.sum() + damage.sum() + 1)
    return loss, overlap


def example(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels."""
    return {"image": rng.random((batch, 3, height, width), dtype=np.float32)}
