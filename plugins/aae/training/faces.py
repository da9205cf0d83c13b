"""Training of the autoencoder of faces with style and attributes apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

import imgen
from imgen.faces.attributes import COLUMNS
from imgen.faces.training.classifier import feature_network
from imgen.faces.training.perceptual import FaceLoss
from imgen.faces.training.portraits import batch_of, columns, draw, located
from imgen.training.data import DataError
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Hardware, Settings, Width, rows, update

from ..networks import labelled
from .adversaries import AttributeAdversary
from .base import SHOWN, OfFaces
from .damage import damaged
from .matching import Matching, MatchSettings
from .priors import draw as draw_prior
from .warm_start import start_from

STARTED = 2000  # faces that the codes of a VAE are whitened by


class FacesSettings(MatchSettings):
    """Settings of the faces' autoencoder."""

    style: int = Field(256, ge=1, description="Numbers of a code, beside the attributes'")
    widths: tuple[Width, Width, Width] = Field((64, 96, 160), description="Channels at 1/2, 1/4 and 1/8 of the size")
    start: str = Field("", description="A VAE of yours to begin with, such as vae/faces; empty begins from nothing")
    rate: float = Field(6e-4, gt=0, description="Learning rate at its peak")
    batch: int = Field(32, ge=2, description="Pictures in a step")
    match: float = Field(0.03, ge=0, description="Weight of fooling the critic beside the reconstruction")
    critic_rate: float = Field(3e-4, gt=0, description="Learning rate of the critic at its peak")
    r1: float = Field(1.0, ge=0, description="Weight of the critic's squared gradient at samples of the prior")
    critic_width: int = Field(512, ge=1, description="Of the critic's two layers")
    attributes: dict[str, str] = Field(COLUMNS, description="Sliders and their columns; - turns one around")
    features: float = Field(0.5, ge=0, description="Weight of the loss on features beside that on pixels")
    told: float = Field(0.05, ge=0, description="Weight of telling the attributes of a face right")
    hide: float = Field(0.05, ge=0, description="Weight of keeping attributes out of the style")
    change: float = Field(0.1, ge=0, description="Weight of showing attributes that were exchanged")
    person: float = Field(0.1, ge=0, description="Weight of staying the same person when they are")
    damage: float = Field(
        0.2, ge=0, le=1, description="Share of the faces that are pixelated, blurred, noisy or covered"
    )


