"""Training of the close faces' autoencoder together with its sliders.

After AttGAN (He et al., arXiv 1711.10678): an edited face must show a judge what was asked for, look real to a critic
who is told what it shall show, and else stay as it is. What there is a network's input is here a change of code, linear
in the sliders, so that the model stays an autoencoder with directions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen import faces
from imgen.faces.training.asked import ASKED, Asked, Sliders, regions
from imgen.faces.training.judges import Critic, Judge, lesson, lied, surprise, word
from imgen.faces.training.marks import Classifier, marks, table
from imgen.faces.training.portraits import batch_of
from imgen.faces.training.views import moved, tinted, view
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Hardware, Settings, update

from ..tools.codes import CLOSE
from .closeup import Closeup, CloseupSettings
from .closeup_directions import SLIDERS
from .gaussian import divergence

AMOUNTS = (1.9, 3.1)  # of a slider, in training


class CloseupEditsSettings(CloseupSettings):
    """Settings of the close faces' VAE with sliders."""

    rate: float = Field(4e-4, gt=0, description="Learning rate at its peak")
    batch: int = Field(48, ge=2, description="Pictures in a step")
    critic_after: int = Field(70, ge=0, description="Steps before the critic's word counts")
    between: float = Field(
        0.0, ge=0, le=0, description="Leave it: edited faces are in the place of codes between faces"
    )
    sliders: dict[str, str] = Field(SLIDERS, description="Names of sliders and their mark, or age or male")
    direct: float = Field(3e-3, gt=0, description="Learning rate of the directions")
    told: float = Field(0.015, ge=0, description="Weight of what a judge sees in reconstructions")
    seen: float = Field(0.025, ge=0, description="Weight of what a judge sees in edited faces")
    kept: float = Field(0.15, ge=0, description="Weight of the change, most where none is needed")
    real: float = Field(0.006, ge=0, description="Weight of the critic's word about edited faces")


