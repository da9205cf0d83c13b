"""Directions in the space of codes, learned from faces that have an attribute and faces that have not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.faces.attributes import COLUMNS, TEXTS
from imgen.faces.training.portraits import columns, portraits
from imgen.training.checkpoint import as_bytes, as_checksum
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows, update

from ..tools.codes import HEAD, Space, decoded, latent, network
from .labels import LIGHT, LIGHTS, encoded, lighting, two_folders

CHECKED = 5  # every fifth face is kept to measure the accuracy

KEPT = {
    "smile": ["age", "glasses", "gender", LIGHT],
    "mouth_open": ["age", "glasses", "gender", LIGHT],
    "age": ["smile", "glasses", "gender", LIGHT],
    "glasses": ["smile", "age", "gender"],  # they do take light away
    "gender": ["smile", "age", "glasses", LIGHT],
    "beard": ["smile", "age", "glasses", "gender", LIGHT],
    "makeup": ["smile", "age", "gender", LIGHT],
    "blond": ["smile", "age", "glasses", "gender", LIGHT],
    "black_hair": ["smile", "age", "glasses", "gender", LIGHT],
    "bangs": ["smile", "age", "glasses", "gender", LIGHT],
}


class DirectionSettings(Settings):
    """How directions are learned."""

    latent: int = Field(256, ge=1, description="Length of the codes of vae/faces")
    rate: float = Field(0.02, gt=0, description="Learning rate at its peak")
    decay: float = Field(3.0, ge=0, description="Weight decay; the fewer the faces, the more")


class DirectionsSettings(DirectionSettings):
    """Which directions, and from which faces."""

    sliders: dict[str, str] = Field(COLUMNS, description="Names of sliders and their column, -COLUMN for its opposite")
    kept: dict[str, list[str]] = Field(KEPT, description='For each slider, what it leaves alone: others, or "light"')
    first: int = Field(0, ge=0, description="The first face of the table that is used")
    last: int = Field(4500, ge=2, description="The face after the last one that is used")


class Directions(Trainer):
    """vae/directions: logistic regression on the codes of `vae/faces` (InterFaceGAN, Shen et al., arXiv 1907.10786)."""

    name = "vae/directions"
    task = "directions in the codes of faces, for the sliders of edit_face"
    layout = "DIR...: DIR/images/ with aligned square faces and DIR/attributes.csv: file, then columns of 0 and 1"
    terms = "those of the faces and of the vae/faces that is in use"
    Settings: ClassVar[type[Settings]] = DirectionsSettings
    settings: Any  # a DirectionsSettings
    space: ClassVar[Space] = HEAD
    known_by: ClassVar[str] = "column"  # what tells which faces have an attribute
    limit: float | None = None  # see `Combination`

    def load(self, folders: Sequence[Path]) -> None:
        """Encode the faces, and take down which of them have what."""
        if self.settings.latent != latent():
            raise DataError(f"vae/faces has codes of {latent()} numbers; give --set latent={latent()}")
        crops, truth = self.labelled(folders)
        codes = encoded(np.concatenate([crops, crops[:, :, ::-1]]))  # each face and its mirror image
        self.codes, self.truth = torch.from_numpy(codes), torch.from_numpy(np.concatenate([truth, truth]))
        self.light = torch.from_numpy(lighting(np.concatenate([crops, crops[:, :, ::-1]])))
        self.checked = torch.arange(len(codes)) % len(crops) % CHECKED == 0

    def labelled(self, folders: Sequence[Path]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Aligned faces (N, 64, 64, 3), and for each slider whether they have the attribute (N, K)."""
        table, part = portraits(folders), slice(self.settings.first, self.settings.last)
        return table.images[part].astype(np.float32) / np.float32(255), columns(table, self.settings.sliders)[part]

    def build(self) -> None:
        """One logistic regression for each slider, all on the same codes."""
        s = self.settings
        self.model = Regression(s.latent, len(s.sliders))
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """All faces at once; every fifth only counts for the accuracy."""
        model, optimizer = self.model, self.optimizers["model"]
        if dice.step == 0:
            model.describe(self.codes, self.light, network().checksum)
        logits = model(hardware.place(self.codes))  # (N, K)
        truth, used = hardware.place(self.truth), ~hardware.place(self.checked)
        loss = F.binary_cross_entropy_with_logits(logits[used], truth[used])
        update(hardware, model, optimizer, loss, clip=math.inf)
        right = ((logits > 0) == (truth > 0.5))[~used].float().mean()
        return {"loss": loss, "accuracy": right}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """The average face with -3, -1.5, 0, 1.5 and 3 of each slider, a row each."""
        amounts = torch.linspace(-3, 3, 5)[:, None]
        lines = [decoded((amounts * row).numpy(), self.space) for row in self.directions(network)]
        return rows(*(torch.from_numpy(line).permute(0, 3, 1, 2) for line in lines))

    def export(self, network: nn.Module) -> Exported:
        """Amounts (B, K) in standard deviations to the change (B, latent) of a code."""
        sliders = self.settings.sliders
        texts = {name: TEXTS.get(name, f"From the {self.known_by} {source}") for name, source in sliders.items()}
        measured = {"sliders": texts, "codes_of": as_checksum(network.get_buffer("of")), "space": self.space.model}
        spec = {"amounts": {0: "batch"}}
        combination = Combination(self.directions(network), self.limit, self.down(network))
        return Exported(combination, self.example, ["offset"], spec, 1, None, measured)

    def directions(self, model: nn.Module) -> Tensor:
        """All changes of code (K, latent), one standard deviation each."""
        assert isinstance(model, Regression)
        names, kept = list(self.settings.sliders), self.settings.kept
        found: list[Tensor] = []
        for i, name in enumerate(names):
            others = [names.index(other) for other in kept.get(name, []) if other in names]
            found.append(model.direction(i, others, LIGHT in kept.get(name, [])))
        return torch.stack(found)

    def down(self, model: nn.Module) -> Tensor | None:
        """The changes of code of negative amounts, where they are others."""
        return None

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random amounts."""
        return {"amounts": rng.standard_normal((batch, len(self.settings.sliders)), dtype=np.float32)}


class OwnSettings(DirectionSettings):
    """How a direction of one's own is learned."""

    sliders: dict[str, str] = Field({"": "two folders"}, description="Leave it; the slider is named as the export is")
    kept: dict[str, list[str]] = Field({"": [LIGHT]}, description="Leave it, or give {} to let it change the light")


