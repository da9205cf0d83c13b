"""Which way in the space of codes faces get an attribute, learned from made faces that a classifier has looked at."""

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
from tqdm import tqdm

from imgen.contract.arrays import Array
from imgen.faces.attributes import COLUMNS
from imgen.faces.training.classifier import feature_network
from imgen.faces.training.measures import planes
from imgen.faces.training.portraits import located, portraits
from imgen.training.checkpoint import as_bytes, as_checksum
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows, update

from ..tools.attribute_words import LIGHTS, likeliest
from ..tools.codes import drawn, length, network, plain, random_codes

CHECKED = 5  # every fifth face is kept to measure the accuracy


class DirectionsSettings(Settings):
    """How directions are learned."""

    code: int = Field(128, ge=1, description="Numbers in a code of dcgan/faces")
    count: int = Field(10000, ge=100, description="Faces that are made and looked at")
    rate: float = Field(0.02, gt=0, description="Learning rate at its peak")
    decay: float = Field(1.0, ge=0, description="Weight decay; the fewer the faces, the more")


class Directions(Trainer):
    """dcgan/directions: logistic regressions on codes (InterFaceGAN, Shen et al., arXiv 1907.10786).

    The labels are what the network says whose features losses compare (`feature_network`, faces 1 to 4,500); the one
    that measures the results has learned from other faces.
    """

    name = "dcgan/directions"
    task = "scores of the attributes of made faces, for their sliders and words"
    layout = "DIR...: DIR/images/ with aligned square faces and DIR/attributes.csv: file, then columns of 0 and 1"
    terms = "for research only, as the dcgan/faces and the feature network that it learns from"
    Settings: ClassVar[type[Settings]] = DirectionsSettings
    settings: Any  # a DirectionsSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Make faces, and take down what the classifier sees in them; the data only names its answers.

        Raises:
            DataError: the codes have another length, or the table lacks an attribute.
        """
        if self.settings.code != length():
            raise DataError(f"dcgan/faces has codes of {length()} numbers; give --set code={length()}")
        names = portraits(folders).names
        codes = random_codes(0, self.settings.count)
        truth, light = looked_at(codes, names)
        self.codes, self.truth, self.light = (torch.from_numpy(part) for part in (codes, truth, light))
        self.checked = torch.arange(len(codes)) % CHECKED == 0

    def build(self) -> None:
        """One logistic regression for each attribute."""
        s = self.settings
        self.model = Regression(s.code, len(COLUMNS))
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """All faces at once; every fifth only counts for the accuracy."""
        model, optimizer = self.model, self.optimizers["model"]
        codes, truth = hardware.place(self.codes), hardware.place(self.truth)
        logits, used = model(codes), ~hardware.place(self.checked)
        loss = F.binary_cross_entropy_with_logits(logits[used], truth[used])
        update(hardware, model, optimizer, loss, clip=math.inf)
        model.describe(codes, truth, hardware.place(self.light), network().checksum)
        right = ((logits > 0) == (truth > 0.5))[~used].float().mean()
        return {"loss": loss, "accuracy": right}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """One face with -3, -1.5, 0, 1.5 and 3 of each score, a row each."""
        assert isinstance(network, Regression)
        normals = network.normals().numpy()
        start = random_codes(1, 1)
        lines: list[Tensor] = []
        for i in range(len(COLUMNS)):
            code = likeliest(normals[i : i + 1], np.ones(1, np.float32))
            row = start + np.linspace(-3, 3, 5)[:, None] * code
            made = drawn(plain(row.astype(np.float32)))
            lines.append(torch.from_numpy(made.transpose(0, 3, 1, 2)))
        return rows(*lines)

    def export(self, network: nn.Module) -> Exported:
        """Weights (B, K) to sums of the scores' normals (B, code); the card tells what scores faces have."""
        assert isinstance(network, Regression)
        absent, present = network.means.tolist()
        scores = {name: [round(a, 4), round(b, 4)] for name, a, b in zip(COLUMNS, absent, present, strict=True)}
        scores |= {name: [0.0, 0.0] for name in LIGHTS}
        measured = {"scores": scores, "codes_of": as_checksum(network.of)}
        return Exported(Sum(network.normals()), self.example, ["code"], {"weights": {0: "batch"}}, 1, None, measured)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random weights."""
        return {"weights": rng.standard_normal((batch, len(COLUMNS) + len(LIGHTS)), dtype=np.float32)}


def looked_at(codes: Array, names: list[str]) -> tuple[Array, Array]:
    """How likely the classifier finds each attribute (N, K) in the faces of codes (N, code), and their light (N, 3)."""
    places, signs = located(names, COLUMNS)
    classifier = feature_network()
    truth: list[Array] = []
    light: list[Array] = []
    for start in tqdm(range(0, len(codes), 100), desc="looking at made faces"):
        made = drawn(plain(codes[start : start + 100]))
        with torch.no_grad():
            logits, _ = classifier(torch.from_numpy(planes(made)))
        truth.append((logits[:, places] * torch.from_numpy(signs)).sigmoid().numpy())
        light.append(lighting(made))
    return np.concatenate(truth), np.concatenate(light)


def lighting(made: Array) -> Array:
    """How bright the face, the background and the left of the face against the right are (N, 3), of (N, 64, 64, 3)."""
    face, back = made[:, 20:56, 20:44].mean(3), made[:, :, [*range(8), *range(56, 64)]]
    sides = face[:, :, :12].mean((1, 2)) - face[:, :, 12:].mean((1, 2))
    return np.stack([face.mean((1, 2)), back.mean((1, 2, 3)), sides], 1).astype(np.float32)


class Regression(nn.Module):
    """Logistic regressions on codes, and what scores faces with and without each attribute have."""

    means: Tensor  # (2, K) in standard deviations: without, with
    light: Tensor  # (3, code) how the light follows from codes
    of: Tensor  # (32,) bytes of the checksum of the generator

    def __init__(self, code: int, count: int) -> None:
        super().__init__()
        self.linear = nn.Linear(code, count)
        self.register_buffer("means", torch.zeros(2, count))
        self.register_buffer("light", torch.randn(len(LIGHTS), code))
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))

    def forward(self, codes: Tensor) -> Tensor:
        """Logits (B, K) of codes (B, code)."""
        return self.linear(codes)

    @torch.no_grad()
    def normals(self) -> Tensor:
        """(K + 3, code) of length 1, so that a code's product with one is a score of standard deviation 1."""
        return F.normalize(torch.cat([self.linear.weight, self.light]).cpu(), dim=1)

    @torch.no_grad()
    def describe(self, codes: Tensor, truth: Tensor, light: Tensor, checksum: str) -> None:
        """Take down mean scores of faces without and with each attribute, what light does, and whose codes they are."""
        self.light.copy_(light.sub(light.mean(0)).T @ codes / len(codes))  # regression: codes are N(0, I)
        scores = codes @ F.normalize(self.linear.weight, dim=1).T  # (N, K)
        sure = (truth > 0.5).float()
        for row, share in zip(self.means, (1 - sure, sure), strict=True):
            row.copy_((scores * share).sum(0) / share.sum(0).clamp_min(1e-6))
        self.of.copy_(as_bytes(checksum))


class Sum(nn.Module):
    """Weights times normals."""

    def __init__(self, normals: Tensor) -> None:
        super().__init__()
        self.normals = nn.Parameter(normals, requires_grad=False)

    def forward(self, weights: Tensor) -> Tensor:
        """(B, K) to (B, code)."""
        return weights @ self.normals
