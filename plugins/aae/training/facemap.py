"""Training of the map of faces: an adversarial autoencoder of the codes that faces have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

import imgen
from imgen.contract.arrays import Array
from imgen.faces.training.measures import planes
from imgen.faces.training.portraits import portraits
from imgen.training import checkpoint
from imgen.training.data import kept
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Width, rows, update

from ..networks import Plane
from ..tools.codes import FACE, decoded, encoded, numbers
from .adversaries import CodeDiscriminator
from .matching import Matching, MatchSettings
from .priors import draw as draw_prior

COARSE = 16  # side of the pictures by which numbers of a code are weighed
PART = 250  # faces at once
OWN = 0.02  # weight of a number for itself, beside what it changes of a picture


class FaceMapSettings(MatchSettings):
    """Settings of the map of faces."""

    code: int = Field(329, ge=1, description="Numbers in a code of aae/faces, with its attributes")
    widths: tuple[Width, ...] = Field((256, 256), description="Of the hidden layers")
    batch: int = Field(256, ge=2, description="Faces in a step")
    held_out: int = Field(500, ge=0, description="The last so many faces are never seen")


class FaceMap(Matching):
    """aae/facemap: codes of `aae/faces` on a plane.

    What is drawn of a place is what `aae/faces` draws of the code that is likeliest there: sharp, where the mean of
    pictures would be a blur.
    """

    name = "aae/facemap"
    task = "a map of faces, in two dimensions"
    layout = "DIR: close faces as aae/faces knows them, DIR/images/"
    terms = "those of the faces and of the aae/faces that is in use"
    Settings: ClassVar[type[Settings]] = FaceMapSettings

    def load(self, folders: Sequence[Path]) -> None:
        """The codes of faces, and how much each number of a code changes of a picture."""
        images = portraits(folders, FACE).images
        images = images[: kept(len(images), self.settings.held_out)].astype(np.float32) / np.float32(255)
        found = [encoded("aae/faces", images[i : i + PART]) for i in range(0, len(images), PART)]
        self.codes_of = torch.from_numpy(np.concatenate(found))
        self.weights = torch.from_numpy(changes(images, self.codes_of.numpy()))

    def build(self) -> None:
        """Both halves, and the discriminator on places."""
        s = self.settings
        self.model = Plane(s.code, s.style, s.widths, s.level)
        if hasattr(self, "codes_of"):
            self.model.describe(self.codes_of, imgen.model("aae/faces").checksum)
        self.discriminator = CodeDiscriminator(s.loss, s.style, s.critic_width, s.critic_rate, s.r1)
        self.networks = {"model": self.model, "critic": self.discriminator.critic}
        self.optimizers = {
            "model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay),
            "critic": self.discriminator.optimizer,
        }

    def batch(self, dice: Dice) -> Tensor:
        """Random codes (B, code)."""
        return self.codes_of[torch.from_numpy(dice.numpy.integers(0, len(self.codes_of), self.settings.batch))]

    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """The mean squared error of codes, weighed by what they change of a picture."""
        return F.mse_loss(made @ self.weights.to(made), images @ self.weights.to(images))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Codes to places and back; the critic learns; then the rest."""
        s = self.settings
        codes = hardware.place(self.batch(dice))
        place = self.model.encode(codes)
        prior = hardware.place(torch.from_numpy(draw_prior(s.prior, len(codes), s.style, dice.numpy)))
        seen = self.discriminator.update(hardware, dice, prior, place)
        error = self.fit(self.model.decode(place), codes)
        loss = error + s.match * self.discriminator.fool(place)
        self.discriminator.gradient = update(hardware, self.model, self.optimizers["model"], loss)
        return {"error": error} | seen

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """The map, eight places a side."""
        assert isinstance(network, Plane)
        line = torch.linspace(-2, 2, 8)
        places = torch.cartesian_prod(-line, line).flip(1)
        with torch.no_grad():
            made = decoded("aae/faces", network.cpu().decode(places).numpy())
        return rows(*torch.from_numpy(planes(made)).split(8))

    def measured(self) -> dict[str, Any]:
        """The prior, and whose codes they are."""
        of = checkpoint.as_checksum(self.model.get_buffer("of"))
        return {"prior": self.settings.prior, "codes_of": of}

    def export(self, network: nn.Module) -> Exported:
        """See `Plane`."""
        names = {name: {0: "batch"} for name in ("code", "place")}
        return Exported(network, self.example, ["code_there", "place_of"], names, 1, None, self.measured())

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random codes and places."""
        s = self.settings
        sizes = {"code": s.code, "place": s.style}
        return {name: rng.standard_normal((batch, size), dtype=np.float32) for name, size in sizes.items()}


def changes(images: Array, codes: Array) -> Array:
    """What numbers of codes (N, D) change of coarse pictures, by least squares, and a little for themselves (D, M)."""
    coarse = F.interpolate(torch.from_numpy(planes(images)), size=COARSE, mode="area").flatten(1).numpy()
    known = codes - codes.mean(0)
    found = np.linalg.lstsq(known.astype(np.float64), (coarse - coarse.mean(0)).astype(np.float64), rcond=1e-3)[0]
    scale = np.sqrt(np.square(known @ found).sum(1).mean())  # so that all codes together differ by about 1
    own = OWN * np.eye(known.shape[1])
    assert numbers(imgen.model("aae/faces")) == len(own)
    return np.concatenate([found / scale, own], 1).astype(np.float32)
