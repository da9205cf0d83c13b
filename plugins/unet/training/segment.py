"""Training of selections from a user's own photos and masks: one soft class, or several exclusive ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.augment import jitter
from imgen.training.data import DataError, Decoding
from imgen.training.pairs import Pairs, resize
from imgen.training.trainer import Dice, Exported, Hardware, Settings, as_tensor, rows, update

from ..networks.lite import Segments
from ..networks.outputs import Bounded, random_image
from .finetune import STORED, LiteSettings, LiteTrainer, prepare
from .losses import label_loss, mask_loss


class SegmentSettings(LiteSettings):
    """What the masks hold."""

    classes: int = Field(1, ge=1, le=255, description="1: soft masks 0..255; N: pictures of the numbers 0..N-1")
    least: float = Field(0.6, gt=0, le=1, description="Smallest part of a photo's height and width that is shown")


class Segment(LiteTrainer):
    """unet/segment: DIR/image/NAME.* with DIR/mask/NAME.*; one soft class, or N exclusive ones."""

    name = "unet/segment"
    task = "select what the masks of the training data select"
    layout = "DIR...: photos DIR/image/NAME.*, and for each its mask DIR/mask/NAME.*, of the same size"
    Settings: ClassVar[type[Settings]] = SegmentSettings
    settings: SegmentSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """Photos in image/, masks in mask/. With N classes, 255 marks pixels that do not count."""
        self.pairs = Pairs(folders, "image", "mask", Decoding("labels" if self.labels else "mask", side=STORED))
        for path, i in zip(self.pairs.second.paths, range(len(self.pairs)), strict=True):
            found = self.pairs.second[i]
            if self.labels and (wrong := found[(found >= self.settings.classes) & (found < 255)]).size:
                raise DataError(f"{path} holds class {wrong.max()}; give --set classes={wrong.max() + 1} or correct it")

    @property
    def labels(self) -> bool:
        """Whether masks hold the numbers of classes."""
        return self.settings.classes > 1

    def network(self) -> Segments:
        """A mask for each class."""
        return Segments(self.settings.classes, self.settings.widths)

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Photos (B, 3, S, S) in 0..1 and masks (B, 1, S, S): 0..1, or numbers of classes."""
        s, rng = self.settings, dice.numpy
        drawn = [self.pairs.draw(rng, s.least) for _ in range(s.batch)]
        photos = np.stack([jitter(resize(a, s.size, s.size), rng) for a, _ in drawn])
        masks = np.stack([resize(b, s.size, s.size, labels=self.labels) for _, b in drawn])
        return as_tensor(photos), as_tensor(masks.astype(np.float32) if self.labels else masks)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, segment at five sizes, compare each, update."""
        network, steps = self.networks["model"], self.optimizers["model"]
        assert isinstance(network, Segments)
        prepare(network, steps, self.settings, self.spent)
        photos, masks = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            whole, *coarse = (logits.float() for logits in network.sides(photos))
        loss = self.loss(whole, masks)
        total = loss + 0.3 * sum(self.loss(side, self.shrunk(masks, side)) for side in coarse)
        return {"loss": loss, "gradient": update(hardware, network, steps, total, 2.0)}

    def loss(self, logits: Tensor, masks: Tensor) -> Tensor:
        """Of either kind of masks."""
        return label_loss(logits, masks) if self.labels else mask_loss(logits, masks)

    def shrunk(self, masks: Tensor, like: Tensor) -> Tensor:
        """Masks at the size of a coarser result: the mean, or of labels the nearest."""
        size = (like.shape[2], like.shape[3])
        return F.interpolate(masks, size) if self.labels else F.adaptive_avg_pool2d(masks, size)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, what the network selects (all but class 0), the masks."""
        device = next(network.parameters()).device
        photos, masks = (t.to(device) for t in self.batch(dice))
        found = Bounded(network, self.labels)(photos)
        shown = 1 - found[:, :1] if self.labels else found
        masks = (masks > 0).float() if self.labels else masks
        return rows(photos, shown.expand(-1, 3, -1, -1), masks.expand(-1, 3, -1, -1))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities (B, classes, H, W) of a photo (B, 3, H, W)."""
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}}
        return Exported(
            Bounded(network, self.labels), random_image, ["probabilities"], dynamic, Segments.multiple, None
        )
