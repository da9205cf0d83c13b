"""Measurements of the models of faces, on faces that none of them has seen: the last thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.metrics import structural_similarity
from tqdm import tqdm

import imgen
from imgen import faces
from imgen.faces.training.portraits import Portraits, portraits
from imgen.training.frechet import frechet, prdc, random_features
from imgen.training.report import Report

from .codes import decoded, latent, network, reconstructed
from .directions import SLIDERS
from .labels import columns
from .sliders import moves
from .traits import view

Array = NDArray[np.float32]

TEST = 1000  # the last faces
EDIT = 2.5  # standard deviations
EDITED = 200  # faces that have not what the edit brings
SEEDS = range(5)
BATCH = 100
UPRIGHT = faces.Face(faces.EYES[0], faces.EYES[1], 1.0)  # in a crop, the face is where crops have it


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Reconstruction, edits as an independent judge sees them, and samples."""
    table = portraits(folders)
    seen, test = (part.astype(np.float32) / np.float32(255) for part in np.split(table.images, [-TEST]))
    report = Report(TEST, "PSNR in dB, SSIM of 1, KL in nats, the rest as the row says")
    reconstruction(report, seen, test)
    edits(report, table, test)
    samples(report, seen, test)
    return report


def reconstruction(report: Report, seen: Array, test: Array) -> None:
    """PSNR, SSIM and the two terms of the evidence lower bound; beside them, as many principal components."""
    methods: dict[str, Array] = {"imgen": batched(lambda x: reconstructed(x, zeros(x))[0], test)}
    methods[f"PCA, {latent()} components"] = principal(seen, test)
    compare(report, methods, test)
    keep = np.ones((TEST, 1), np.float32)
    _, mean, logvar = network()(image=planes(test), keep=keep, offset=zeros(test))
    kl = 0.5 * (mean**2 + np.exp(logvar) - 1 - logvar)  # (TEST, latent)
    error = np.abs(methods["imgen"] - test).mean((1, 2, 3))
    for i in range(TEST):
        report.add("KL divergence, nats a face", "imgen", float(kl[i].sum()))
        report.add(
            "-log p(x | z), Laplace, nats a value", "imgen", float(np.log(2 * error.mean()) + error[i] / error.mean())
        )
    report.add_statistic("dimensions with over 0.01 nats", "imgen", kl, lambda v: float((v.mean(0) > 0.01).sum()))


def compare(report: Report, methods: dict[str, Array], test: Array) -> None:
    """PSNR and SSIM of what several methods made of faces (N, 64, 64, 3)."""
    for method, made in methods.items():
        for a, b in zip(made, test, strict=True):
            report.add("reconstruction: PSNR", method, float(-10 * np.log10(np.square(a - b).mean())))
            likeness: Any = structural_similarity(a, b, data_range=1, channel_axis=2)
            report.add("reconstruction: SSIM", method, float(likeness))


def edits(report: Report, table: Portraits, test: Array) -> None:
    """For every slider: how often the judge sees it after the edit, what else changed, and whose face it is."""
    truth = columns(table, SLIDERS)[-TEST:] > 0.5
    before, vectors = judged(test)
    threshold = same_person(report, test, vectors)
    signs = [1 - 2 * column.startswith("-") for column in SLIDERS.values()]
    index = [table.names.index(column.removeprefix("-")) for column in SLIDERS.values()]
    known = (before[:, index] - 0.5) * signs > 0  # (TEST, K), as the judge sees it
    for k, name in enumerate(tqdm(SLIDERS, desc="edits")):
        add_all(report, f"{name}: judged right on photos, %", "the judge", 100.0 * (known[:, k] == truth[:, k]))
        chosen = np.flatnonzero(~known[:, k])[:EDITED]
        changed = put_in(test[chosen], EDIT * unit_amount(name))
        after, moved = judged(changed)
        now = (after[:, index] - 0.5) * signs > 0
        others = np.arange(len(SLIDERS)) != k
        add_all(report, f"{name}: seen after +{EDIT} sd where it was not, %", "imgen", 100.0 * now[:, k])
        add_all(
            report,
            f"{name}: other sliders' attributes flipped, %",
            "imgen",
            100 * (now != known[chosen])[:, others].mean(1),
        )
        cosine = (moved * vectors[chosen]).sum(1)
        add_all(report, f"{name}: still the same person, %", "imgen", 100.0 * (cosine > threshold))


def same_person(report: Report, test: Array, vectors: Array) -> float:
    """The cosine above which two pictures count as one person's: as many mistakes on both sides.

    One person's two pictures are a photo and a damaged view of it, since the data does not name people.
    """
    rng = np.random.default_rng(0)
    seen = view(torch.from_numpy(test.transpose(0, 3, 1, 2)), rng).numpy().transpose(0, 2, 3, 1)
    same = (vectors * judged(seen)[1]).sum(1)
    other = (vectors * np.roll(vectors, 1, 0)).sum(1)
    report.add_statistic("telling people apart: area under ROC", "the judge", np.stack([same, other], 1), area)
    levels = np.sort(np.concatenate([same, other]))
    mistakes = [abs((same <= level).mean() - (other > level).mean()) for level in levels]
    level = float(levels[int(np.argmin(mistakes))])
    add_all(report, "two views of one person known as such, %", "the judge", 100.0 * (same > level))
    return level


