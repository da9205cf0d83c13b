"""Training of the autoencoder of faces with style and attributes apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

import imgen
from imgen.faces.training.asked import ASKED, Asked, Sliders, regions
from imgen.faces.training.judges import Judge, surprise
from imgen.faces.training.marks import Classifier, Table, seen, table
from imgen.faces.training.perceptual import charbonnier, unlike
from imgen.faces.training.portraits import batch_of, coarse_squares, columns, portraits
from imgen.faces.training.views import moved, tinted, view
from imgen.training.data import kept
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Width, rows, update

from ..networks import Autoencoder, labelled
from .adversaries import AttributeAdversary
from .base import SHOWN
from .damage import damaged
from .matching import Matching, MatchSettings
from .priors import draw as draw_prior
from .warm_start import start_from
from .whitening import Moments, whiten

STARTED = 2000  # faces that the codes of a VAE are whitened by
SLIDERS = {
    name: "male" if name == "gender" else name
    for name in ("smile", "mouth_open", "age", "glasses", "gender", "beard", "moustache", "makeup", "eyes_closed")
}


class FacesSettings(MatchSettings):
    """Settings of the faces' autoencoder."""

    level: bool = Field(False, description="Give codes mean 0 and spread 1 by a batch norm")
    style: int = Field(320, ge=1, description="Numbers of a code, beside the attributes'")
    widths: tuple[Width, ...] = Field((64, 96, 144, 176), description="Channels at 1/2 of the size, at 1/4 and so on")
    start: str = Field("", description="A VAE to begin with, such as vae/closeup; empty begins from nothing")
    directions: str = Field("", description="What attributes move in its codes at first; empty: by least squares")
    decoder: float = Field(1.0, ge=0, description="The decoder's learning rate beside the rest's; 0 keeps it")
    rate: float = Field(6e-4, gt=0, description="Learning rate at its peak")
    batch: int = Field(16, ge=2, description="Pictures in a step")
    held_out: int = Field(500, ge=0, description="The last so many pictures are never seen")
    match: float = Field(0.002, ge=0, description="Weight of fooling the critic beside the mean error of a value")
    critic_rate: float = Field(3e-4, gt=0, description="Learning rate of the critic at its peak")
    r1: float = Field(1.0, ge=0, description="Weight of the critic's squared gradient at samples of the prior")
    critic_width: int = Field(512, ge=1, description="Of the critic's two layers")
    attributes: dict[str, str] = Field(SLIDERS, description="Sliders and their mark or column; - turns one around")
    features: float = Field(0.01, ge=0, description="Weight of the distance of features")
    told: float = Field(0.01, ge=0, description="Weight of telling the attributes of a face right")
    hide: float = Field(0.004, ge=0, description="Weight of keeping attributes out of the style")
    change: float = Field(0.025, ge=0, description="Weight of showing attributes that were exchanged")
    kept: float = Field(0.15, ge=0, description="Weight of the change, most where none is needed")
    damage: float = Field(
        0.3, ge=0, le=1, description="Share of the faces that are pixelated, blurred, noisy or covered"
    )


