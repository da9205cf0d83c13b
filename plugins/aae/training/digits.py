"""Training of the autoencoder of digits with label and style apart, from a few labels (semi-supervised)."""

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

from imgen.faces.training.portraits import moved
from imgen.training.adversarial import frozen
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Hardware, Settings, Width, rows, update

from ..networks import labelled
from .adversaries import AttributeAdversary, CodeDiscriminator
from .base import SHOWN, OfDigits
from .matching import Matching, MatchSettings
from .priors import draw

CLASSES = 10


class DigitsSettings(MatchSettings):
    """Settings of the semi-supervised autoencoder."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "labelled_batch": 1}

    style: int = Field(8, ge=1, description="Numbers of a code, beside the label's")
    widths: tuple[Width, Width, Width] = Field((32, 48, 56), description="Channels at 1/2, 1/4 and 1/8 of the size")
    labels: int = Field(100, ge=10, description="How many of the digits may be looked up, as many of each kind")
    labelled_batch: int = Field(32, ge=2, description="Labelled digits in a step")
    told: float = Field(0.1, ge=0, description="Weight of telling the labelled digits right")
    hide: float = Field(0.05, ge=0, description="Weight of keeping the label out of the style; 0 as published")
    read: float = Field(0.02, ge=0, description="Weight of reading exchanged labels in the picture; 0 as published")
    agree: float = Field(0.1, ge=0, description="Weight of telling two views of a digit the same; 0 as published")
    sure: float = Field(0.95, gt=0, le=1, description="Only where the first view is told with that chance")


class Digits(Matching, OfDigits):
    """aae/digits: a digit's label and the style it is written in (Makhzani et al., arXiv 1511.05644, section 5).

    A second critic wants labels to be one of ten, as often each. Three things are not in the paper, and are left out
    with 0: few labels go a longer way where a moved view must be told as the digit itself is (`agree`: FixMatch, Sohn
    et al., arXiv 2001.07685); an adversary must not find the label in the style (`hide`), and digits with an exchanged
    label must be read as that (`read`), or else a style of several numbers tells the digit and the label nothing.
    """

    name = "aae/digits"
    task = "label and style of handwritten digits, to write others in the same hand"
    Settings: ClassVar[type[Settings]] = DigitsSettings
    labels, exclusive = CLASSES, True

    def load(self, folders: Sequence[Path]) -> None:
        """MNIST's files, and which of their labels may be looked up."""
        super().load(folders)
        self.known = chosen_labels(self.truth[: self.count], self.settings.labels)

    def build(self) -> None:
        """The autoencoder, a discriminator on styles and one on labels, and an adversary that reads styles."""
        super().build()
        s = self.settings
        self.label_discriminator = CodeDiscriminator(s.loss, CLASSES, s.critic_width, s.critic_rate, s.r1)
        self.networks["label_critic"] = self.label_discriminator.critic
        self.optimizers["label_critic"] = self.label_discriminator.optimizer
        self.adversary = AttributeAdversary(s.style, s.critic_width, CLASSES, s.critic_rate)
        self.networks["adversary"], self.optimizers["adversary"] = self.adversary.critic, self.adversary.optimizer
        self.model.usual.fill_(1 / CLASSES)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode and decode; both critics learn; then the autoencoder, also from what is labelled."""
        s, count = self.settings, self.settings.batch
        images = hardware.place(self.batch(dice))
        chosen = self.known[dice.numpy.integers(0, len(self.known), s.labelled_batch)]
        views = hardware.place(torch.cat([self.view(self.ink(chosen), dice), self.view(images.cpu(), dice)]))
        with hardware.autocast():
            style, logits = self.model.look(torch.cat([images, views]))
            style = self.model.level(style[:count])  # views are spread wider than digits are
            logits, known, second = logits.split([count, len(chosen), count])
            code = torch.cat(labelled(style, logits, exclusive=True), 1)
            made = self.model.decode(code).float().sigmoid()
        label = code[:, s.style :]
        normal, onehot = (hardware.place(t) for t in self.prior(count, dice))
        seen = self.discriminator.update(hardware, dice, normal, style)
        self.label_discriminator.update(hardware, dice, onehot, label)
        told = F.cross_entropy(known, hardware.place(torch.from_numpy(self.truth[chosen]).long()))
        fooled = self.discriminator.fool(style) + self.label_discriminator.fool(label)
        loss = self.fit(made, images) + s.match * fooled
        loss = loss + s.told * told + s.agree * self.agreement(logits, second)
        self.adversary.update(hardware, style, F.one_hot(label.argmax(1), CLASSES).float())
        loss = loss + s.hide * self.adversary.hidden(style, self.model.usual)
        loss = loss + s.read * self.exchange(hardware, style, onehot)
        self.discriminator.gradient = update(hardware, self.model, self.optimizers["model"], loss)
        return {"psnr": batch_psnr(made, images), "told": told, "sure": label.max(1).values.mean()} | seen

    def prior(self, count: int, dice: Dice) -> tuple[Tensor, Tensor]:
        """Samples of what styles (B, style) and labels (B, 10) shall be: the prior, and one of ten, as often each."""
        s = self.settings
        style = torch.from_numpy(draw(s.prior, count, s.style, dice.numpy))
        return style, F.one_hot(torch.from_numpy(dice.numpy.integers(0, CLASSES, count)), CLASSES).float()

    def agreement(self, logits: Tensor, second: Tensor) -> Tensor:
        """What it costs that the second view is told otherwise than the first, where that is told surely."""
        chance, label = logits.detach().softmax(1).max(1)
        cost = F.cross_entropy(second, label, reduction="none")
        return (cost * (chance >= self.settings.sure)).mean()

    def exchange(self, hardware: Hardware, style: Tensor, onehot: Tensor) -> Tensor:
        """What it costs that digits drawn in these styles with other labels are not read as these; the reader rests."""
        with hardware.autocast():
            drawn = self.model.decode(torch.cat([style, onehot], 1)).float().sigmoid()
            self.model.eval()  # its batch norms go by real digits
            with frozen(self.model):
                _, read = self.model.encode(drawn)
            self.model.train()
        return F.cross_entropy(read, onehot)

    def view(self, images: Tensor, dice: Dice) -> Tensor:
        """Digits (B, 1, 32, 32) as another hand might write them: shifted, turned, scaled, slanted and bent."""
        return bent(moved(images, dice.numpy, 0.04, 10, 0.1), dice.numpy)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: digits, reconstructions, and each of the ten in the same hands."""
        images = self.batch(dice)[:SHOWN]
        codes = self.codes(network, images.to(next(network.parameters()).device))
        lines = [images.expand(-1, 3, -1, -1), self.pictures(network, codes)]
        for digit in range(CLASSES):
            codes[:, self.settings.style :] = F.one_hot(torch.tensor(digit), CLASSES).to(codes)
            lines.append(self.pictures(network, codes))
        return rows(*lines)


def chosen_labels(truth: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """Numbers of `count` digits, as many of each kind: the first ones, so that everybody takes the same."""
    each = count // CLASSES
    return np.concatenate([np.flatnonzero(truth == digit)[:each] for digit in range(CLASSES)])


def bent(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Each picture (B, C, S, S) slanted, and bent by about a pixel (elastic distortion, Simard et al., 2003)."""
    count, side = len(images), images.shape[-1]
    flow = torch.from_numpy(rng.normal(0, 2.4 / side, (count, 2, 5, 5)).astype(np.float32))
    flow = F.interpolate(flow, size=(side, side), mode="bicubic", align_corners=True)
    slant = torch.from_numpy(rng.normal(0, 0.15, (count, 1, 1)).astype(np.float32))
    grid = F.affine_grid(torch.eye(2, 3).expand(count, 2, 3), list(images.shape), align_corners=False)
    x, y = grid[..., 0] + flow[:, 0] + slant * grid[..., 1], grid[..., 1] + flow[:, 1]
    return F.grid_sample(images, torch.stack([x, y], 3), padding_mode="border", align_corners=False)
