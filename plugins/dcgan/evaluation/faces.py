"""Measurements of the generators, on faces that none of them has seen: the last thousand."""

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
from imgen.faces.training.measures import TEST, classified, planes
from imgen.faces.training.portraits import Portraits, portraits
from imgen.inference.registry import Model
from imgen.training.diagnostics import coarse, nearest
from imgen.training.report import Report

from ..tools.codes import drawn, plain, random_codes

SEEDS = range(5)
SUMS = range(1000, 1040)  # seeds whose sheets of arithmetic are measured; the tools were tuned on others
BATCH = 50
SUM = {
    "smiling man": ("smiling woman - neutral woman + neutral man", {"Smiling": 1, "Male": 1}),
    "woman with glasses": (
        "man with glasses - man without glasses + woman without glasses",
        {"Eyeglasses": 1, "Male": 0},
    ),
}


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Samples and sums of faces; a plain DCGAN beside where there is one as dcgan/plain."""
    table = portraits(folders)
    seen, test = (part.astype(np.float32) / np.float32(255) for part in np.split(table.images, [-TEST]))
    report = Report(TEST, "distances in features, shares of 1, the rest as the row says")
    samples(report, seen, test)
    neighbours(report, seen, test)
    arithmetic(report, table)
    speed(report)
    return report


def samples(report: Report, seen: Array, test: Array) -> None:
    """Fréchet distance on random features, density and coverage, over seeds; real faces against real ones beside."""
    for seed in tqdm(SEEDS, desc="samples"):
        rng = np.random.default_rng(seed)
        sets = {"real faces": seen[rng.choice(len(seen), TEST, replace=False)]}
        sets["imgen"] = drawn(plain(random_codes(100 + seed, TEST)))
        if "dcgan/plain" in available():
            sets["plain DCGAN"] = drawn_by(imgen.model("dcgan/plain"), 100 + seed, TEST)
        measures.distances(report, sets, test, seed)


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
    for method, pictures in {"real faces": test, "imgen": drawn(plain(random_codes(0, TEST)))}.items():
        distances = nearest(coarse_of(pictures), known)[1] / np.sqrt(known.shape[1])
        report.add_all("nearest training face: root mean square at 8x8", method, distances)


def coarse_of(pictures: Array) -> NDArray[Any]:
    """Pictures (N, 64, 64, 3) at 8x8 as vectors."""
    return coarse(torch.from_numpy(planes(pictures)))


def arithmetic(report: Report, table: Portraits) -> None:
    """Of the nine faces of each sheet, how many have what they should, as the classifier sees it."""
    for name, (text, wanted) in SUM.items():
        for seed in tqdm(SUMS, desc=name):
            sheet = imgen.tools()["face_arithmetic"](terms=text, seed=seed, scale=1)[:, -3 * faces.SIZE :]
            tiles = sheet.reshape(3, faces.SIZE, 3, faces.SIZE, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 64, 64, 3)
            found = classified(tiles)[0] > 0.5
            for column, value in wanted.items():
                right = found[:, table.names.index(column)] == bool(value)
                report.add_all(f"arithmetic, {name}: {'' if value else 'not '}{column}, %", "imgen", 100.0 * right)


def speed(report: Report) -> None:
    """Seconds for a batch of 64 faces."""
    tool = imgen.tools()["generate_faces"]
    for seed in range(6):
        started = time.perf_counter()
        tool(seed=seed, count=64, scale=1)
        if seed:  # the first one loads the model
            report.add("64 faces: seconds", "imgen", time.perf_counter() - started)


EVALUATIONS: dict[str, Callable[..., Any]] = {"dcgan/faces": evaluate_faces}
