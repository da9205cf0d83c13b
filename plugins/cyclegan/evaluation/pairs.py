"""Measurements of a pair of domains on its test pictures, both ways."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from tqdm import tqdm

from imgen.engine.plugins import model as find_model
from imgen.image import guided
from imgen.training.frechet import frechet, random_features
from imgen.training.report import Report

from ..tools.choices import Way
from ..tools.pictures import changed
from ..training.domains import pictures
from .classifier import DomainClassifier, middle, sized

Array = NDArray[np.float32]
SEEN = 64  # side at which random features compare sets of pictures
SEEDS = range(5)
DISTANCE = "Fréchet distance on random features to the target's training pictures"


def evaluate_pair(name: str, folders: Sequence[Path]) -> Report:
    """All figures of one model, on DIR/testA and DIR/testB; the classifier learns from DIR/trainA and DIR/trainB."""
    train, test = pictures(folders, "train"), pictures(folders, "test")
    judge, domains = DomainClassifier(*train), find_model(name).card["measured"]["domains"]
    seen = [sized(part, SEEN) for part in train]
    real = [[middle(part[i]) for i in range(len(part))] for part in test]
    report = Report(sum(map(len, real)), "as the row says")
    for back in (False, True):
        given, target = (real[1], 1 - back) if back else (real[0], 1)
        label = f"{domains[back]} to {domains[target]}"
        made = [timed(report, label, Way(name, back), picture) for picture in tqdm(given, desc=label, unit="picture")]
        for row, shown in (("translated", made), ("input", given), ("real ones", real[target])):
            add(report, f"classifier: {row} taken for the target, %", label, 100.0 * (judge(stack(shown)) == target))
            add(report, f"{DISTANCE}: {row}", label, distances(seen[target], shown))
        add(report, "edges kept: correlation of gradients", label, map(edges_kept, given, made))
        for row, between in (("", as_it_is), (" over JPEG 90", jpeg)):
            again = (changed(between(picture), Way(name, not back), 1, 1) for picture in made)
            errors = (255 * float(np.abs(a - b).mean()) for a, b in zip(given, again, strict=True))
            add(report, f"there and back{row}: absolute error, of 255", label, errors)
    return report


def timed(report: Report, label: str, way: Way, picture: Array) -> Array:
    """A translated picture; the time it took goes into the report."""
    started = time.perf_counter()
    made = changed(picture, way, 1, 1)
    report.add("seconds a picture", label, time.perf_counter() - started)
    return made


def add(report: Report, row: str, label: str, values: Iterable[Any]) -> None:
    """One figure a picture, or a seed."""
    for value in values:
        report.add(row, label, float(value))


def stack(shown: Sequence[Array], side: int = 128) -> Array:
    """Square pictures as one array (N, side, side, 3)."""
    return np.stack([guided.reduced(picture, side, side) for picture in shown])


def distances(seen: Array, shown: Sequence[Array]) -> list[float]:
    """From a set of real pictures (N, 64, 64, 3), with several draws of the features."""
    small = stack(shown, SEEN)
    return [frechet(random_features(seen, seed), random_features(small, seed)) for seed in SEEDS]


def edges_kept(before: Array, after: Array) -> float:
    """Correlation of the gradients' strength in two pictures (H, W, 3), 1 where all edges are where they were."""
    strengths = [np.hypot(*np.gradient(picture.mean(2))).ravel() for picture in (before, after)]
    return float(np.corrcoef(*strengths)[0, 1])


def as_it_is(picture: Array) -> Array:
    """Nothing between the way there and the way back."""
    return picture


def jpeg(picture: Array) -> Array:
    """What JPEG of quality 90 leaves: a signal that is hidden in faint noise does not survive it (1712.02950)."""
    file = io.BytesIO()
    Pillow.fromarray((picture * 255).round().astype(np.uint8)).save(file, "JPEG", quality=90)
    return np.asarray(Pillow.open(file), np.float32) / np.float32(255)


EVALUATIONS: dict[str, Callable[..., Any]] = {"cyclegan/*": evaluate_pair}
