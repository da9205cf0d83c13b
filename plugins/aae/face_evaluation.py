"""Measurements of the autoencoder of faces, beside the VAE, by the judge that the VAE's edits were judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

import imgen
from imgen import faces
from imgen.faces.training.portraits import Portraits, portraits
from imgen.training.frechet import frechet, random_features
from imgen.training.report import Report

from ..vae import evaluation as vae
from ..vae.labels import columns
from . import codes
from .codes import Array, decoded, encoded
from .damage import KINDS, damage
from .evaluation import encoded_in_parts, match
from .photo_tools import restyled
from .words import ATTRIBUTES

TEST, EDITED = vae.TEST, vae.EDITED
PROBED = 3000  # faces from whose codes attributes are learned
RIDGE = 0.1  # on the diagonal of their covariance
NAME = "aae/faces"
SHOWN = "changed: seen where it was not, %"
DRIFT = "changed: other attributes flipped, %"
SAME = "changed: still the same person, %"


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Reconstruction, distribution of the codes, changes as the judge sees them, mended faces, and samples."""
    table = portraits(folders)
    test = table.images[-TEST:].astype(np.float32) / np.float32(255)
    report = Report(TEST, "PSNR in dB, SSIM of 1, distances in standard deviations, the rest as the row says")
    code = encoded_in_parts(NAME, test)
    first = codes.style(imgen.model(NAME))
    methods = {"imgen": decoded(NAME, code), "vae/faces": vae.batched(plain, test)}
    vae.compare(report, methods, test)
    match(report, NAME, code[:, :first])
    changes(report, test, table.names)
    hidden(report, table)
    mended(report, test)
    samples(report, test)
    return report


def plain(pictures: Array) -> Array:
    """The VAE's reconstructions."""
    return vae.reconstructed(pictures, vae.zeros(pictures))[0]


def changes(report: Report, test: Array, names: list[str]) -> None:
    """Both models add attributes to faces that have them not, each as its tool does at the level that is compared."""
    before, vectors = vae.judged(test)
    level = vae.same_person(report, test, vectors)
    signs = np.array([1 - 2 * column.startswith("-") for column in ATTRIBUTES.values()])
    index = [names.index(column.removeprefix("-")) for column in ATTRIBUTES.values()]
    known = (before[:, index] - 0.5) * signs > 0  # (TEST, K)
    for k, name in enumerate(tqdm(ATTRIBUTES, desc="changes")):
        chosen = np.flatnonzero(~known[:, k])[:EDITED]
        ways = {
            "imgen": put_in(test[chosen], name),
            "vae/faces": vae.put_in(test[chosen], vae.EDIT * vae.unit_amount(name)),
        }
        for method, changed in ways.items():
            after, moved = vae.judged(changed)
            now = (after[:, index] - 0.5) * signs > 0
            others = np.arange(len(signs)) != k
            drift = 100 * (now != known[chosen])[:, others].mean(1)
            same = 100.0 * ((moved * vectors[chosen]).sum(1) > level)
            for row, values in ((SHOWN, 100.0 * now[:, k]), (DRIFT, drift), (SAME, same)):
                vae.add_all(report, row, method, values)
                vae.add_all(report, row.replace("changed", name), method, values)


def put_in(crops: Array, name: str) -> Array:
    """Crops with one attribute wholly there, as `restyle_face` does it."""
    parts = [restyled(part, {name: 1.0}) for part in np.array_split(crops, -(-len(crops) // vae.BATCH))]
    before, after = (np.concatenate(one) for one in zip(*parts, strict=True))
    triples = zip(crops, before, after, strict=True)
    return np.stack([faces.put_back(crop, vae.UPRIGHT, a, b) for crop, a, b in triples])


def hidden(report: Report, table: Portraits) -> None:
    """How well attributes are found in codes of unseen faces, by regressions on codes of others; 50 is by chance."""
    truth = columns(table, ATTRIBUTES)
    seen, test = (part.astype(np.float32) / np.float32(255) for part in (table.images[:PROBED], table.images[-TEST:]))
    ways = {"imgen": style_of, "vae/faces": plain_code}
    for method, encode in ways.items():
        known, code = vae.batched(encode, seen), vae.batched(encode, test)
        middle = known.mean(0)
        spread = np.cov(known.T) + RIDGE * np.eye(known.shape[1])
        weights = np.linalg.solve(spread, (known - middle).T @ (truth[:PROBED] - truth[:PROBED].mean(0)))
        scores = (code - middle) @ weights / len(known)
        for k in range(truth.shape[1]):
            has = truth[-TEST:, k] > 0.5
            below = np.searchsorted(np.sort(scores[~has, k]), scores[has, k]).mean() / (~has).sum()
            report.add("attributes found in the style: area under ROC, %", method, float(100 * below))


def plain_code(pictures: Array) -> Array:
    """The VAE's codes (B, latent)."""
    return vae.reconstructed(pictures, vae.zeros(pictures))[1]


def style_of(pictures: Array) -> Array:
    """The style (B, style) of faces."""
    return encoded(NAME, pictures)[:, : codes.style(imgen.model(NAME))]


def mended(report: Report, test: Array) -> None:
    """How near damaged faces come to the whole ones, as the encoder sees them through the damage."""
    rng = np.random.default_rng(0)
    whole = torch.from_numpy(np.ascontiguousarray(test.transpose(0, 3, 1, 2)))
    for kind in KINDS:
        bad = torch.stack([damage(one, kind, rng) for one in whole]).numpy().transpose(0, 2, 3, 1)
        good = decoded(NAME, encoded_in_parts(NAME, bad))
        for method, made in (("imgen", good), ("damaged", bad), ("vae/faces", vae.batched(plain, bad))):
            errors = np.square(made - test).mean((1, 2, 3))
            vae.add_all(report, f"mended, {kind}: PSNR", method, -10 * np.log10(errors))


def samples(report: Report, test: Array) -> None:
    """Fréchet distance on random features of faces from the prior, beside those of the VAE from its own."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        features = random_features(test, seed)
        noise = rng.standard_normal((TEST, codes.style(imgen.model(NAME))))
        usual = np.array(list(imgen.model(NAME).card["facts"]["attributes"].values()))
        label = 2.0 * (rng.random((TEST, len(usual))) < usual) - 1
        made = decoded(NAME, np.concatenate([noise, label], 1))
        other = rng.standard_normal((TEST, vae.latent()), dtype=np.float32)
        sets = {"imgen": made, "vae/faces": vae.batched(vae.decoded, other)}
        for method, pictures in sets.items():
            distance = frechet(features, random_features(pictures, seed))
            report.add("samples of N(0, I): Fréchet distance on random features", method, distance)


EVALUATIONS: dict[str, Callable[..., Any]] = {NAME: evaluate_faces}