class Faces(Matching):
    """aae/faces: close faces of 128x128 as a style, which shall be normal and know no attribute, and attributes.

    Beside the three parts of `Matching`: an adversary that must not find the attributes in the style (Fader networks,
    Lample et al., arXiv 1706.00409), and faces with one attribute exchanged, in which a judge of EfficientNet-Lite0's
    features shall find the new one (AttGAN, He et al., arXiv 1711.10678), changed where that is to be seen only.
    """

    name = "aae/faces"
    task = "codes of faces with style and attributes apart, to restyle and mend them"
    layout = "DIR: fairface_128, or DIR/images/ with square faces and DIR/attributes.csv: file, then columns of 0 and 1"
    terms = "those of the faces"
    channels, size = 3, 128
    Settings: ClassVar[type[Settings]] = FacesSettings

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.labels = len(self.settings.attributes)  # pyright: ignore[reportAttributeAccessIssue]: not of the class
        self.begun: dict[str, Tensor] = {}  # weights to start with

    def load(self, folders: Sequence[Path]) -> None:
        """Faces, what they show, and a judge that has learned it.

        Raises:
            DataError: nothing tells what the faces show.
        """
        found, sliders = known_faces(folders, self.settings)
        self.images, self.count = found.images, len(found.images)
        self.asked = Sliders(list(sliders), list(sliders.values()), found.kinds, found.shown)
        self.judge = Judge(Classifier(found.features, found.shown))
        self.truth = found.shown[:, self.asked.columns]
        self.cost = regions(list(sliders), self.size)

    def batch(self, dice: Dice) -> Tensor:
        """Random faces."""
        return self.some(dice, dice.numpy.integers(0, self.count, self.settings.batch))

    def some(self, dice: Dice, chosen: NDArray[np.int64]) -> Tensor:
        """Those faces, half of them mirrored, some moved and in another light."""
        mirrored = dice.numpy.random(len(chosen)) < 0.5
        return tinted(moved(batch_of(self.images, np.where(mirrored, ~chosen, chosen)), dice.torch), dice.torch)

    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """The mean error of a value."""
        return charbonnier(made, images)

    def build(self) -> None:
        """The autoencoder, the discriminator on its codes, and the adversary that looks for attributes in them."""
        super().build()
        s, model = self.settings, self.model
        if hasattr(self, "truth"):  # without data it is built for an export
            model.usual.copy_(torch.from_numpy(self.truth.mean(0)))
        if s.start and hasattr(self, "truth"):
            if not self.begun:  # networks are built anew for each way to compute that is tried
                some = np.arange(min(STARTED, self.count))
                shown = torch.from_numpy(self.truth[some])
                start_from((s.start, s.directions), model, batch_of(self.images, some), shown, list(s.attributes))
                self.begun = {key: value.clone() for key, value in model.state_dict().items()}
            model.load_state_dict(self.begun)
            self.begun_with = imgen.model(s.start).card["training"]
        model.decoder.requires_grad_(s.decoder > 0)
        decoder = {id(parameter) for parameter in model.decoder.parameters()}
        rest = [parameter for parameter in model.parameters() if id(parameter) not in decoder]
        groups = [{"params": rest}, {"params": model.decoder.parameters(), "lr": s.rate * s.decoder}]
        self.optimizers["model"] = torch.optim.AdamW(groups, s.rate, weight_decay=s.decay)
        self.adversary = AttributeAdversary(s.style, s.critic_width, self.labels, s.critic_rate)
        self.moments = self.networks["moments"] = Moments(s.style)
        self.networks["adversary"], self.optimizers["adversary"] = self.adversary.critic, self.adversary.optimizer

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode; decode with the same and with exchanged attributes; critic and adversary learn; then the rest."""
        s = self.settings
        self.model.decoder.train(s.decoder > 0)  # one that is kept also keeps its batch norms
        edits = self.asked.draw(dice.numpy, s.batch)
        clean, half = self.some(dice, edits.faces), s.batch // 2
        images, bad = (hardware.place(part) for part in (clean, damaged(clean, s.damage, dice.numpy)))
        truth = hardware.place(torch.from_numpy(self.truth[edits.faces]))
        with hardware.autocast():
            style, logits = self.model.encode(bad)
            label = labelled(style, logits, exclusive=False)[1]
            other = hardware.place(exchanged(edits, self.asked, half)) * 2 - 1
            other = torch.where(other.isnan(), label[:half], other)
            codes = torch.cat([torch.cat([style, label], 1), torch.cat([style[:half], other], 1)])
            made, changed = self.model.decode(codes).float().sigmoid().split([s.batch, half])
        prior = hardware.place(torch.from_numpy(draw_prior(s.prior, s.batch, s.style, dice.numpy)))
        self.moments.follow(style)
        figures = self.discriminator.update(hardware, dice, prior, style)
        figures |= {"found": self.adversary.update(hardware, style, truth)}
        costs = self.costs(hardware, dice, edits, (images, made, changed))
        told = nn.functional.binary_cross_entropy_with_logits(logits, truth)
        loss = self.fit(made, images) + s.told * told + torch.stack([*costs.values()]).sum()
        loss = loss + s.match * self.discriminator.fool(style)
        loss = loss + s.hide * self.adversary.hidden(style, self.model.usual)
        self.discriminator.gradient = update(hardware, self.model, self.optimizers["model"], loss)
        return {"psnr": batch_psnr(made, images), "told": told} | {k: v.detach() for k, v in costs.items()} | figures

    def costs(
        self, hardware: Hardware, dice: Dice, edits: Asked, pictures: tuple[Tensor, Tensor, Tensor]
    ) -> dict[str, Tensor]:
        """What counts beside the pixels: features, what a judge sees in changed faces, and what else changed there."""
        s, (images, made, changed) = self.settings, pictures
        half, judge = len(changed), hardware.place(self.judge)
        target, weight = (hardware.place(torch.from_numpy(part[:half])) for part in (edits.target, edits.weight))
        cost = hardware.place(self.cost)[torch.from_numpy(edits.slider[:half]).to(made.device)]
        costs = {"kept": s.kept * (cost * (changed - made[:half]).abs()).mean()}
        with hardware.autocast():
            logits = judge(view(changed, dice.torch))
            if s.features:
                with torch.no_grad():
                    truth = judge.network(images)
                costs["features"] = s.features * unlike(judge.network(made), truth).mean()
        return costs | {"shown": s.change * (surprise(logits, target) * weight).sum(1).mean() / ASKED}

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

    def export(self, network: nn.Module) -> Exported:
        """See `Codec`; styles are whitened once more. Weights of eight bits, whose pictures look the same."""
        assert isinstance(network, Autoencoder)
        whiten(network, self.moments.mean, self.moments.covariance)
        return super().export(network)._replace(bits=8)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Coarse squares of random colour, and random codes."""
        image = coarse_squares(rng, batch, self.size)
        return super().example(rng, batch, height, width) | {"image": image}


def known_faces(folders: Sequence[Path], s: FacesSettings) -> tuple[Table, dict[str, str]]:
    """Faces less those held out and what they show, and for each slider the kind of that which it changes.

    Raises:
        DataError: a column is missing, or there is neither attributes.csv nor labels.csv.
    """
    if not (folders[0] / "attributes.csv").exists():
        return table(folders, s.held_out), s.attributes
    found, names = portraits(folders, Faces.size), list(s.attributes)
    count = kept(len(found.images), s.held_out)
    images, shown = found.images[:count], columns(found, s.attributes)[:count]
    nowhere = np.zeros((count, 0), np.float32)  # nobody asks for origins here
    return Table(images, seen(images), names, shown, nowhere), dict(zip(names, names, strict=True))


def exchanged(edits: Asked, sliders: Sliders, count: int) -> Tensor:
    """What the first `count` faces shall show of each slider's mark (count, K), 0 to 1; NaN what they show already."""
    wanted = np.full((count, len(sliders.names)), np.nan, np.float32)
    rows, changed = np.arange(count), edits.slider[:count]
    wanted[rows, changed] = edits.target[rows, np.array(sliders.columns)[changed]]
    return torch.from_numpy(wanted)
