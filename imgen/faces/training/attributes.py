"""Training of core/attributes, which tells faces apart: its features are a loss, its answers a measurement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from ...training.data import DataError
from ...training.trainer import Dice, Exported, Hardware, Settings, Trainer, Width, Wrapped, rows, update
from ..crop import SIZE
from .classifier import AttributeClassifier
from .portraits import batch_of, draw, moved, portraits, random_faces


class AttributesSettings(Settings):
    """What it is trained on, and how it is built."""

    grows: ClassVar[dict[str, int]] = {"batch": 1}

    first: int = Field(0, ge=0, description="The first face it may see")
    last: int = Field(4500, ge=2, description="The face after the last one it may see")
    attributes: int = Field(40, ge=1, description="Columns of attributes.csv")
    widths: tuple[Width, Width, Width, Width] = Field(
        (32, 64, 96, 128), description="Channels at 1/2, 1/4, 1/8 and 1/16"
    )
    residual: bool = Field(False, description="Residual blocks instead of plain convolutions")
    rate: float = Field(2e-3, gt=0, description="Learning rate at its peak")
    decay: float = Field(0.05, ge=0, description="Weight decay")
    batch: int = Field(128, ge=2, description="Faces in a step, each seen twice")
    temperature: float = Field(0.2, gt=0, description="Of the contrastive loss")


class FaceAttributes(Trainer):
    """core/attributes: the attributes of aligned faces, and a vector that is alike for pictures of one person.

    Without names of the people, two damaged views of one picture stand for two pictures of one person (SimCLR, Chen et
    al., arXiv 2002.05709); what is outside the face is exchanged, so that hair and background do not identify it.
    """

    name = "core/attributes"
    task = "attributes of a face, and a vector to tell people apart"
    layout = "DIR...: DIR/images/ with aligned square faces and DIR/attributes.csv: file, then columns of 0 and 1"
    Settings: ClassVar[type[Settings]] = AttributesSettings
    settings: AttributesSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces with attributes.csv."""
        self.faces, s = portraits(folders, SIZE), self.settings
        found = len(self.faces.names)
        if found != s.attributes:
            raise DataError(f"{folders[0]} has {found} attributes in its attributes.csv; give --set attributes={found}")
        self.last = min(s.last, len(self.faces.images))

    def build(self) -> None:
        """One classifier and AdamW."""
        s = self.settings
        network = AttributeClassifier(s.attributes, s.widths, s.residual)
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.AdamW(network.parameters(), s.rate, weight_decay=s.decay)}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Two views of each face; tell the attributes of both, and which belong together."""
        s, network = self.settings, self.networks["model"]
        chosen = draw(dice.numpy, s.batch, s.first, self.last)
        faces = batch_of(self.faces.images, chosen)
        truth = torch.from_numpy(self.faces.attributes[np.where(chosen >= 0, chosen, ~chosen)]).repeat(2, 1)
        both = hardware.place(torch.cat([view(faces, dice.numpy), view(faces, dice.numpy)]))
        with hardware.autocast():
            logits, vectors = network(both)
        known = F.binary_cross_entropy_with_logits(logits.float(), hardware.place(truth))
        alike = contrast(vectors, s.temperature)
        loss = known + 0.1 * alike
        return {
            "attributes": known,
            "alike": alike,
            "gradient": update(hardware, network, self.optimizers["model"], loss),
        }

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: faces, and two views of each."""
        faces = batch_of(self.faces.images, draw(dice.numpy, 8, self.settings.first, self.last))
        return rows(faces, view(faces, dice.numpy), view(faces, dice.numpy))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities of the attributes (B, K) and unit vectors (B, 64) of faces (B, 3, 64, 64)."""
        outputs = ["attributes", "embedding"]
        return Exported(Probable(network), random_faces, outputs, {"image": {0: "batch"}}, SIZE, None)


class Probable(Wrapped):
    """The network with probabilities in place of logits."""

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Faces (B, 3, 64, 64) in 0..1."""
        logits, embedding = self.network(image)
        return logits.sigmoid(), embedding


def view(faces: Tensor, rng: np.random.Generator) -> Tensor:
    """Faces (B, 3, 64, 64) as another camera might see them: moved, other light, sharpness and background."""
    count = len(faces)
    seen = moved(faces, rng, 0.02, 4, 0.04)
    light = torch.from_numpy(rng.uniform(0.75, 1.3, (count, 3 * (rng.random() < 0.5) or 1, 1, 1)).astype(np.float32))
    seen = seen.clamp(1e-3, 1) ** light
    if rng.random() < 0.3:
        seen = F.interpolate(F.avg_pool2d(seen, 2), scale_factor=2.0, mode="bilinear")
    seen = seen + float(rng.uniform(0, 0.05)) * torch.from_numpy(rng.normal(size=seen.shape).astype(np.float32))
    keep = face_mask(float(rng.uniform(0.75, 1.3)))
    swapped = torch.from_numpy(rng.random(count) < 0.6)[:, None, None, None] * (1 - keep)
    return (seen + swapped * (seen.flip(0) - seen)).clamp(0, 1)  # the background of another one


def face_mask(width: float) -> Tensor:
    """1 on the face, 0 at the border (64, 64): an ellipse about eyes and mouth, `width` times as large as usual."""
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    radius = (((x - 32) / (19 * width)) ** 2 + ((y - 38) / (25 * width)) ** 2).sqrt()
    return ((1.15 - radius) / 0.3).clamp(0, 1)


def contrast(vectors: Tensor, temperature: float) -> Tensor:
    """NT-Xent (Chen et al., arXiv 2002.05709) of unit vectors (2 B, D), of which n and n + B belong together."""
    count = len(vectors) // 2
    scores = vectors @ vectors.T / temperature
    scores = scores.masked_fill(torch.eye(2 * count, dtype=torch.bool, device=scores.device), float("-inf"))
    partner = torch.arange(2 * count, device=scores.device).roll(count)
    return F.cross_entropy(scores, partner)
