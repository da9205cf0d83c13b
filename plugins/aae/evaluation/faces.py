"""Measurements of the autoencoder of faces, beside the VAE, by the attribute classifier that measured its edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

import imgen
from imgen.faces.attributes import COLUMNS
from imgen.faces.training import measures
from imgen.faces.training.measures import BATCH, EDITED, TEST, batched, held_out, planes, psnrs
from imgen.faces.training.portraits import Portraits, columns, portraits
from imgen.training.frechet import frechet, random_features
from imgen.training.report import Report

from ..tools import codes
from ..tools.codes import Array, decoded, encoded
from ..tools.faces import restyled
from ..training.damage import KINDS, damage
from . import baseline
from .codes import encoded_in_parts, match

PROBED = 3000  # faces from whose codes attributes are learned
RIDGE = 0.1  # on the diagonal of their covariance
NAME = "aae/faces"
ROWS = ("seen where it was not, %", "other attributes flipped, %", "still the same person, %")


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Reconstruction, distribution of the codes, changes as the classifier sees them, mended faces, and samples."""
    table = portraits(folders)
    test = held_out(table)
    report = Report(TEST, "PSNR in dB, SSIM of 1, distances in standard deviations, the rest as the row says")
    code = encoded_in_parts(NAME, test)
    first = codes.style(imgen.model(NAME))
    methods = {"imgen": decoded(NAME, code), "vae/faces": batched(plain, test)}
    measures.compare(report, methods, test)
    match(report, NAME, code[:, :first])
    changes(report, table, test)
    hidden(report, table)
    mended(report, test)
    samples(report, test)
    return report


def plain(pictures: Array) -> Array:
    """The VAE's reconstructions."""
    return baseline.run(pictures)[0]


def changes(report: Report, table: Portraits, test: Array) -> None:
    """Both models add attributes to faces that have them not, each as its tool does at the level that is compared."""
    seen = measures.looked_at(report, table)
    known = seen.has(COLUMNS)  # (TEST, K)
    for k, name in enumerate(tqdm(COLUMNS, desc="changes")):
        chosen = np.flatnonzero(~known[:, k])[:EDITED]
        methods = {"imgen": put_in(test[chosen], name), "vae/faces": baseline.edited(test[chosen], name)}
        for method, changed in methods.items():
            for row, values in zip(ROWS, measures.edited(seen, COLUMNS, name, chosen, changed), strict=True):
                report.add_all(f"changed: {row}", method, values)
                report.add_all(f"{name}: {row}", method, values)


def put_in(crops: Array, name: str) -> Array:
    """Crops with one attribute wholly there, as `restyle_face` does it."""
    parts = [restyled(part, {name: 1.0}) for part in np.array_split(crops, -(-len(crops) // BATCH))]
    before, after = (np.concatenate(one) for one in zip(*parts, strict=True))
    return measures.put_back_all(crops, before, after)


def hidden(report: Report, table: Portraits) -> None:
    """How well attributes are found in codes of unseen faces, by regressions on codes of others; 50 is by chance."""
    truth = columns(table, COLUMNS)
    seen, test = table.images[:PROBED].astype(np.float32) / np.float32(255), held_out(table)
    style = codes.style(imgen.model(NAME))
    encoders: dict[str, Callable[[Array], Array]] = {
        "imgen": lambda pictures: encoded(NAME, pictures)[:, :style],
        "vae/faces": lambda pictures: baseline.run(pictures)[1],
    }
    for method, encode in encoders.items():
        known, code = batched(encode, seen), batched(encode, test)
        middle = known.mean(0)
        spread = np.cov(known.T) + RIDGE * np.eye(known.shape[1])
        weights = np.linalg.solve(spread, (known - middle).T @ (truth[:PROBED] - truth[:PROBED].mean(0)))
        scores = (code - middle) @ weights / len(known)
        for k in range(truth.shape[1]):
            has = truth[-TEST:, k] > 0.5
            below = np.searchsorted(np.sort(scores[~has, k]), scores[has, k]).mean() / (~has).sum()
            report.add("attributes found in the style: area under ROC, %", method, float(100 * below))


def mended(report: Report, test: Array) -> None:
    """How near damaged faces come to the whole ones, as the encoder sees them through the damage."""
    rng = np.random.default_rng(0)
    whole = torch.from_numpy(planes(test))
    for kind in KINDS:
        bad = torch.stack([damage(one, kind, rng) for one in whole]).numpy().transpose(0, 2, 3, 1)
        good = decoded(NAME, encoded_in_parts(NAME, bad))
        for method, made in (("imgen", good), ("damaged", bad), ("vae/faces", batched(plain, bad))):
            report.add_all(f"mended, {kind}: PSNR", method, psnrs(made, test))


def samples(report: Report, test: Array) -> None:
    """Fréchet distance on random features of faces from the prior, beside those of the VAE from its own."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        features = random_features(test, seed)
        noise = rng.standard_normal((TEST, codes.style(imgen.model(NAME))))
        usual = np.array(list(imgen.model(NAME).card["measured"]["attributes"].values()))
        label = 2.0 * (rng.random((TEST, len(usual))) < usual) - 1
        made = decoded(NAME, np.concatenate([noise, label], 1))
        other = rng.standard_normal((TEST, baseline.latent()), dtype=np.float32)
        sets = {"imgen": made, "vae/faces": batched(baseline.drawn, other)}
        for method, pictures in sets.items():
            distance = frechet(features, random_features(pictures, seed))
            report.add("samples of N(0, I): Fréchet distance on random features", method, distance)


EVALUATIONS: dict[str, Callable[..., Any]] = {NAME: evaluate_faces}
