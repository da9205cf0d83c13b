"""Which way in the space of codes faces get an attribute, learned from made faces that a classifier has looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from imgen import faces
from imgen.contract.arrays import Array
from imgen.training.checkpoint import as_bytes, as_checksum
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows, update

from ..tools.attribute_words import HAIRS, LIGHTS, likeliest
from ..tools.codes import crop, drawn, encoded, length, network, plain, random_codes
from .changes import NAMES, Sums, check_run, taken
from .encoder import searchable
from .judges import JUDGES, Marked

PART = 250  # faces made at once
CHECKED = 5  # every fifth face is kept to measure the accuracy


class Judge(Protocol):
    """Says what faces show, see `judges`."""

    @property
    def names(self) -> Sequence[str]:
        """Of what it tells."""
        ...

    def __call__(self, made: Array) -> Array:
        """Chances (N, K) of faces (N, 64, 64, 3)."""
        ...


class DirectionsSettings(Settings):
    """How directions are learned."""

    judge: Literal["celebrities", "marks"] = Field("celebrities", description="Whose word on made faces is learned")
    code: int = Field(128, ge=1, description="Numbers in a code of dcgan/faces")
    count: int = Field(10000, ge=100, description="Faces that are made and looked at")
    rate: float = Field(0.02, gt=0, description="Learning rate at its peak")
    decay: float = Field(1.0, ge=0, description="Weight decay; the fewer the faces, the more")
    learned: str = Field("", description="A run of dcgan/faces-edits: its changes are taken, too")


class Directions(Trainer):
    """dcgan/directions: logistic regressions on codes (InterFaceGAN, Shen et al., arXiv 1907.10786).

    The labels are what a judge says of made faces: of wide crops the network whose features losses compare
    (`feature_network`), of close ones classifiers of FairFace's labels and of marks made by eye.
    """

    name = "dcgan/directions"
    task = "scores of the attributes of made faces, for their sliders and words"
    layout = "DIR...: DIR/images/ with aligned faces and DIR/attributes.csv; with judge=marks DIR: fairface_128"
    terms = "those of the faces and of the dcgan/faces that is in use; judge=celebrities for research only"
    Settings: ClassVar[type[Settings]] = DirectionsSettings
    settings: Any  # a DirectionsSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Make faces, and take down what the judge sees in them, who learned from the data, or whose answers it names.

        Raises:
            DataError: the codes have another length, or the table lacks an attribute.
        """
        if self.settings.learned:
            check_run(Path(self.settings.learned))
        if self.settings.code != length():
            raise DataError(f"dcgan/faces has codes of {length()} numbers; give --set code={length()}")
        if (crop() == faces.CLOSE) != JUDGES[self.settings.judge].close:
            raise DataError(f"{self.settings.judge} know no crops as dcgan/faces draws them; give --set judge=...")
        judge = JUDGES[self.settings.judge](folders)
        codes = random_codes(0, self.settings.count)
        truth, light = looked_at(codes, judge)
        if isinstance(judge, Marked):  # what is rare is seldom made: real faces that have it, too
            parts = [judge.faces[i : i + PART] for i in range(0, len(judge.faces), PART)]
            codes = np.concatenate([codes, *(encoded(part).code for part in parts)])
            truth = np.concatenate([truth, judge.truth])
            light = np.concatenate([light, *(lighting(part, True) for part in parts)])
        self.codes, self.truth, self.light = (torch.from_numpy(part) for part in (codes, truth, light))
        self.checked = torch.arange(len(codes)) % CHECKED == 0

    def build(self) -> None:
        """One logistic regression for each attribute."""
        s = self.settings
        judge = JUDGES[s.judge]
        self.names, self.figures = judge.names, (*LIGHTS, *HAIRS) if judge.close else LIGHTS
        self.model = Regression(s.code, len(self.names), len(self.figures))
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
        for i in range(len(self.names)):
            code = likeliest(normals[i : i + 1], np.ones(1, np.float32))
            row = start + np.linspace(-3, 3, 5)[:, None] * code
            made = drawn(plain(row.astype(np.float32)))
            lines.append(torch.from_numpy(made.transpose(0, 3, 1, 2)))
        return rows(*lines)

    def export(self, network: nn.Module) -> Exported:
        """Weights (B, K) to sums of the scores' normals (B, code); the card tells what scores faces have.

        With learned changes also weights to these, see `Sums`.
        """
        assert isinstance(network, Regression)
        absent, present = network.means.tolist()
        scores = {name: [round(a, 4), round(b, 4)] for name, a, b in zip(self.names, absent, present, strict=True)}
        scores |= {name: [-1.0, 1.0] if name in HAIRS else [0.0, 0.0] for name in self.figures}
        measured: dict[str, Any] = {"scores": scores, "codes_of": as_checksum(network.of)}
        whole: nn.Module = Sum(network.normals())
        outputs = ["code"]
        if self.settings.learned:
            places = [list(scores).index(name) for name in NAMES]
            whole = Sums(whole, places, *taken(Path(self.settings.learned)))
            outputs = [*outputs, "change", "extra"]
            measured["learned"] = list(NAMES)
        return Exported(whole, self.example, outputs, {"weights": {0: "batch"}}, 1, None, measured)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random weights."""
        return {"weights": rng.standard_normal((batch, len(self.names) + len(self.figures)), dtype=np.float32)}


def looked_at(codes: Array, judge: Judge) -> tuple[Array, Array]:
    """How likely a judge finds each attribute (N, K) in the faces of codes (N, code), and their figures (N, F)."""
    truth: list[Array] = []
    figures: list[Array] = []
    generator = searchable(network())  # PyTorch draws faces without the search around them
    for start in tqdm(range(0, len(codes), PART), desc="looking at made faces"):
        with torch.no_grad():
            made = generator.pictures(torch.from_numpy(codes[start : start + PART])).permute(0, 2, 3, 1).numpy()
        truth.append(judge(made))
        figures.append(lighting(made, crop() == faces.CLOSE))
    return np.concatenate(truth), np.concatenate(figures)


def lighting(made: Array, close: bool) -> Array:
    """Figures (N, F) of faces (N, 64, 64, 3): LIGHTS, and of close ones HAIRS, of which their networks know nothing.

    How bright the face, the background and the left of the face against the right are; how dark it is above the
    forehead, how yellow there, and how dark on the forehead's upper part.
    """
    face = made[:, 14:56, 14:50] if close else made[:, 20:56, 20:44]
    edge = 4 if close else 8
    back = made[:, :, [*range(edge), *range(64 - edge, 64)]]
    half = face.shape[2] // 2
    sides = face[:, :, :half].mean((1, 2, 3)) - face[:, :, half:].mean((1, 2, 3))
    figures = [face.mean((1, 2, 3)), back.mean((1, 2, 3)), sides]
    if close:
        top, brow = made[:, :6, 12:52], made[:, 6:12, 16:48]
        yellow = top[..., :2].mean((1, 2, 3)) - top[..., 2].mean((1, 2))
        figures += [-top.mean((1, 2, 3)), top.mean((1, 2, 3)) + 2 * yellow, -brow.mean((1, 2, 3))]
    return np.stack(figures, 1).astype(np.float32)


class Regression(nn.Module):
    """Logistic regressions on codes, and what scores faces with and without each attribute have."""

    means: Tensor  # (2, K) in standard deviations: without, with
    light: Tensor  # (F, code) how the figures follow from codes
    of: Tensor  # (32,) bytes of the checksum of the generator

    def __init__(self, code: int, count: int, figures: int) -> None:
        super().__init__()
        self.linear = nn.Linear(code, count)
        self.register_buffer("means", torch.zeros(2, count))
        self.register_buffer("light", torch.randn(figures, code))
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))

    def forward(self, codes: Tensor) -> Tensor:
        """Logits (B, K) of codes (B, code)."""
        return self.linear(codes)

    @torch.no_grad()
    def normals(self) -> Tensor:
        """(K + F, code) of length 1, so that a code's product with one is a score of standard deviation 1."""
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
