"""Measurements of the autoencoder of faces on the last faces, beside the close VAE, which has the same decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.training.measures import batched, planes, psnrs, put_back_all
from imgen.faces.training.referee import EDITED, TEST, UPRIGHT, Tested, groups, judged, tested
from imgen.training.frechet import frechet, random_features
from imgen.training.report import Report

from ..tools import codes
from ..tools.codes import decoded
from ..tools.faces import restyled
from ..training.damage import KINDS, damage
from ..training.faces import SLIDERS
from . import baseline
from .codes import encoded_in_parts, match

PROBED = 300  # of the faces, from whose codes attributes are learned that are looked for in the others'
RIDGE = 0.3  # on the diagonal of their covariance
RARE = 10  # faces with or without an attribute that are too few to look for it
NAME = "aae/faces"


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Reconstruction, distribution of the codes, changes as a referee sees them, mended faces, and samples."""
    people = tested(folders)
    test = people.images.astype(np.float32) / np.float32(255)
    report = Report(TEST, f"PSNR in dB, distances in standard deviations; of up to {EDITED} edited faces a row, %")
    code = encoded_in_parts(NAME, test)
    first = codes.style(imgen.model(NAME))
    for method, made in {"imgen": decoded(NAME, code), baseline.NAME: batched(plain, test)}.items():
        report.add_all("reconstruction: PSNR", method, psnrs(made, test))
        if method == "imgen":
            by_group(report, people, psnrs(made, test))
    match(report, NAME, code[:, :first])
    judged(report, people, SLIDERS, put_in, ("seen after 1", "gone after -1"))
    hidden(report, people, {"imgen": code[:, :first], baseline.NAME: batched(lambda x: baseline.run(x)[1], test)})
    mended(report, test)
    samples(report, test)
    return report


def by_group(report: Report, people: Tested, values: NDArray[np.float64]) -> None:
    """How well faces come back, by origin, gender and age."""
    for name, value in zip(people.names, values, strict=True):
        for group in groups(*people.who[name]):
            report.add(group, "reconstruction: PSNR", float(value))


def plain(pictures: Array) -> Array:
    """The VAE's reconstructions."""
    return baseline.run(pictures)[0]


def put_in(images: NDArray[np.uint8], name: str, sign: int) -> NDArray[np.uint8]:
    """Crops with one attribute wholly there, or not at all, as `restyle_face` does it."""
    crops = images.astype(np.float32) / np.float32(255)
    before, after = restyled(crops, {name: float(sign)})
    triples = zip(crops, before, after, strict=True)
    drawn = np.stack([faces.detailed(c, b, faces.changed(b, a)) for c, b, a in triples])
    return (put_back_all(crops, crops, drawn, UPRIGHT, faces.CLOSE) * 255).round().astype(np.uint8)


def hidden(report: Report, people: Tested, styles: dict[str, Array]) -> None:
    """How well what faces show is found in their codes, by regressions on some of them; 50 is by chance."""
    truth = people.before > 0.5
    for method, style in styles.items():
        seen, middle = style[:PROBED], style[:PROBED].mean(0)
        spread = np.cov(seen.T) + RIDGE * np.eye(seen.shape[1])
        weights = np.linalg.solve(spread, (seen - middle).T @ (truth[:PROBED] - truth[:PROBED].mean(0)))
        scores = (style[PROBED:] - middle) @ weights
        for mark in SLIDERS.values():
            k = people.referee.kinds.index(mark)
            has = truth[PROBED:, k]
            if min(has.sum(), (~has).sum()) >= RARE:
                below = np.searchsorted(np.sort(scores[~has, k]), scores[has, k]).mean() / (~has).sum()
                report.add("found in the style: area under ROC, %", method, float(100 * below))


def mended(report: Report, test: Array) -> None:
    """How near damaged faces come to the whole ones, as the encoder sees them through the damage."""
    rng = np.random.default_rng(0)
    whole = torch.from_numpy(planes(test))
    for kind in KINDS:
        bad = torch.stack([damage(one, kind, rng) for one in whole]).numpy().transpose(0, 2, 3, 1)
        good = decoded(NAME, encoded_in_parts(NAME, bad))
        for method, made in (("imgen", good), ("damaged", bad), (baseline.NAME, batched(plain, bad))):
            report.add_all(f"mended, {kind}: PSNR", method, psnrs(made, test))


def samples(report: Report, test: Array) -> None:
    """Fréchet distance on random features of faces from the prior, beside those of the VAE from its own."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        features = random_features(test, seed)
        made = decoded(NAME, codes.sampled(imgen.model(NAME), rng, TEST))
        other = rng.standard_normal((TEST, baseline.latent()), dtype=np.float32)
        for method, pictures in {"imgen": made, baseline.NAME: batched(baseline.drawn, other)}.items():
            distance = frechet(features, random_features(pictures, seed))
            report.add("samples of N(0, I): Fréchet distance on random features", method, distance)


EVALUATIONS: dict[str, Callable[..., Any]] = {NAME: evaluate_faces}
