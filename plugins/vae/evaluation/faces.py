"""Measurements of vae/faces, on faces that it has not seen: the last thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.faces.attributes import COLUMNS
from imgen.faces.training import measures
from imgen.faces.training.measures import BATCH, CLASSIFIER, EDITED, TEST, batched, planes
from imgen.faces.training.portraits import Portraits, columns, portraits
from imgen.training.report import Report

from ..tools.codes import decoded, latent, network, reconstructed
from ..tools.sliders import moves

EDIT = 2.5  # standard deviations
SEEDS = range(5)


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Reconstruction, edits as the attribute classifier sees them, and samples."""
    table = portraits(folders)
    seen, test = (part.astype(np.float32) / np.float32(255) for part in np.split(table.images, [-TEST]))
    report = Report(TEST, "PSNR in dB, SSIM of 1, KL in nats, the rest as the row says")
    reconstruction(report, seen, test)
    edits(report, table, test)
    samples(report, seen, test)
    return report


def reconstruction(report: Report, seen: Array, test: Array) -> None:
    """PSNR, SSIM and the two terms of the evidence lower bound; beside them, as many principal components."""
    methods = {"imgen": batched(plain, test), f"PCA, {latent()} components": principal(seen, test)}
    measures.compare(report, methods, test)
    keep = np.ones((TEST, 1), np.float32)
    _, mean, logvar = network()(image=planes(test), keep=keep, offset=zeros(test))
    kl = 0.5 * (mean**2 + np.exp(logvar) - 1 - logvar)  # (TEST, latent)
    error = np.abs(methods["imgen"] - test).mean((1, 2, 3))
    report.add_all("KL divergence, nats a face", "imgen", kl.sum(1))
    laplace = np.log(2 * error.mean()) + error / error.mean()
    report.add_all("-log p(x | z), Laplace, nats a value", "imgen", laplace)
    report.add_statistic("dimensions with over 0.01 nats", "imgen", kl, lambda v: float((v.mean(0) > 0.01).sum()))


def edits(report: Report, table: Portraits, test: Array) -> None:
    """For every slider: how often the classifier sees it after the edit, what else changed, and whose face it is."""
    truth = columns(table, COLUMNS)[-TEST:] > 0.5
    seen = measures.looked_at(report, table)
    known = seen.has(COLUMNS)  # (TEST, K)
    shown, others = f"seen after +{EDIT} sd where it was not, %", "other sliders' attributes flipped, %"
    for k, name in enumerate(tqdm(COLUMNS, desc="edits")):
        report.add_all(f"{name}: classified right on photos, %", CLASSIFIER, 100.0 * (known[:, k] == truth[:, k]))
        chosen = np.flatnonzero(~known[:, k])[:EDITED]
        changed = put_in(test[chosen], EDIT * unit_amount(name))
        figures = measures.edited(seen, COLUMNS, name, chosen, changed)
        for row, values in zip((shown, others, "still the same person, %"), figures, strict=True):
            report.add_all(f"{name}: {row}", "imgen", values)


def samples(report: Report, seen: Array, test: Array) -> None:
    """Fréchet distance on random features, density and coverage, over seeds; real faces against real ones beside."""
    tool = imgen.tools()["sample_faces"]
    for seed in tqdm(SEEDS, desc="samples"):
        rng = np.random.default_rng(seed)
        sets = {"real faces": seen[rng.choice(len(seen), TEST, replace=False)]}
        sets["imgen"] = drawn(tool, seed, mixture=True)
        sets["from N(0, I)"] = drawn(tool, seed, mixture=False)
        sets["reconstructions"] = batched(plain, sets["real faces"])
        measures.distances(report, sets, test, seed)
    continuity(report, test)


def continuity(report: Report, test: Array) -> None:
    """How far pictures move when a code moves by a tenth of the way to another face's, against going the whole way."""
    codes = batched(lambda x: reconstructed(x, zeros(x))[1], test)
    other = np.roll(codes, 1, 0)
    start, near, far = (decoded(c) for c in (codes, (0.9 * codes + 0.1 * other).astype(np.float32), other))
    share = np.abs(near - start).mean((1, 2, 3)) / np.abs(far - start).mean((1, 2, 3))
    report.add_all("continuity: change after a tenth of the way, % of the whole", "imgen", 100 * share)


def drawn(tool: Any, seed: int, mixture: bool) -> Array:
    """TEST sampled faces (TEST, 64, 64, 3)."""
    sheets = [
        tool(seed=1000 * seed + i, count=BATCH, temperature=1.0, mixture=mixture, scale=1) for i in range(TEST // BATCH)
    ]
    tiles = np.stack(sheets).reshape(-1, 10, 64, 10, 64, 3).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(tiles.reshape(-1, 64, 64, 3))


def put_in(crops: Array, change: Array) -> Array:
    """Crops as the tool edits them: the difference fades toward the border."""
    after = batched(lambda x: reconstructed(x, zeros(x) + change)[0], crops)
    return measures.put_back_all(crops, batched(plain, crops), after)


def unit_amount(name: str) -> Array:
    """The change of code (latent,) of one standard deviation of a slider of vae/directions."""
    return moves("vae/directions", "vae/faces", {list(COLUMNS).index(name): 1.0})


def principal(seen: Array, test: Array) -> Array:
    """Test faces as so many principal components of the others, as codes have numbers, show them."""
    mean = seen.reshape(len(seen), -1).mean(0)
    _, _, axes = torch.svd_lowrank(torch.from_numpy(seen.reshape(len(seen), -1) - mean), latent(), niter=3)
    codes = (test.reshape(len(test), -1) - mean) @ axes.numpy()
    return (codes @ axes.numpy().T + mean).clip(0, 1).reshape(test.shape)


def plain(pictures: Array) -> Array:
    """Reconstructions."""
    return reconstructed(pictures, zeros(pictures))[0]


def zeros(pictures: Array) -> Array:
    """No change of code, for each picture."""
    return np.zeros((len(pictures), latent()), np.float32)


EVALUATIONS: dict[str, Callable[..., Any]] = {"vae/faces": evaluate_faces}
