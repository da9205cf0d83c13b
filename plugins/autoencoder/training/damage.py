"""Training of the network that finds damage on old prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import cv2
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
from .prints import OWN, prints
from .wear import WHOLE, Worn, worn

SLOW = 0.1  # of the rate, for the published weights
LARGER = 1.5  # how many times a small photo is enlarged for the second look
HALF = 0.5


class DamageSettings(Settings):
    """How large the network is and what it sees."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "crop": 2}

    widths: tuple[Width, Width, Width] = Field((32, 48, 64), description="Channels at 1/2, 1/4 and 1/8 of the size")
    dilations: tuple[int, ...] = Field((1, 2, 4, 1), description="Dilation of each bottleneck block")
    blocks: int = Field(1, ge=1, description="Residual blocks at 1/2 and 1/4 of the size on the way back")
    deep: int = Field(0, ge=0, le=512, description="Channels at 1/16, where Lite0's features come in; 0 for none")
    rate: float = Field(1e-3, gt=0, description="Learning rate at its peak")
    batch: int = Field(10, ge=1, description="Crops in a step")
    crop: int = Field(160, ge=32, multiple_of=8, description="Side of a crop in pixels")
    units: tuple[float, float] = Field((1.0, 1.0), description="Finest and coarsest marks; 1 is 1.5 megapixels' usual")
    enlarged: float = Field(0, ge=0, le=1, description="Part of the crops that is enlarged as small photos are")
    thin: float = Field(OWN, ge=0, le=1, description="Part of the crops with drawn things that belong there")
    rims: bool = Field(False, description="The weak rim of a mark is a part of it, rather than a matter of taste")


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
        """One network and AdamW; what is published learns slowly."""
        s = self.settings
        network = Finder(s.widths, s.dilations, s.blocks, s.deep)
        slow = [p for name, p in network.named_parameters() if ".eyes." in name and p.requires_grad]
        groups: list[dict[str, Any]] = [{"params": [p for n, p in network.named_parameters() if ".eyes." not in n]}]
        groups += [{"params": slow, "lr": SLOW * s.rate, "weight_decay": 0.0}] if slow else []
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.AdamW(groups, s.rate, betas=(0.9, 0.99))}

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
        made = [self.crop(dice.numpy) for _ in range(self.settings.batch)]
        images, damage, counts = (np.stack(part) for part in zip(*made, strict=True))
        return as_tensor(images), as_tensor(damage[..., None]), as_tensor(counts[..., None])

    def crop(self, rng: np.random.Generator) -> Worn:
        """One damaged photo."""
        s = self.settings
        large = rng.random() < s.enlarged
        photo, grain = prints(rng, self.pictures, round(s.crop / LARGER) if large else s.crop, s.thin)
        case = worn(rng, photo, grain, likely(rng, *s.units), damaged=bool(rng.random() >= WHOLE))
        if s.rims:
            case = with_rims(case)
        return enlarged(case, s.crop) if large else case

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, what the network finds, the damage."""
        image, damage, _ = (t.to(next(network.parameters()).device) for t in self.batch(dice))
        found = network(image).sigmoid()
        return rows(image, found.expand(-1, 3, -1, -1), damage.expand(-1, 3, -1, -1))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities (B, 1, H, W) of a photo (B, 3, H, W) whose sides are multiples of 8 or 16."""
        assert isinstance(network, Finder)
        sizes = {0: "batch", 2: "height", 3: "width"}
        return Exported(
            Probable(network), example, ["probabilities"], {"image": sizes}, network.multiple, network.reach(), bits=8
        )


def with_rims(case: Worn) -> Worn:
    """The weak pixels beside a mark belong to it: a filling that leaves them leaves an outline."""
    near = cv2.dilate(case.damage, np.ones((3, 3), np.uint8))
    damage = np.maximum(case.damage, near * (1 - case.counts))
    return Worn(case.image, damage, np.maximum(case.counts, damage))


def enlarged(case: Worn, side: int) -> Worn:
    """The same with that side in pixels."""
    image = cv2.resize(case.image, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    damage, counts = (cv2.resize(part, (side, side), interpolation=cv2.INTER_LINEAR) for part in case[1:])
    return Worn(image, (damage > HALF).astype(np.float32), (counts > HALF).astype(np.float32))


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
