"""Figures of models that draw faces, on faces that none has seen, and of core/attributes, which they rely on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from ...contract.arrays import Array
from ...engine.plugins import model
from ...training.frechet import frechet, prdc, random_features
from ...training.metrics import psnr
from ...training.report import Report
from ..crop import EYES, WIDE, Crop, Face, put_back
from .attributes import view
from .portraits import Portraits, located, portraits

PAGE = Path(__file__).parents[3] / "docs" / "faces.md"  # in a checkout; the installed package has none
TEST = 1000  # the last faces, which no model has seen
EDITED = 200  # faces that have not what an edit brings
BATCH = 100
UPRIGHT = Face(EYES[0], EYES[1], 1.0)  # in a crop, the face is where crops have it
CLASSIFIER = "the classifier"


class Seen(NamedTuple):
    """What the attribute classifier sees in faces before they are edited.

    Attributes:
        names: of its columns.
        chances: of the attributes (N, columns).
        vectors: of the persons (N, 64), of length 1.
        level: the cosine of two vectors above which they count as one person's.
    """

    names: list[str]
    chances: Array
    vectors: Array
    level: float

    def has(self, sliders: Mapping[str, str], chances: Array | None = None) -> NDArray[np.bool_]:
        """For each face and slider (N, K) whether it is seen; in other `chances`, where these are given."""
        places, signs = located(self.names, sliders)
        return ((self.chances if chances is None else chances)[:, places] - 0.5) * signs > 0


def held_out(table: Portraits) -> Array:
    """The last faces (TEST, 64, 64, 3) in 0..1."""
    return table.images[-TEST:].astype(np.float32) / np.float32(255)


def looked_at(report: Report, table: Portraits) -> Seen:
    """What the classifier sees in the last faces, and how far it can be relied on."""
    test = held_out(table)
    chances, vectors = classified(test)
    return Seen(table.names, chances, vectors, same_person(report, test, vectors))


def edited(
    seen: Seen, sliders: Mapping[str, str], name: str, chosen: NDArray[np.intp], changed: Array
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """In % of faces that were edited by one slider: does it show, did others change, is it the same person?

    Args:
        seen: the faces before.
        sliders: all of them, with their columns.
        name: the slider.
        chosen: which of the faces were edited.
        changed: these, edited (N, 64, 64, 3).
    """
    after, vectors = classified(changed)
    now, known = seen.has(sliders, after), seen.has(sliders)[chosen]
    k = list(sliders).index(name)
    others = np.arange(len(sliders)) != k
    same = (vectors * seen.vectors[chosen]).sum(1) > seen.level
    return 100.0 * now[:, k], 100 * (now != known)[:, others].mean(1), 100.0 * same


def classified(pictures: Array) -> tuple[Array, Array]:
    """What core/attributes says: probabilities of the attributes (N, 40) and unit vectors of the person (N, 64)."""
    classifier = model("core/attributes")
    parts = [classifier(image=planes(pictures[i : i + BATCH])) for i in range(0, len(pictures), BATCH)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def same_person(report: Report, test: Array, vectors: Array) -> float:
    """The cosine above which two pictures count as one person's: as many mistakes on both sides.

    One person's two pictures are a photo and a damaged view of it, since the data does not name people.
    """
    rng = np.random.default_rng(0)
    seen = view(torch.from_numpy(test.transpose(0, 3, 1, 2)), rng).numpy().transpose(0, 2, 3, 1)
    same = (vectors * classified(seen)[1]).sum(1)
    other = (vectors * np.roll(vectors, 1, 0)).sum(1)
    report.add_statistic("telling people apart: area under ROC", CLASSIFIER, np.stack([same, other], 1), area)
    levels = np.sort(np.concatenate([same, other]))
    mistakes = [abs((same <= level).mean() - (other > level).mean()) for level in levels]
    level = float(levels[int(np.argmin(mistakes))])
    report.add_all("two views of one person known as such, %", CLASSIFIER, 100.0 * (same > level))
    return level


def area(pairs: NDArray[Any]) -> float:
    """Area under the ROC curve of the first column against the second."""
    same, other = pairs[:, 0], np.sort(pairs[:, 1])
    return float(np.searchsorted(other, same).mean() / len(other))


def compare(report: Report, methods: Mapping[str, Array], test: Array) -> None:
    """PSNR and SSIM of what several methods made of faces (N, 64, 64, 3)."""
    for method, made in methods.items():
        report.add_all("reconstruction: PSNR", method, psnrs(made, test))
        likeness: list[Any] = [
            structural_similarity(a, b, data_range=1, channel_axis=2) for a, b in zip(made, test, strict=True)
        ]
        report.add_all("reconstruction: SSIM", method, likeness)


def distances(report: Report, sets: Mapping[str, Array], test: Array, seed: int) -> None:
    """Fréchet distance on random features, density and coverage of sets of pictures (N, 64, 64, 3) to test ones."""
    real = random_features(test, seed)
    for method, pictures in sets.items():
        features = random_features(np.ascontiguousarray(pictures), seed)
        report.add("samples: Fréchet distance on random features", method, frechet(real, features))
        for name, value in prdc(real, features).items():
            report.add(f"samples: {name}", method, value)


def put_back_all(crops: Array, before: Array, after: Array, upright: Face = UPRIGHT, crop: Crop = WIDE) -> Array:
    """Crops (N, S, S, 3) as a tool edits them: the difference of two drawings fades toward the border."""
    triples = zip(crops, before, after, strict=True)
    return np.stack([put_back(one, upright, a, b, crop) for one, a, b in triples])


def psnrs(made: Array, truth: Array) -> NDArray[np.float64]:
    """PSNR of each picture (N,), in dB."""
    return np.array([psnr(a, b) for a, b in zip(made, truth, strict=True)])


def batched(function: Callable[[Array], Array], pictures: Array) -> Array:
    """A function of pictures, a batch at a time."""
    return np.concatenate([function(pictures[i : i + BATCH]) for i in range(0, len(pictures), BATCH)])


def planes(pictures: Array) -> Array:
    """(N, H, W, C) as (N, C, H, W)."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))


def evaluate_attributes(folders: Sequence[Path]) -> Report:
    """Accuracy on every attribute, and what always saying the commoner answer reaches."""
    table = portraits(folders)
    truth = table.attributes[-TEST:] > 0.5
    found = classified(held_out(table))[0] > 0.5
    report = Report(TEST, "% classified right")
    for k, name in enumerate(table.names):
        report.add_all(name, CLASSIFIER, 100.0 * (found[:, k] == truth[:, k]))
        report.add_all(name, "the commoner answer", 100.0 * (truth[:, k] == (truth[:, k].mean() > 0.5)))
    return report