class CloseupEdits(Closeup):
    """vae/closeup-edits: `vae/closeup` with its directions. Export it as vae/closeup."""

    name = "vae/closeup-edits"
    task = "codes of faces seen close, and the directions of their sliders"
    layout = "DIR: fairface_128, DIR/images/ and DIR/labels.csv with image, age, gender and origin"
    Settings: ClassVar[type[Settings]] = CloseupEditsSettings
    settings: CloseupEditsSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Faces, what they show, and a judge that has learned it."""
        super().load([folders[0] / "images"])
        s = self.settings
        found = table(folders, s.held_out)
        self.asked = Sliders(list(s.sliders), list(s.sliders.values()), found.kinds, found.shown)
        self.judge = Judge(Classifier(found.features, found.shown))
        self.cost = regions(list(s.sliders), self.size)
        self.oval = torch.from_numpy(faces.oval(self.size, CLOSE.crop)).movedim(2, 0)

    def build(self) -> None:
        """The VAE and the table of directions, which learn together, and the critic."""
        super().build()
        s, vae = self.settings, self.model
        self.directions, critic = Table(len(s.sliders), s.latent), Critic(len(marks()[0]) + 2, self.size)
        self.both = nn.ModuleList([vae, self.directions])
        groups = [{"params": vae.parameters()}, {"params": self.directions.parameters(), "lr": s.direct}]
        self.networks |= {"directions": self.directions, "critic": critic}
        self.optimizers = {
            "model": torch.optim.AdamW(groups, s.rate, betas=(0.9, 0.99), weight_decay=s.decay),
            "critic": torch.optim.Adam(critic.parameters(), s.critic_rate, betas=(0.5, 0.9)),
        }

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Reconstruct faces, edit them, add up what counts; then the critic and beta."""
        s, vae, balance, draw = self.settings, self.model, self.balance, dice.torch
        edits = self.asked.draw(dice.numpy, s.batch)
        images, real = (hardware.place(self.some(dice, chosen)) for chosen in (edits.faces, edits.others))
        said = hardware.place(torch.from_numpy(self.asked.shown[edits.faces]))
        noise = torch.randn(s.batch, s.latent, generator=draw) * halves(s.batch, draw)
        with hardware.autocast():
            mean, logvar = vae.encode(images)
            codes = mean + (logvar / 2).exp() * hardware.place(noise)
            made = vae.decode(torch.cat([codes, codes + self.moves(edits, draw)])).float().sigmoid()
        same, edited = made.chunk(2)
        kl = divergence(mean, logvar).mean(0)  # (latent,)
        heard = float(dice.step >= s.critic_after)
        slope = self.slope(hardware, same.detach(), images, heard * s.critic, lambda x: self.word(x, said, draw))
        look = self.looked_at(images, same, edited, draw)
        costs = self.costs(hardware, edits, said, (same, edited, look), draw)
        costs["real"] = heard * costs["real"]
        loss = (
            (same * slope).sum() + balance.beta * kl.clamp_min(s.free_bits).sum() + torch.stack([*costs.values()]).sum()
        )
        gradient = update(hardware, self.both, self.optimizers["model"], loss)
        self.teach(hardware, edits, said, (real, same.detach(), look.detach()), draw)
        balance.follow(kl.detach().sum() / s.nats)
        vae.rate.lerp_(kl.detach(), 0.02)
        figures: dict[str, float | Tensor] = {name: cost.detach() for name, cost in costs.items()}
        return {"psnr": batch_psnr(same, images), "kl": kl.sum().detach(), "gradient": gradient, **figures}

    def some(self, dice: Dice, chosen: NDArray[np.int64]) -> Tensor:
        """Those faces, half of them mirrored, some moved and in another light."""
        mirrored = dice.numpy.random(len(chosen)) < 0.5
        return tinted(moved(batch_of(self.images, np.where(mirrored, ~chosen, chosen)), dice.torch), dice.torch)

    def moves(self, edits: Asked, draw: torch.Generator) -> Tensor:
        """The changes of code (B, latent)."""
        low, high = AMOUNTS
        amounts = (low + (high - low) * torch.rand(len(edits.slider), generator=draw)).numpy()
        signed = torch.from_numpy(np.where(edits.more, amounts, -amounts)).float()
        return self.directions(torch.from_numpy(edits.slider), signed)

    def looked_at(self, images: Tensor, same: Tensor, edited: Tensor, draw: torch.Generator) -> Tensor:
        """Edited faces: half of them as they are drawn, half as a difference that is put onto the photo.

        The tool does the one where a change is hard, and the other elsewhere.
        """
        photo = images + self.oval.to(images) * (edited - same)
        return torch.where(halves(len(images), draw)[:, :, None, None].to(images) > 0, photo.clamp(0, 1), edited)

    def word(self, pictures: Tensor, said: Tensor, draw: torch.Generator) -> Tensor:
        """What the critic thinks of pictures that are said to show that (B,)."""
        return word(self.networks["critic"], pictures, said, draw)

    def costs(
        self, hardware: Hardware, edits: Asked, said: Tensor, made: tuple[Tensor, Tensor, Tensor], draw: torch.Generator
    ) -> dict[str, Tensor]:
        """What edited faces, and reconstructions, shall be beside near to the photo; each times its weight."""
        s, (same, edited, look) = self.settings, made
        target, weight = (hardware.place(torch.from_numpy(part)) for part in (edits.target, edits.weight))
        cost = hardware.place(self.cost)[torch.from_numpy(edits.slider).to(same.device)]
        judge = hardware.place(self.judge)
        with hardware.autocast():
            logits, changed = judge(view(torch.cat([same, look]), draw, 2)).chunk(2)
            word = self.word(look, target, draw).mean()
        return {
            "told": s.told * surprise(logits, said).mean(),
            "seen": s.seen * (surprise(changed, target) * weight).sum(1).mean() / ASKED,
            "kept": s.kept * (cost * (edited - same).abs()).mean(),
            "real": -s.real * word,
        }

    def teach(
        self, hardware: Hardware, edits: Asked, said: Tensor, made: tuple[Tensor, Tensor, Tensor], draw: torch.Generator
    ) -> None:
        """One step of the critic: real faces and what they show, made ones, real ones and what they do not show."""
        real, same, look = made
        critic, shown = self.networks["critic"], self.asked.shown[edits.others]
        wrong = lied(shown, np.array(self.asked.columns)[edits.slider])
        truth, lie, target = (hardware.place(torch.from_numpy(part)) for part in (shown, wrong, edits.target))
        fakes, told = torch.cat([same[::2], look]), torch.cat([said[::2], target])
        with hardware.autocast():
            loss = lesson(critic, (real, truth, lie), (fakes, told), draw)
        update(hardware, critic, self.optimizers["critic"], loss, clip=math.inf)


class Table(nn.Module):
    """A change of code for each slider.

    Args:
        count: of sliders.
        latent: length of a code.
    """

    def __init__(self, count: int, latent: int) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.zeros(count, latent))

    def forward(self, slider: Tensor, amount: Tensor) -> Tensor:
        """Changes of code (B, latent) of one slider each, by its number (B,) and amount (B,)."""
        return amount.to(self.directions)[:, None] * self.directions[slider.to(self.directions.device)]


def halves(count: int, draw: torch.Generator) -> Tensor:
    """1 for about half of a batch (count, 1), else 0."""
    return (torch.rand(count, 1, generator=draw) < 0.5).float()