def area(pairs: NDArray[Any]) -> float:
    """Area under the ROC curve of the first column against the second."""
    same, other = pairs[:, 0], np.sort(pairs[:, 1])
    return float(np.searchsorted(other, same).mean() / len(other))


def samples(report: Report, seen: Array, test: Array) -> None:
    """Fréchet distance on random features, density and coverage, over seeds; real faces against real ones beside."""
    tool = imgen.tools()["sample_faces"]
    for seed in tqdm(SEEDS, desc="samples"):
        rng = np.random.default_rng(seed)
        real = random_features(test, seed)
        sets = {"real faces": seen[rng.choice(len(seen), TEST, replace=False)]}
        sets["imgen"] = drawn(tool, seed, mixture=True)
        sets["from N(0, I)"] = drawn(tool, seed, mixture=False)
        sets["reconstructions"] = batched(lambda x: reconstructed(x, zeros(x))[0], sets["real faces"])
        for method, pictures in sets.items():
            features = random_features(pictures, seed)
            report.add("samples: Fréchet distance on random features", method, frechet(real, features))
            for name, value in prdc(real, features).items():
                report.add(f"samples: {name}", method, value)
    continuity(report, test)


def continuity(report: Report, test: Array) -> None:
    """How far pictures move when a code moves by a tenth of the way to another face's, against going the whole way."""
    codes = batched(lambda x: reconstructed(x, zeros(x))[1], test)
    other = np.roll(codes, 1, 0)
    start, near, far = (decoded(c) for c in (codes, (0.9 * codes + 0.1 * other).astype(np.float32), other))
    share = np.abs(near - start).mean((1, 2, 3)) / np.abs(far - start).mean((1, 2, 3))
    add_all(report, "continuity: change after a tenth of the way, % of the whole", "imgen", 100 * share)


def drawn(tool: Any, seed: int, mixture: bool) -> Array:
    """TEST sampled faces (TEST, 64, 64, 3)."""
    count = 100
    sheets = [
        tool(seed=1000 * seed + i, count=count, temperature=1.0, mixture=mixture, scale=1) for i in range(TEST // count)
    ]
    tiles = np.stack(sheets).reshape(-1, 10, 64, 10, 64, 3).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(tiles.reshape(-1, 64, 64, 3))


def put_in(crops: Array, change: Array) -> Array:
    """Crops as the tool edits them: the difference fades toward the border."""
    before = batched(lambda x: reconstructed(x, zeros(x))[0], crops)
    after = batched(lambda x: reconstructed(x, zeros(x) + change)[0], crops)
    triples = zip(crops, before, after, strict=True)
    return np.stack([faces.put_back(crop, UPRIGHT, a, b) for crop, a, b in triples])


def unit_amount(name: str) -> Array:
    """The change of code (latent,) of one standard deviation of a slider of vae/directions."""
    return moves("vae/directions", "vae/faces", {list(SLIDERS).index(name): 1.0})


def judged(pictures: Array) -> tuple[Array, Array]:
    """What the judge says: probabilities of the attributes (N, 40) and unit vectors of the person (N, 64)."""
    judge = imgen.model("vae/judge")
    parts = [judge(image=planes(pictures[i : i + BATCH])) for i in range(0, len(pictures), BATCH)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def principal(seen: Array, test: Array) -> Array:
    """Test faces as so many principal components of the others, as codes have numbers, show them."""
    mean = seen.reshape(len(seen), -1).mean(0)
    _, _, axes = torch.svd_lowrank(torch.from_numpy(seen.reshape(len(seen), -1) - mean), latent(), niter=3)
    codes = (test.reshape(len(test), -1) - mean) @ axes.numpy()
    return (codes @ axes.numpy().T + mean).clip(0, 1).reshape(test.shape)


def evaluate_judge(folders: Sequence[Path]) -> Report:
    """Accuracy on every attribute, and what always saying the commoner answer reaches."""
    table = portraits(folders)
    truth = table.attributes[-TEST:] > 0.5
    found = judged(table.images[-TEST:].astype(np.float32) / np.float32(255))[0] > 0.5
    report = Report(TEST, "% judged right")
    for k, name in enumerate(table.names):
        add_all(report, name, "the judge", 100.0 * (found[:, k] == truth[:, k]))
        add_all(report, name, "the commoner answer", 100.0 * (truth[:, k] == (truth[:, k].mean() > 0.5)))
    return report


def add_all(report: Report, row: str, method: str, values: NDArray[Any]) -> None:
    """One figure a picture."""
    for value in values:
        report.add(row, method, float(value))


def batched(function: Callable[[Array], Array], pictures: Array) -> Array:
    """A function of pictures, a batch at a time."""
    return np.concatenate([function(pictures[i : i + BATCH]) for i in range(0, len(pictures), BATCH)])


def zeros(pictures: Array) -> Array:
    """No change of code, for each picture."""
    return np.zeros((len(pictures), latent()), np.float32)


def planes(pictures: Array) -> Array:
    """(N, H, W, 3) as (N, 3, H, W)."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))


EVALUATIONS: dict[str, Callable[..., Any]] = {"vae/faces": evaluate_faces, "vae/judge": evaluate_judge}