class Direction(Directions):
    """vae/direction: one direction, from two folders of photos: faces with and without what is meant.

    The slider is named as the model is exported: `imgen export RUN --name vae/freckles` makes `edit_face:freckles=2`.
    """

    name = "vae/direction"
    task = "a direction in the codes of faces, learned from two folders"
    layout = "WITH WITHOUT: two folders of photos, faces that have it and faces that have not"
    terms = "those of the photos and of the vae/faces that is in use"
    Settings: ClassVar[type[Settings]] = OwnSettings

    def labelled(self, folders: Sequence[Path]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The faces of the first folder have it, those of the second have not."""
        if len(folders) != 2:
            raise DataError(f"give --data two folders, photos of faces with and without it; got {len(folders)}")
        return two_folders(*folders)


class Regression(nn.Module):
    """Logistic regressions on codes, and what their directions depend on besides."""

    covariance: Tensor  # (latent, latent) of the codes
    light: Tensor  # (LIGHTS, latent), normals of linear regressions of the light on the codes
    of: Tensor  # (32,) bytes of the checksum of the model that the codes come from

    def __init__(self, latent: int, count: int) -> None:
        super().__init__()
        self.linear = nn.Linear(latent, count)
        self.register_buffer("covariance", torch.eye(latent))
        self.register_buffer("light", torch.zeros(LIGHTS, latent))
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))

    def describe(self, codes: Tensor, light: Tensor, checksum: str) -> None:
        """Take down the codes' covariance, how they tell the light, and whose codes they are."""
        self.covariance.copy_(torch.cov(codes.T))
        ridge = 0.01 * torch.eye(codes.shape[1])
        cross = (codes - codes.mean(0)).T @ (light - light.mean(0)) / len(codes)  # (latent, LIGHTS)
        self.light.copy_(torch.linalg.solve(self.covariance.cpu() + ridge, cross).T)
        self.of.copy_(as_bytes(checksum))

    def forward(self, codes: Tensor) -> Tensor:
        """Logits (B, K) of codes (B, latent)."""
        return self.linear(codes)

    @torch.no_grad()
    def direction(self, index: int, others: list[int], light: bool) -> Tensor:
        """The change of code (latent,) that raises one score, and some others not at all.

        Of all such changes the likeliest: with the normals W of the scores, its own first, and the covariance S of the
        codes, the first column of S W^T (W S W^T)^-1. (The plain normal is the change of least length instead; it
        leads away from where codes are.) Its length is one standard deviation of the codes along it.
        """
        rows = self.linear.weight[[index, *others]]
        w = torch.cat([rows, self.light] if light else [rows]).double().cpu()  # (1 + others + LIGHTS, latent)
        s = self.covariance.double().cpu()
        way = torch.linalg.solve(w @ s @ w.T, w @ s)[0]
        return (way * (way @ s @ way).sqrt() / (way @ way)).float()


class Combination(nn.Module):
    """Amounts times directions (K, code).

    Args:
        directions: changes of code (K, code).
        limit: amounts grow ever slower toward it, so that the ends of a slider still show faces; None for no limit.
        down: the changes of negative amounts (K, code), where they are not the same.
    """

    def __init__(self, directions: Tensor, limit: float | None = None, down: Tensor | None = None) -> None:
        super().__init__()
        self.directions, self.limit = nn.Parameter(directions, requires_grad=False), limit
        self.down = None if down is None else nn.Parameter(down, requires_grad=False)

    def forward(self, amounts: Tensor) -> Tensor:
        """(B, K) to (B, code)."""
        if self.limit is not None:
            amounts = self.limit * (amounts / self.limit).tanh()
        if self.down is None:
            return amounts @ self.directions
        return amounts.relu() @ self.directions - (-amounts).relu() @ self.down
