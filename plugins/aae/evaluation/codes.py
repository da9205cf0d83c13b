"""Measurements of maps, of digits with label and style apart, and of mixtures."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

import imgen
from imgen.engine.plugins import available
from imgen.faces import SIZE
from imgen.faces.training.measures import TEST, psnrs
from imgen.faces.training.portraits import portraits
from imgen.training.diagnostics import nearest
from imgen.training.report import Report

from ..tools import codes
from ..tools.codes import Array, decoded, encoded
from ..training.base import shuffled_digits
from ..training.lines import STEPS, draw_lines, nearest_line, smoothness
from ..training.priors import draw, sliced_wasserstein
from .realism import taken_for_unmixed

SEEDS = range(10)
WALKED = 50  # places on a map
WAYS = 200  # between two lines
FEWER = 2000  # pictures of the training set that are enough for what is compared with them
PLAIN = "-plain"  # the model of this name with that is the one to compare with, where there is one


def evaluate_map(folders: Sequence[Path]) -> Report:
    """Whether codes have the prior's distribution, and whether digits that look alike lie side by side."""
    images, truth = inked(folders)
    code = encoded_in_parts("aae/map", images)
    report = Report(TEST, "distances in standard deviations; the rest as the row says")
    match(report, "aae/map", code[-TEST:])
    near = cdist(code[-TEST:], code[:-TEST]).argmin(1)
    report.add_all("the nearest other digit is the same, %", "imgen", 100.0 * (truth[near] == truth[-TEST:]))
    reconstruction(report, "aae/map", "imgen", images[-TEST:])
    redraws(report, "digits")
    return report


def evaluate_facemap(folders: Sequence[Path]) -> Report:
    """Whether places have the prior's distribution, and what of a face two numbers can tell."""
    model = imgen.model("aae/facemap")
    test = faces_of(folders, codes.FACE)[-int(model.settings["held_out"]) :]
    report = Report(len(test), "distances in standard deviations; PSNR in dB")
    _, place = model(code=encoded_in_parts("aae/faces", test), place=np.zeros((len(test), 2), np.float32))
    match(report, "aae/facemap", place)
    there, _ = model(code=np.zeros((len(test), int(model.settings["code"])), np.float32), place=place)
    report.add_all("reconstruction: PSNR", "imgen", psnrs(decoded("aae/faces", there), test))
    redraws(report, "faces")
    return report


def redraws(report: Report, kind: str) -> None:
    """How long a step on the map takes, the map beside it drawn before."""
    rng, tool = np.random.default_rng(0), imgen.tools()["walk_map"]
    tool(kind=kind)
    for x, y in rng.random((WALKED, 2)):
        start = time.perf_counter()
        tool(kind=kind, x=float(x), y=float(y))
        report.add("walk_map: milliseconds a redraw", "imgen", 1e3 * (time.perf_counter() - start))


def evaluate_digits(folders: Sequence[Path]) -> Report:
    """Errors with few labels, and whether digits in another's hand are what they shall be."""
    images, truth = inked(folders)
    test, known = images[-TEST:], images[:-TEST].reshape(len(images) - TEST, -1)
    report = Report(TEST, "% as the row says; distances in standard deviations; PSNR in dB")
    for name, method in pair("aae/digits", "without agreement, as published"):
        code, first = encoded_in_parts(name, test), codes.style(imgen.model(name))
        report.add_all("read wrong, %", method, 100.0 * (code[:, first:].argmax(1) != truth[-TEST:]))
        match(report, name, code[:, :first], method)
        reconstruction(report, name, method, test)
        asked = np.arange(TEST) % 10
        code[:, first:] = np.eye(10, dtype=np.float32)[asked]
        read = truth[nearest(decoded(name, code).reshape(TEST, -1), known)[0]]
        report.add_all("restyled: the nearest real digit is what was asked for, %", method, 100.0 * (read == asked))
    read = truth[nearest(test.reshape(TEST, -1), known)[0]]
    report.add_all(
        "restyled: the nearest real digit is what was asked for, %",
        "real digits",
        100.0 * (read == truth[-TEST:]),
    )
    return report


