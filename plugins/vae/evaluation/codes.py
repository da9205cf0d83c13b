"""Measurements of what is made of codes: the map of digits, the sliders and the mixture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import cdist
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.engine.plugins import available
from imgen.faces.attributes import COLUMNS
from imgen.faces.training.measures import BATCH, TEST, batched, classified, compare, held_out, planes
from imgen.faces.training.portraits import columns, located, portraits
from imgen.inference.registry import Model
from imgen.training.digits import digits
from imgen.training.report import Report

from ..networks import Gaussians
from ..tools.codes import latent
from ..training.labels import encoded
from .faces import put_in, unit_amount

AMOUNTS = (-2.5, -1.0, 0.0, 1.0, 2.5)  # standard deviations
MOVED = 100  # faces that the sliders are tried on


def evaluate_digits(folders: Sequence[Path]) -> Report:
    """The two terms of the evidence lower bound, and whether digits that look alike lie side by side."""
    images, labels = (np.concatenate(parts) for parts in zip(*map(digits, folders), strict=True))
    ink = np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.float32)[:, None] / np.float32(255)
    report = Report(TEST, "nats a digit, or % as the row says")
    made, mean, logvar = drawn(ink)
    made = made[-TEST:].clip(1e-6, 1 - 1e-6)
    entropy = -(ink[-TEST:] * np.log(made) + (1 - ink[-TEST:]) * np.log1p(-made)).sum((1, 2, 3))
    report.add_all("-log p(x | z), Bernoulli", "imgen", entropy)
    report.add_all("KL divergence", "imgen", (0.5 * (mean**2 + np.exp(logvar) - 1 - logvar)).sum(1)[-TEST:])
    flat = ink.reshape(len(ink), -1)
    _, _, axes = torch.pca_lowrank(torch.from_numpy(flat[:-TEST]), mean.shape[1], niter=5)
    for method, codes in (("imgen", mean), (f"PCA, {mean.shape[1]} components", flat @ axes.numpy())):
        near = cdist(codes[-TEST:], codes[:-TEST]).argmin(1)
        report.add_all("the nearest other digit is the same, %", method, 100.0 * (labels[near] == labels[-TEST:]))
    return report


def drawn(ink: Array) -> tuple[Array, Array, Array]:
    """Reconstructions, means and log variances of digits (N, 1, 32, 32)."""
    model, parts = imgen.model("vae/digits"), [ink[i : i + 500] for i in range(0, len(ink), 500)]
    size = model.settings["latent"]
    keep, none = np.ones((500, 1), np.float32), np.zeros((500, size), np.float32)
    outputs = [model(image=part, keep=keep[: len(part)], offset=none[: len(part)]) for part in parts]
    made, mean, logvar = (np.concatenate(one) for one in zip(*outputs, strict=True))
    return made, mean, logvar


def evaluate_directions(folders: Sequence[Path]) -> Report:
    """How sure the classifier is of each attribute as its slider moves: it should rise from left to right."""
    table = portraits(folders)
    crops = held_out(table)[:MOVED]
    truth, (places, signs) = columns(table, COLUMNS), located(table.names, COLUMNS)
    report = Report(MOVED, "the classifier's mean probability of the attribute, %")
    for k, name in enumerate(tqdm(COLUMNS, unit="slider")):
        for amount in AMOUNTS:
            edited = put_in(crops, np.float32(amount) * unit_amount(name)) if amount else crops
            chance = classified(edited)[0][:, places[k]]
            chance = 1 - chance if signs[k] < 0 else chance
            report.add_all(name, f"{amount:+g} sd" if amount else "as it is", 100 * chance)
        report.add_all(name, "all faces that have it", 100 * truth[:, k])
    return report


def evaluate_mixture(folders: Sequence[Path]) -> Report:
    """How likely the codes of faces it has not seen are; beside one Gaussian and the prior."""
    images = portraits(folders).images.astype(np.float32) / np.float32(255)
    codes = torch.from_numpy(encoded(images))
    seen, test = codes[:-TEST], codes[-TEST:]
    model = imgen.model("vae/mixture")
    count, size = len(model.card["measured"]["chances"]), latent()
    mixture = Gaussians(count, size)
    nothing = np.zeros((size, count), np.float32), np.zeros((count, size), np.float32)
    mixture.root.copy_(torch.from_numpy(model(noise=np.eye(size, dtype=np.float32), choice=nothing[0])).T)
    mixture.means.copy_(torch.from_numpy(model(noise=nothing[1], choice=np.eye(count, dtype=np.float32))))
    mixture.chances.copy_(torch.tensor(model.card["measured"]["chances"]))
    one, prior = Gaussians(1, size), Gaussians(1, size)
    one.means.copy_(seen.mean(0, keepdim=True))
    one.root.copy_(torch.linalg.cholesky(torch.cov(seen.T)))
    report = Report(TEST, "nats a code: -log p(z)")
    for method, density in (("mixture", mixture), ("one Gaussian", one), ("N(0, I)", prior)):
        report.add_all("codes of unseen faces", method, -density.log_density(test).logsumexp(1).numpy())
    return report


def evaluate_quantised(folders: Sequence[Path]) -> Report:
    """Reconstructions of the VQ-VAE; beside it a VAE of the same size and training, if there is one as vae/short."""
    test = held_out(portraits(folders))
    report = Report(TEST, "PSNR in dB, SSIM of 1")
    vq, short = imgen.model("vae/quantised"), available().get("vae/short")
    methods = {f"VQ-VAE, {size_of(vq)}": batched(lambda x: vq(image=planes(x)).transpose(0, 2, 3, 1), test)}
    if short is not None:
        size = short.settings["latent"]
        rest = {"keep": np.ones((BATCH, 1), np.float32), "offset": np.zeros((BATCH, size), np.float32)}
        methods[f"VAE, {size_of(short)}"] = batched(
            lambda x: short(image=planes(x), **{k: v[: len(x)] for k, v in rest.items()})[0].transpose(0, 2, 3, 1), test
        )
    compare(report, methods, test)
    return report


def size_of(model: Model) -> str:
    """What it cost, for a table."""
    return f"{model.card['parameters']:,} parameters, {model.card['training']['step']:,} steps"


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "vae/digits": evaluate_digits,
    "vae/directions": evaluate_directions,
    "vae/mixture": evaluate_mixture,
    "vae/quantised": evaluate_quantised,
}
