"""Directions in the codes of close faces, from marks made by eye and what is known of the people; or learned ones.

A code is taken for a sum: what is common to all, and for each thing that a face shows a change of its own. Least
squares find these changes at once, so that each is what differs between faces that are alike in the rest: partial
regression, where attribute vectors (White, arXiv 1609.04468) are differences of means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen.contract.arrays import Array
from imgen.faces.training.marks import table
from imgen.training import checkpoint
from imgen.training.checkpoint import as_bytes
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Hardware, Settings

from ..tools.codes import CLOSE, latent, network
from .directions import Directions
from .labels import LIGHT, encoded, lighting

AREA = np.s_[32:112, 28:100]  # of the face, in its crop of 128 pixels

LIMIT = 2.2  # of amounts of learned directions
FULL = {  # chosen by what judges see, and how little it takes; on new faces it takes more than on those trained on
    "smile": (1.6, 1.73),
    "mouth_open": (2.47, 1.38),
    "age": (2.75, 3.6),
    "glasses": (1.7, 1.35),
    "gender": (2.42, 2.35),
    "beard": (2.25, 2.0),
    "moustache": (1.43, 1.65),
    "makeup": (1.5, 1.0),
    "eyes_closed": (1.87, 1.2),
}
SERIOUS = {"smile": {"mouth_open": 0.3}}  # who stops smiling also shuts the mouth
NAMES = ("smile", "mouth_open", "age", "glasses", "gender", "beard", "moustache", "makeup", "eyes_closed")
SLIDERS = {name: "male" if name == "gender" else name for name in NAMES}
EYES = ["glasses", "sunglasses", "eyes_closed"]
HAIRS = ["beard", "moustache", "makeup"]
KEPT = {
    "smile": ["age", "male", "glasses", "sunglasses", "mouth_open", *HAIRS, LIGHT],
    "mouth_open": ["smile", "age", "male", *EYES, *HAIRS, LIGHT],
    "age": ["smile", "male", *EYES, "mouth_open", "hat", LIGHT],
    "glasses": ["smile", "age", "male", "sunglasses", "eyes_closed", "mouth_open", *HAIRS, LIGHT],
    "gender": ["smile", "age", *EYES, "mouth_open", LIGHT],
    "beard": ["smile", "age", "male", *EYES, "mouth_open", "hat", LIGHT],
    "moustache": ["smile", "age", "male", *EYES, "mouth_open", "hat", "beard", LIGHT],
    "makeup": ["smile", "age", "male", *EYES, "mouth_open", LIGHT],
    "eyes_closed": ["smile", "age", "male", "glasses", "sunglasses", "mouth_open", "hat", *HAIRS, LIGHT],
}


class CloseupDirectionsSettings(Settings):
    """Which directions, and from which faces."""

    latent: int = Field(320, ge=1, description="Length of the codes of vae/closeup")
    sliders: dict[str, str] = Field(SLIDERS, description="Names of sliders and their mark, or age or male")
    kept: dict[str, list[str]] = Field(KEPT, description='For each slider, what it leaves alone: marks, or "light"')
    held_out: int = Field(500, ge=0, description="The last so many faces are never used")
    learned: str = Field("", description="A run of vae/closeup-edits: its directions are taken, and nothing is learned")
    full: dict[str, tuple[float, float]] = Field(
        FULL, description="With learned, how much of a direction 2.5 of its slider is, and -2.5"
    )
    brings: dict[str, dict[str, float]] = Field(
        SERIOUS, description="With learned, what parts of others negative amounts of a slider bring"
    )


class CloseupDirections(Directions):
    """vae/closeup-directions: one least-squares fit a slider, done in the first step."""

    name = "vae/closeup-directions"
    task = "directions in the codes of close faces, for the sliders of edit_face"
    layout = "DIR: fairface_128, DIR/images/ and DIR/labels.csv with image, age, gender and origin"
    terms = "those of the faces and of the vae/closeup that is in use"
    Settings: ClassVar[type[Settings]] = CloseupDirectionsSettings
    settings: CloseupDirectionsSettings
    space = CLOSE
    known_by = "mark"

    def load(self, folders: Sequence[Path]) -> None:
        """Encode the faces, and take down what they show; or find the run whose directions are taken."""
        if self.settings.learned:
            self.run = Path(self.settings.learned) / checkpoint.CHECKPOINT
            check_run(self.run, list(self.settings.sliders))
            return
        if self.settings.latent != latent(CLOSE):
            raise DataError(f"vae/closeup has codes of {latent(CLOSE)} numbers; give --set latent={latent(CLOSE)}")
        images, _, kinds, shown, self.origins = table(folders, self.settings.held_out)
        self.shown = dict(zip(kinds, shown.T, strict=True))
        used = {*self.settings.sliders.values(), *chain.from_iterable(self.settings.kept.values()), LIGHT}
        if unknown := used - {*self.shown, LIGHT}:
            raise DataError(f"{min(unknown)} is not known of the faces; there are {', '.join(self.shown)}")
        crops = images.astype(np.float32) / np.float32(255)
        self.codes, self.light, self.view = encoded(crops, CLOSE), lighting(crops, AREA), viewing(crops)

    def build(self) -> None:
        """A table of changes; nothing in it is learned by gradients."""
        s = self.settings
        self.limit = LIMIT if s.learned else None  # here, as an export by itself loads no data
        self.changes = Changes(len(s.sliders), s.latent)
        self.networks = {"model": self.changes}
        self.optimizers = {}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """All sliders at once; further steps find the same."""
        model = self.changes
        model.of.copy_(as_bytes(network(CLOSE).checksum))
        if self.settings.learned:
            up, down = taken(self.run, self.settings)
            model.directions.copy_(up)
            model.down.copy_(down)
            return {"strength": float(model.directions.norm(dim=1).mean())}
        spread = np.cov(self.codes.T)
        strength: list[float] = []
        for i, (name, mark) in enumerate(self.settings.sliders.items()):
            change = self.change(mark, self.settings.kept.get(name, []))
            length = float(np.linalg.norm(change))
            unit = change / length
            deviation = float(np.sqrt(unit @ spread @ unit))
            model.directions[i].copy_(torch.from_numpy((deviation * unit).astype(np.float32)))
            strength.append(length / deviation)
        return {"strength": float(np.mean(strength))}

    def change(self, mark: str, kept: list[str]) -> NDArray[np.float64]:
        """How codes (latent,) differ between faces with and without it that are alike in what is kept."""
        columns = [self.shown[mark], *(self.shown[name] for name in kept if name != LIGHT)]
        light = self.light if LIGHT in kept else self.light[:, -1:]
        known = np.column_stack([*columns, self.origins, light, self.view, np.ones(len(self.codes))])
        return np.linalg.lstsq(known.astype(np.float64), self.codes.astype(np.float64), rcond=None)[0][0]

    def directions(self, model: nn.Module) -> Tensor:
        """All changes of code (K, latent), one standard deviation each."""
        return model.get_buffer("directions").cpu()

    def down(self, model: nn.Module) -> Tensor | None:
        """Learned directions are others for less than for more."""
        return model.get_buffer("down").cpu() if self.settings.learned else None


class Changes(nn.Module):
    """Changes of code, one standard deviation each, and whose codes they are."""

    directions: Tensor  # (K, latent)
    down: Tensor  # (K, latent), of negative amounts, where they were learned
    of: Tensor  # (32,) bytes of the checksum of the model that the codes come from

    def __init__(self, count: int, latent: int) -> None:
        super().__init__()
        self.register_buffer("directions", torch.zeros(count, latent))
        self.register_buffer("down", torch.zeros(count, latent))
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))


def check_run(run: Path, sliders: list[str]) -> None:
    """That it is the run that the vae/closeup in use comes from.

    Raises:
        DataError: it is another one, or none.
    """
    if not run.exists():
        raise DataError(f"there is no {run}; give learned=RUN, a folder of `imgen train vae/closeup-edits --out RUN`")
    about, card = checkpoint.about(run), network(CLOSE).card["training"]
    if any(about[key] != card[key] for key in ("model", "step", "seconds")):
        raise DataError(f"the vae/closeup in use comes from another run; imgen export {run.parent} --name vae/closeup")
    if list(about["settings"]["sliders"]) != sliders:
        raise DataError(f"{run} has the sliders {', '.join(about['settings']['sliders'])}; give the same")


def taken(run: Path, settings: CloseupDirectionsSettings) -> tuple[Tensor, Tensor]:
    """A run's directions (K, latent), in the order of exported codes, for positive and for negative amounts."""
    tensors, _ = checkpoint.read(run)
    order = tensors["net/average/rate"].argsort(descending=True, stable=True)
    half = LIMIT * math.tanh(2.5 / LIMIT)  # what becomes of 2.5
    full = torch.tensor([settings.full[name] for name in settings.sliders]) / half  # (K, 2)
    up, down = full.T[:, :, None] * tensors["net/directions/directions"][:, order]
    names, parts = list(settings.sliders), torch.eye(len(down))
    for name, others in settings.brings.items():
        for other, part in others.items():
            parts[names.index(name), names.index(other)] = part
    return up, parts @ down


def viewing(crops: Array) -> Array:
    """What a picture is like beside its face (N, 5): contrast, sharpness, and the light left, right and above."""
    grey = crops.mean(3)
    face = grey[:, *AREA]
    sharp = np.log(np.abs(np.diff(face, axis=2)).mean((1, 2)) + 1e-3)
    around = [grey[:, :, :10].mean((1, 2)), grey[:, :, -10:].mean((1, 2)), grey[:, :20].mean((1, 2))]
    return np.column_stack([face.std((1, 2)), sharp, *around]).astype(np.float32)
