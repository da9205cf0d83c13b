"""Training of vae/faces: a variational autoencoder of faces with their hair."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from torch import Tensor

from imgen.faces.training.perceptual import FaceLoss
from imgen.faces.training.portraits import batch_of, draw, portraits
from imgen.training.trainer import Dice, Hardware, Settings

from .gaussian import Gaussian, GaussianSettings


class FacesSettings(GaussianSettings):
    """Settings of the faces' VAE."""

    features: float = Field(0.5, ge=0, description="Weight of the loss on features beside that on pixels")


class Faces(Gaussian):
    """vae/faces: aligned faces of 64x64."""

    name = "vae/faces"
    task = "codes of faces, to edit, mix and invent them"
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/"
    terms = "those of the faces; with features for research only, as the network that they come from"
    Settings: ClassVar[type[Settings]] = FacesSettings
    channels, size = 3, 64

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces, see `imgen.faces.training.portraits`."""
        self.images = portraits(folders, self.size).images
        self.loss = FaceLoss(self.settings.features)

    def batch(self, dice: Dice) -> Tensor:
        """Random faces, mirrored or not."""
        count = len(self.images) - self.settings.held_out
        return batch_of(self.images, draw(dice.numpy, self.settings.batch, 0, count))

    def fit(self, hardware: Hardware, made: Tensor, images: Tensor) -> Tensor:
        """Likelihood of pixels and of features."""
        return self.loss(hardware, made, images)
