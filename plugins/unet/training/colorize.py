"""Training of colours: classes and their mean first, then what makes them look like photos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.image.lab import rgb_to_lab
from imgen.training.adversarial import LOSSES, frozen
from imgen.training.augment import square
from imgen.training.backbone import CHANNELS, Kind, Lite, pretrained
from imgen.training.blocks import FeatureCritic
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Width, as_tensor, rows, update

from ..networks.lite import Colours
from ..networks.outputs import random_light
from ..tools.colour import BINS, SHARPNESS
from .colour_losses import balanced, colour_loss, mean_colour, painted, rarity, unlike
from .degrade import fade, wear
from .finetune import STORED, LiteSettings, LiteTrainer, prepare
from .hints import draw_hints, turn_hues

HINGE = LOSSES["hinge"]
LATE = ("decoder.decode", "tail.")  # what the last phase changes
SEEN = slice(1, 4)  # the encoder's features at 1/4, 1/8 and 1/16 of the size, which looks are compared by
TURNED = 0.2  # of the pictures with hints: those whose hues are turned, so that hints count more than habit


class Batch(NamedTuple):
    """Lightness that may be worn (B, 1, S, S), hints (B, 3, S, S), true a, b (B, 2, S/4, S/4), lightness as it was."""

    light: Tensor
    hints: Tensor
    truth: Tensor
    clean: Tensor


class ColorizeSettings(LiteSettings):
    """What it learns from, and how."""

    encoder: Kind = Field("lite2", description="Which EfficientNet it begins with: lite2, or the smaller lite0")
    widths: tuple[Width, Width, Width, Width] = Field(
        (96, 128, 160, 192), description="Channels of the decoder at 1/4, 1/8, 1/16 and 1/32"
    )
    rate: float = Field(1.2e-3, gt=0, description="Learning rate at its peak")
    slow: float = Field(
        0.12, ge=0, le=1, description="The pretrained encoder's learning rate, as a part of the others'"
    )
    decay: float = Field(0.05, ge=0, description="Weight decay")
    size: int = Field(224, ge=32, le=STORED, multiple_of=32, description="Side in pixels at which it learns")
    hinted: float = Field(0.35, ge=0, le=1, description="Part of the pictures that come with some colour dots")
    chroma: float = Field(5.0, ge=0, description="Photos with less mean chroma count as grey and are left out")
    rebalance: float = Field(0.2, ge=0, le=1, description="0 frequent colours count most, 1 all count the same")
    late: float = Field(0.85, gt=0, le=1, description="Part of the time after which looks are learned; 1 for never")


class Colorize(LiteTrainer):
    """unet/colorize: a distribution over quantised colours for each place (Zhang et al., arXiv 1603.08511).

    Hints are colour dots beside the lightness (Zhang et al., arXiv 1705.02999). In the last part of the time the
    decoder also learns from a critic, and by what the published network sees, which brings livelier colours.
    """

    name = "unet/colorize"
    task = "colours for grey photos, with or without dots of colour as hints"
    layout = "DIR...: colour photos of any size"
    Settings: ClassVar[type[Settings]] = ColorizeSettings
    settings: ColorizeSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]

    def load(self, folders: Sequence[Path]) -> None:
        """Colour photos of anything, grey ones among them left out."""
        self.pictures = Pictures(folders, Decoding(side=STORED))
        small = [rgb_to_lab(self.pictures[i][::8, ::8])[..., 1:].reshape(-1, 2) for i in range(len(self.pictures))]
        chroma = [np.hypot(*ab.T).mean() for ab in small]
        self.coloured = np.flatnonzero(np.array(chroma) >= self.settings.chroma)
        if not self.coloured.size:
            raise DataError(f"no colour photo in {', '.join(map(str, folders))}; give --data coloured pictures")
        ab = np.concatenate([small[i] for i in self.coloured])
        self.weights = torch.from_numpy(rarity(ab, self.settings.rebalance))

    def network(self) -> Colours:
        """Of classes of colour."""
        return Colours(BINS**2, self.settings.widths, self.settings.encoder)

    def build(self) -> None:
        """The U-Net on the published encoder, and for the last phase a critic of what that encoder sees."""
        super().build()
        s, network = self.settings, self.networks["model"]
        critic = FeatureCritic(CHANNELS[SEEN], (2, 1, 1), 64)
        late = [p for k, p in network.named_parameters() if k.startswith(LATE)]
        self.networks["critic"] = critic
        self.optimizers |= {
            "late": torch.optim.AdamW(late, s.rate / 4, betas=(0.5, 0.99), weight_decay=0),
            "critic": torch.optim.AdamW(critic.parameters(), 3e-4, betas=(0.5, 0.99)),
        }
        self.features: Lite | None = None  # the published network as it was, by which looks are compared

    def batch(self, dice: Dice) -> Batch:
        """Random squares of photos, some of them with dots of their colour."""
        s, rng = self.settings, dice.numpy
        chosen = rng.choice(self.coloured, s.batch)
        lab = rgb_to_lab(np.stack([square(self.pictures[int(i)], rng, s.size, 0.55) for i in chosen]))
        hints = np.zeros((*lab.shape[:3], 3), np.float32)
        for i in np.flatnonzero(rng.random(s.batch) < s.hinted):
            if self.spent < s.late and rng.random() < TURNED:
                turn_hues(lab[i], rng)
            draw_hints(lab[i], hints[i], rng)
        clean = lab[..., :1] / np.float32(100)
        light = np.stack([wear(fade(one, rng), rng, 0.25) for one in clean])
        truth = F.avg_pool2d(as_tensor(lab[..., 1:]), 4)
        return Batch(as_tensor(light), as_tensor(hints), truth, as_tensor(clean))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, colour, compare, update."""
        batch = Batch(*(hardware.place(t) for t in self.batch(dice)))
        return self.early(hardware, batch) if self.spent < self.settings.late else self.later(hardware, batch)

    def early(self, hardware: Hardware, batch: Batch) -> dict[str, float | Tensor]:
        """By classes, and by their mean (Huber). The rate comes down to its end before the last phase begins."""
        network, steps, s = self.networks["model"], self.optimizers["model"], self.settings
        part = self.spent / s.late
        for group, full in zip(steps.param_groups, (s.slow if s.pretrained else 1,) * 2 + (1,) * 2, strict=True):
            group["lr"] = s.rate * full * min(1, part / 0.03 + 0.02) * (0.505 + 0.495 * math.cos(math.pi * part))
        prepare(network, steps, s, self.spent)
        with hardware.autocast():
            logits = network(batch.light, batch.hints)  # (B, BINS², S/4, S/4)
        logits = logits.float()
        loss = colour_loss(logits, batch.truth, hardware.place(self.weights))
        huber = F.smooth_l1_loss(mean_colour(logits, SHARPNESS) / 10, batch.truth / 10)
        gradient = update(hardware, network, steps, loss + 0.5 * huber, 2.0)
        return {"loss": loss, "huber": huber, "gradient": gradient}

    def later(self, hardware: Hardware, batch: Batch) -> dict[str, float | Tensor]:
        """The last phase, of the decoder alone: also by a critic and by what the published network sees."""
        network, steps, s = self.networks["model"].eval(), self.optimizers["late"], self.settings
        left = (1 - self.spent) / max(1e-6, 1 - s.late)
        for group in steps.param_groups:
            group["lr"] = s.rate / 4 * left
        for name, weight in network.named_parameters():
            weight.requires_grad_(name.startswith(LATE))
        with hardware.autocast():
            logits = network(batch.light, batch.hints)
        logits = logits.float()
        ab = mean_colour(logits, SHARPNESS)
        slope, figures = self.looks(hardware, batch, ab.detach().requires_grad_())
        loss = colour_loss(logits, batch.truth, hardware.place(self.weights))
        gradient = update(hardware, network, steps, 0.5 * loss + 0.5 * (ab * slope).sum(), 2.0)
        return {"loss": loss, **figures, "gradient": gradient}

    def looks(self, hardware: Hardware, batch: Batch, ab: Tensor) -> tuple[Tensor, dict[str, float | Tensor]]:
        """Which way the colours `ab` should go, to be true, to look alike, and to pass; the critic learns meanwhile."""
        critic, features = self.networks["critic"], self.feature_network(hardware)
        with hardware.autocast():
            with torch.no_grad():
                true = features(painted(batch.clean, batch.truth))[SEEN]
            made = features(painted(batch.clean, ab))[SEEN]
        true, made = ([part.float() for part in parts] for parts in (true, made))
        judged = HINGE.critic(critic(*true), critic(*(f.detach() for f in made)))
        update(hardware, critic, self.optimizers["critic"], judged)
        huber = F.smooth_l1_loss(ab / 10, batch.truth / 10)
        alike = unlike(made, true)
        with frozen(critic):
            slope = balanced(ab, (huber, alike, HINGE.generator(critic(*made))), (1, 0.6, 0.6))
        return slope, {"huber": huber, "perceptual": alike, "critic": judged}

    def feature_network(self, hardware: Hardware) -> Lite:
        """The published Lite0, whatever the encoder is; it does not learn."""
        if self.features is None:
            self.features = hardware.place(pretrained().requires_grad_(False))
        return self.features.eval()

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: lightness with hints, what the network makes of it (the mean of its colours), the truth."""
        batch = self.batch(dice)
        device = next(network.parameters()).device
        logits = network(batch.light.to(device), batch.hints.to(device)).float().cpu()
        made = (batch.hints[:, :2] * 100, mean_colour(logits, SHARPNESS), batch.truth)
        return rows(*(painted(batch.light, ab) for ab in made))

    def export(self, network: nn.Module) -> Exported:
        """Logits of the colour classes (B, BINS², H/4, W/4) of lightness (B, 1, H, W) and hints (B, 3, H, W).

        Weights of eight bits move colours by some 0.4 of a, b, a sixth of what an eye can tell.
        """
        sizes = {0: "batch", 2: "height", 3: "width"}
        dynamic = {"light": sizes, "hints": sizes}
        return Exported(network, random_light, ["logits"], dynamic, Colours.multiple, None, bits=8)
