"""Training of the subject of a photo and of what clicks say about it: one network for both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.data import Decoding
from imgen.training.pairs import Pairs
from imgen.training.trainer import Dice, Exported, Hardware, Settings, as_tensor, rows, update

from ..networks.lite import Subject
from ..networks.outputs import Clicked, random_clicked
from .clicks import COARSE, RADIUS, one_more
from .finetune import STORED, WARM, LiteSettings, LiteTrainer, prepare
from .losses import mask_loss, ssim
from .scenes import draw

MOST = 3  # clicks on a picture
ALONE = 0.7  # of the pictures with two subjects: those in which clicks mean one of them


class Batch(NamedTuple):
    """Photos (B, 3, S, S), masks (B, 1, S, S) of all subjects, and masks (B, 2, S, S) of both subjects apart."""

    photos: Tensor
    masks: Tensor
    parts: Tensor


class SubjectSettings(LiteSettings):
    """How it learns."""

    clicked: float = Field(0.5, ge=0, le=1, description="Part of the steps in which there are clicks")


class SubjectTrainer(LiteTrainer):
    """unet/subject: DIR/image/NAME.* with soft masks DIR/mask/NAME.* of what catches the eye."""

    name = "unet/subject"
    task = "select the subject of a photo, or what clicks add and take away"
    layout = "DIR...: photos DIR/image/NAME.*, and for each its soft mask DIR/mask/NAME.*, of the same size"
    Settings: ClassVar[type[Settings]] = SubjectSettings
    settings: SubjectSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """Photos in image/, masks in mask/."""
        self.pairs = Pairs(folders, "image", "mask", Decoding("mask", side=STORED))

    def network(self) -> Subject:
        """One mask, of photos and clicks."""
        return Subject(self.settings.widths)

    def batch(self, dice: Dice) -> Batch:
        """Random scenes."""
        s = self.settings
        scenes = [draw(self.pairs, dice.numpy, s.size) for _ in range(s.batch)]
        photos, first, second = (as_tensor(np.stack(part)) for part in zip(*scenes, strict=True))
        return Batch(photos, torch.maximum(first, second), torch.cat([first, second], 1))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, click, select at five sizes, compare each, update. The decoder learns subjects before clicks."""
        network, steps = self.networks["model"], self.optimizers["model"]
        assert isinstance(network, Subject)
        photos, masks, parts = (hardware.place(t) for t in self.batch(dice))
        clicks = torch.zeros_like(photos[:, :2])
        if self.spent >= WARM and dice.numpy.random() < self.settings.clicked:
            clicks, masks = self.click(hardware, dice, Batch(photos, masks, parts))
        prepare(network, steps, self.settings, self.spent)
        with hardware.autocast():
            whole, *coarse = (logits.float() for logits in network.sides(photos, clicks))
        loss, alike = mask_loss(whole, masks), ssim(whole.sigmoid(), masks)
        sides = sum(mask_loss(one, F.adaptive_avg_pool2d(masks, (one.shape[2], one.shape[3]))) for one in coarse)
        gradient = update(hardware, network, steps, loss + (1 - alike) + 0.3 * sides, 2.0)
        return {"loss": loss, "ssim": alike, "gradient": gradient}

    def click(self, hardware: Hardware, dice: Dice, batch: Batch) -> tuple[Tensor, Tensor]:
        """One to three clicks where the network is wrong, some of them before it said anything; and what they mean.

        Of two subjects the clicks often mean one.
        """
        rng, network = dice.numpy, self.networks["model"].eval()
        photos, masks, parts = batch
        number, device = len(photos), photos.device
        alone = torch.from_numpy(rng.random(number) < ALONE).to(device) & (parts.mean((2, 3)) > 0.005).all(1)
        which = torch.from_numpy(rng.integers(0, 2, number)).to(device)
        one = parts[torch.arange(number, device=device), which][:, None]
        meant = torch.where(alone.view(-1, 1, 1, 1), one, masks)
        clicks = torch.zeros_like(photos[:, :2])
        blind = torch.from_numpy(rng.random(number) < 0.4).to(device).view(-1, 1, 1, 1)
        for i in range(int(rng.integers(1, MOST + 1))):
            found = self.guess(hardware, network, photos, clicks) * (1 if i else ~blind)
            use = torch.from_numpy(rng.random(number) < 0.9).to(device) | alone
            places = photos[0, 0].numel() // COARSE**2
            chance = torch.rand(number, places, generator=dice.torch).to(device)
            clicks = one_more(found, meant, clicks, use, chance)
        said = clicks.amax((1, 2, 3)) > 0
        return clicks, torch.where(said.view(-1, 1, 1, 1), meant, masks)

    @torch.no_grad()
    def guess(self, hardware: Hardware, network: nn.Module, photos: Tensor, clicks: Tensor) -> Tensor:
        """What the network selects by now."""
        with hardware.autocast():
            logits = network(photos, clicks)
        return logits.float().sigmoid()

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, what the network selects without clicks, the masks."""
        photos, masks, _ = (t.to(next(network.parameters()).device) for t in self.batch(dice))
        found = network(photos, torch.zeros_like(photos[:, :2])).float().sigmoid()
        return rows(photos, found.expand(-1, 3, -1, -1), masks.expand(-1, 3, -1, -1))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities (B, 1, H, W) of a photo (B, 3, H, W) and clicks (B, 2, H, W), discs of `measured["clicks"]`."""
        sizes = {0: "batch", 2: "height", 3: "width"}
        dynamic = {"image": sizes, "clicks": sizes}
        measured = {"clicks": RADIUS}
        return Exported(Clicked(network), random_clicked, ["probabilities"], dynamic, Subject.multiple, None, measured)
