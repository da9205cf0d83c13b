"""Training of pictures from pictures: a user's own pairs, with an absolute error and a critic of patches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen.training.adversarial import LOSSES, frozen
from imgen.training.augment import square
from imgen.training.blocks import PatchDiscriminator
from imgen.training.data import Decoding, Pictures
from imgen.training.pairs import Pairs, resize
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, Width, as_tensor, rows, update

from ..networks.outputs import Bounded, random_image
from ..networks.unet import UNet
from .finetune import STORED

HINGE = LOSSES["hinge"]


class Pix2PixSettings(Settings):
    """The network and how it learns."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    widths: tuple[Width, Width, Width, Width] = Field(
        (64, 96, 160, 192), description="Channels at 1/4, 1/8, 1/16 and 1/32"
    )
    depths: tuple[int, int, int, int] = Field((1, 2, 2, 2), description="Residual blocks at these sizes")
    skips: bool = Field(True, description="False drops the skip connections")
    rate: float = Field(2e-3, gt=0, description="Learning rate at its peak")
    decay: float = Field(0.02, ge=0, description="Weight decay")
    batch: int = Field(16, ge=2, description="Pictures in a step")
    size: int = Field(128, ge=32, le=STORED, multiple_of=32, description="Side in pixels at which it learns")
    l1: float = Field(100.0, ge=0, description="Weight of the absolute error beside the critic's word")


class Pix2Pix(Trainer):
    """unet/pix2pix: from DIR/input/NAME.* those in DIR/target/NAME.* (Isola et al., arXiv 1611.07004).

    Given plain photos, it learns colour from grey. What pairs show is often far from photos, so the U-Net begins with
    random weights and sees RGB as it is.
    """

    name = "unet/pix2pix"
    task = "pictures from pictures, as the pairs of the training data show"
    layout = "DIR...: DIR/input/NAME.* and DIR/target/NAME.* of the same sizes; or colour photos, for colour from grey"
    Settings: ClassVar[type[Settings]] = Pix2PixSettings
    settings: Pix2PixSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Pairs, where there are any."""
        self.pairs = None
        if any((folder / "target").is_dir() for folder in folders):
            self.pairs = Pairs(folders, "input", "target", Decoding(side=STORED))
        else:
            self.pictures = Pictures(folders, Decoding(side=STORED))

    def build(self) -> None:
        """A U-Net from RGB to RGB, and a critic of input and result together."""
        s = self.settings
        self.networks = {"model": UNet(3, 3, s.widths, s.depths, skips=s.skips), "critic": PatchDiscriminator(6)}
        self.optimizers = {
            name: torch.optim.AdamW(network.parameters(), s.rate, betas=(0.5, 0.999), weight_decay=s.decay)
            for name, network in self.networks.items()
        }

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Inputs and targets (B, 3, S, S) in 0..1."""
        s, rng = self.settings, dice.numpy
        if self.pairs is None:
            chosen = rng.integers(len(self.pictures), size=s.batch)
            target = np.stack([square(self.pictures[int(i)], rng, s.size) for i in chosen])
            return as_tensor(lab_to_rgb(without_colour(rgb_to_lab(target)))), as_tensor(target)
        drawn = [self.pairs.draw(rng, 0.8) for _ in range(s.batch)]
        given, target = (np.stack([resize(p, s.size, s.size) for p in half]) for half in zip(*drawn, strict=True))
        return as_tensor(given), as_tensor(target)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Update the critic (hinge loss) on real and made pictures, then the U-Net on L1 and the critic's word."""
        network, critic = self.networks["model"], self.networks["critic"]
        given, target = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            made = network(given).sigmoid()  # (B, 3, S, S)
            real, fake = critic(given, target), critic(given, made.detach())
        judged = HINGE.critic(real.float(), fake.float())
        update(hardware, critic, self.optimizers["critic"], judged)
        l1 = F.l1_loss(made.float(), target)
        with frozen(critic):
            with hardware.autocast():
                fake = critic(given, made)
            loss = self.settings.l1 * l1 + HINGE.generator(fake.float())
            gradient = update(hardware, network, self.optimizers["model"], loss)
        return {"l1": l1, "critic": judged, "gradient": gradient}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: inputs, what the network makes of them, the targets."""
        given, target = self.batch(dice)
        return rows(given, network(given.to(next(network.parameters()).device)).float().sigmoid().cpu(), target)

    def export(self, network: nn.Module) -> Exported:
        """RGB of RGB (B, 3, H, W)."""
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}}
        return Exported(Bounded(network), random_image, ["picture"], dynamic, UNet.multiple, None)
