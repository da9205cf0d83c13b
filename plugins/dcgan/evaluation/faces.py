"""Measurements of the generators, on faces that none of them has seen: the last ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.engine.plugins import available
from imgen.faces.training import measures
from imgen.faces.training.measures import planes
from imgen.inference.registry import Model
from imgen.training.diagnostics import coarse, nearest
from imgen.training.frechet import frechet
from imgen.training.report import Report

from ..tools.codes import crop, drawn, plain, random_codes
from .bench import Bench, bench, objects
from .sums import SUMS

SEEDS = range(3)
COUNT = 1500  # faces of a set, well above the number of features
SEEDS_OF_SUMS = range(1000, 1010)  # whose sheets of arithmetic are measured; the tools were tuned on others
BATCH = 50


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Samples and sums of faces; other generators beside where there are any as dcgan/plain or dcgan/wide."""
    faces_of = bench(folders)
    report = Report(len(faces_of.test), "distances in features, shares of 1, the rest as the row says")
    samples(report, faces_of.learned, faces_of.test)
    seen_as_objects(report, faces_of.learned)
    neighbours(report, faces_of.learned, faces_of.test)
    arithmetic(report, faces_of)
    speed(report)
    return report


def samples(report: Report, seen: Array, test: Array) -> None:
    """Fréchet distance on random features, density and coverage, over seeds; real faces against real ones beside."""
    for seed in tqdm(SEEDS, desc="samples"):
        rng = np.random.default_rng(seed)
        count = len(test)
        sets = {"real faces": seen[rng.choice(len(seen), count, replace=False)]}
        sets["imgen"] = drawn(plain(random_codes(100 + seed, count)))
        if "dcgan/plain" in available():
            sets["plain DCGAN"] = drawn_by(imgen.model("dcgan/plain"), 100 + seed, count)
        measures.distances(report, sets, test, seed)


def seen_as_objects(report: Report, seen: Array) -> None:
    """Fréchet distance on EfficientNet-Lite0's features between learned faces and as many others, made or learned."""
    some, *others = np.array_split(np.random.default_rng(0).permutation(len(seen))[: 2 * COUNT], 2)
    real, count = objects(seen[some]), len(some)
    sets = {"real faces": seen[others[0]], "imgen": drawn(plain(random_codes(100, count)))}
    if "dcgan/wide" in available() and crop() == faces.CLOSE:
        sets["dcgan/wide, cut close"] = cut_close(drawn_by(imgen.model("dcgan/wide"), 100, count))
    for method, pictures in tqdm(sets.items(), desc="objects"):
        report.add("samples: Fréchet distance on Lite0's features", method, frechet(real, objects(pictures)))


def cut_close(made: Array) -> Array:
    """Wide crops (N, 64, 64, 3) as close ones, in which the same eyes lie further apart."""
    return np.stack([faces.align(one, faces.Face(*faces.EYES, 1.0), crop=faces.CLOSE) for one in made])


def drawn_by(model: Model, seed: int, count: int) -> Array:
    """Faces (N, 64, 64, 3) by another model like dcgan/faces."""
    s, made = model.settings, []
    code = np.random.default_rng(seed).standard_normal((count, s["code"]), dtype=np.float32)
    for part in np.array_split(code, -(-count // BATCH)):
        zeros = {"extra": (s["widths"][0] * 16,), "target": (3, 64, 64), "weight": (1, 64, 64), "realism": (1,)}
        rest = {name: np.zeros((len(part), *shape), np.float32) for name, shape in zeros.items()}
        made.append(model(code=part, **rest)[0])
    return np.concatenate(made).transpose(0, 2, 3, 1)


def neighbours(report: Report, seen: Array, test: Array) -> None:
    """How near the nearest training picture is, to made faces and to real ones that were not trained on."""
    known = coarse_of(np.concatenate([seen, seen[:, :, ::-1]]))
    for method, pictures in {"real faces": test, "imgen": drawn(plain(random_codes(0, len(test))))}.items():
        distances = nearest(coarse_of(pictures), known)[1] / np.sqrt(known.shape[1])
        report.add_all("nearest training face: root mean square at 8x8", method, distances)


def coarse_of(pictures: Array) -> NDArray[Any]:
    """Pictures (N, 64, 64, 3) at 8x8 as vectors."""
    return coarse(torch.from_numpy(planes(pictures)))


def arithmetic(report: Report, faces_of: Bench) -> None:
    """Of the nine faces of each sheet, how many have what they should, one by one and all of it, as the judge sees."""
    for name, (text, wanted) in tqdm(SUMS.items(), desc="arithmetic"):
        sheets = [imgen.tools()["face_arithmetic"](terms=text, seed=seed, scale=1) for seed in SEEDS_OF_SUMS]
        found = faces_of.judge(np.concatenate([nine(sheet) for sheet in sheets])) > 0.5
        right = {column: found[:, faces_of.names.index(column)] == value for column, value in wanted.items()}
        for column, each in right.items():
            report.add_all(f"arithmetic, {name}: {'' if wanted[column] else 'not '}{column}, %", "imgen", 100.0 * each)
        report.add_all(f"arithmetic, {name}: all of it, %", "imgen", 100.0 * np.all([*right.values()], 0))


def nine(sheet: Array) -> Array:
    """The result of a sum and its relatives (9, 64, 64, 3), from a sheet at scale 1."""
    side = faces.SIZE
    tiles = sheet[:, -3 * side :].reshape(3, side, 3, side, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(tiles.reshape(-1, side, side, 3))


def speed(report: Report) -> None:
    """Seconds for a batch of 64 faces."""
    tool = imgen.tools()["generate_faces"]
    for seed in range(6):
        started = time.perf_counter()
        tool(seed=seed, count=64, scale=1)
        if seed:  # the first one loads the model
            report.add("64 faces: seconds", "imgen", time.perf_counter() - started)


EVALUATIONS: dict[str, Callable[..., Any]] = {"dcgan/faces": evaluate_faces}