class Faces(Matching, OfFaces):
    """aae/faces: aligned faces of 64x64 as a style, which shall be normal and know no attribute, and attributes.

    Beside the three parts of `Matching`: an adversary that must not find the attributes in the style (Fader networks,
    Lample et al., arXiv 1706.00409), and pictures with exchanged attributes, in which a classifier shall find the new
    ones (AttGAN, He et al., arXiv 1711.10678) and the same person.
    """

    name = "aae/faces"
    task = "codes of faces with style and attributes apart, to restyle and mend them"
    layout = "DIR...: DIR/images/ with aligned square faces and DIR/attributes.csv: file, then columns of 0 and 1"
    terms = "for research only, as the network whose features and answers its losses use"
    Settings: ClassVar[type[Settings]] = FacesSettings

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.labels = len(self.settings.attributes)  # pyright: ignore[reportAttributeAccessIssue]: not of the class

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces with attributes.csv.

        Raises:
            DataError: there is no table.
        """
        super().load(folders)
        if not self.table.names:
            raise DataError(f"{folders[0]} has no attributes.csv; see docs/faces.md for what belongs there")
        self.truth = columns(self.table, self.settings.attributes)
        places, signs = located(self.table.names, self.settings.attributes)
        self.places, self.signs = torch.from_numpy(places), torch.from_numpy(signs)
        self.loss = FaceLoss(self.settings.features)
        self.classifier = self.loss.network or feature_network()

    def build(self) -> None:
        """The autoencoder, the discriminator on its codes, and the adversary that looks for attributes in them."""
        super().build()
        s = self.settings
        if hasattr(self, "table"):  # without data it is built for an export
            self.model.usual.copy_(torch.from_numpy(self.truth[: self.count].mean(0)))
        if s.start and hasattr(self, "table"):
            some = np.arange(min(STARTED, self.count))
            start_from(s.start, self.model, batch_of(self.table.images, some), torch.from_numpy(self.truth[some]))
            self.begun_with = imgen.model(s.start).card["training"]
        self.adversary = AttributeAdversary(s.style, s.critic_width, self.labels, s.critic_rate)
        self.networks["adversary"], self.optimizers["adversary"] = self.adversary.critic, self.adversary.optimizer

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode; decode with the same and with exchanged attributes; critic and adversary learn; then the rest."""
        s = self.settings
        chosen = draw(dice.numpy, s.batch, 0, self.count)
        images = batch_of(self.table.images, chosen)
        truth = hardware.place(torch.from_numpy(self.truth[np.where(chosen >= 0, chosen, ~chosen)]))
        seen = hardware.place(damaged(images, s.damage, dice.numpy))
        images, half = hardware.place(images), len(images) // 2
        wanted = exchanged(truth[:half], dice)
        with hardware.autocast():
            style, logits = self.model.encode(seen)
            label = labelled(style, logits.detach(), exclusive=False)[1]
            other = torch.where(wanted != truth[:half], 2 * wanted - 1, label[:half])
            codes = torch.cat([torch.cat([style, label], 1), torch.cat([style[:half], other], 1)])
            made, changed = self.model.decode(codes).float().sigmoid().split([len(images), half])
        prior = hardware.place(torch.from_numpy(draw_prior(s.prior, len(images), s.style, dice.numpy)))
        figures = self.discriminator.update(hardware, dice, prior, style)
        figures |= {"found": self.adversary.update(hardware, style, truth)}
        told = F.binary_cross_entropy_with_logits(logits, truth)
        shown, person = self.classified(changed, made[:half], wanted)
        loss = self.loss(hardware, made, images) / images[0].numel() + s.match * self.discriminator.fool(style)
        loss = loss + s.told * told + s.hide * self.adversary.hidden(style, self.model.usual)
        loss = loss + s.change * shown + s.person * person
        self.discriminator.gradient = update(hardware, self.model, self.optimizers["model"], loss)
        return {"psnr": batch_psnr(made, images), "told": told, "shown": shown, "person": person} | figures

    def classified(self, changed: Tensor, made: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """How far faces are from showing what they shall, and from being the person that they were."""
        classifier = self.classifier.to(changed.device)
        logits, vectors = classifier(changed)
        with torch.no_grad():
            _, before = classifier(made)
        found = logits.float()[:, self.places.to(changed.device)] * self.signs.to(changed.device)
        return F.binary_cross_entropy_with_logits(found, wanted), 1 - (vectors * before).sum(1).mean()

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: faces, reconstructions, each attribute turned on, faces of random styles."""
        images = self.batch(dice)[:SHOWN]
        codes = self.codes(network, images.to(next(network.parameters()).device))
        lines = [images, self.pictures(network, codes)]
        for k in range(self.labels):
            turned = codes.clone()
            turned[:, self.settings.style + k] = 1
            lines.append(self.pictures(network, turned))
        codes[:, : self.settings.style] = torch.randn(codes[:, : self.settings.style].shape, generator=dice.torch)
        return rows(*lines, self.pictures(network, codes))

    def measured(self) -> dict[str, Any]:
        """The attributes too, in their order, and how often faces have them."""
        usual = zip(self.settings.attributes, self.model.usual.tolist(), strict=True)
        return super().measured() | {"attributes": {name: round(share, 3) for name, share in usual}}


def exchanged(truth: Tensor, dice: Dice) -> Tensor:
    """Attributes (B, K), one of each row turned around."""
    one = torch.randint(truth.shape[1], (len(truth), 1), generator=dice.torch).to(truth.device)
    return torch.where(torch.arange(truth.shape[1], device=truth.device) == one, 1 - truth, truth)