def mixtures(name: str, images: Array) -> Report:
    """How often midpoints are taken for pictures that are not mixed, by a classifier that learned from other ones.

    Beside them are those of an autoencoder without the critic.
    """
    report = Report(TEST, "% as the row says; PSNR in dB")
    seen, test = images[:-TEST][:FEWER], images[-TEST:]
    made = {
        method: [drawn_both(model, part) for part in (seen, test)] for model, method in pair(name, "without critic")
    }
    for method, shares in taken_for_unmixed(made).items():
        for row, share in shares.items():
            report.add_all(row, method, 100.0 * share)
    for model, method in pair(name, "without critic"):
        reconstruction(report, model, method, test)
    return report


def drawn_both(name: str, images: Array) -> tuple[Array, Array]:
    """Reconstructions (N, S, S, C), and what is drawn half-way between each picture and the next one."""
    code = encoded_in_parts(name, images)
    return decoded(name, code), decoded(name, (code + np.roll(code, 1, 0)) / 2)


def evaluate_lines(folders: Sequence[Path]) -> Report:
    """The paper's figures: how far pictures between two lines are from any line, and how evenly they turn."""
    rng, report = np.random.default_rng(0), Report(WAYS, "as the row says")
    ends = draw_lines(rng.uniform(0, 2 * np.pi, 2 * WAYS))[..., None]
    for name, method in pair("aae/lines", "without critic"):
        code = encoded(name, ends)
        parts = np.linspace(0, 1, STEPS, dtype=np.float32)[None, :, None]
        between = (1 - parts) * code[:WAYS, None] + parts * code[WAYS:, None]
        distance, angle = nearest_line(decoded(name, between.reshape(WAYS * STEPS, -1))[..., 0])
        report.add_all("mean distance to the nearest line, 1e-3", method, 1e3 * distance.reshape(WAYS, STEPS).mean(1))
        uneven = smoothness(angle.reshape(WAYS, STEPS))
        report.add_all("smoothness: excess of the largest step", method, uneven[np.isfinite(uneven)])
        reconstruction(report, name, method, ends)
    return report


def match(report: Report, name: str, code: Array, method: str = "imgen") -> None:
    """The distance of codes (N, D) to the prior, over seeds, beside that of as many samples of it to others."""
    prior = imgen.model(name).card["measured"]["prior"]
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        first, second = (draw(prior, len(code), code.shape[1], rng) for _ in range(2))
        row = "sliced Wasserstein distance to the prior"
        report.add(row, method, sliced_wasserstein(code, first, seed=seed))
        report.add(row, "prior against prior", sliced_wasserstein(second, first, seed=seed))


def reconstruction(report: Report, name: str, method: str, images: Array) -> None:
    """PSNR of pictures (N, S, S, C)."""
    made = decoded(name, encoded_in_parts(name, images))
    report.add_all("reconstruction: PSNR", method, psnrs(made, images))


def pair(name: str, other: str) -> list[tuple[str, str]]:
    """The model as "imgen", and the one to compare with, where it was exported."""
    return [(name, "imgen"), *([(name + PLAIN, other)] if name + PLAIN in available() else [])]


def encoded_in_parts(name: str, images: Array) -> Array:
    """Codes (N, D) of many pictures (N, S, S, C)."""
    return np.concatenate([encoded(name, part) for part in np.array_split(images, -(-len(images) // 250))])


def inked(folders: Sequence[Path]) -> tuple[Array, NDArray[np.uint8]]:
    """Digits (N, 32, 32, 1) in 0..1, and their labels."""
    images, truth = shuffled_digits(folders)
    return images[..., None].astype(np.float32) / np.float32(255), truth


def faces_of(folders: Sequence[Path], size: int = SIZE) -> Array:
    """Aligned faces (N, size, size, 3) in 0..1."""
    return portraits(folders, size).images.astype(np.float32) / np.float32(255)


EVALUATIONS: dict[str, Callable[[Sequence[Path]], Report]] = {
    "aae/map": evaluate_map,
    "aae/facemap": evaluate_facemap,
    "aae/digits": evaluate_digits,
    "aae/acai": lambda folders: mixtures("aae/acai", faces_of(folders)),
    "aae/acaidigits": lambda folders: mixtures("aae/acaidigits", inked(folders)[0]),
    "aae/lines": evaluate_lines,
}
