"""Measurements of the generators of digits: are they what was asked for, and are they all there?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen.engine.plugins import available
from imgen.inference.registry import Model
from imgen.training.diagnostics import nearest, stacked_modes
from imgen.training.digits import digits
from imgen.training.report import Report

TEST = 1000  # the last digits
STACKS = 10_000  # stacked digits whose modes are counted


def evaluate_digits(folders: Sequence[Path]) -> Report:
    """Whether the digit that is asked for is drawn, read by the nearest of the digits trained on; modes of stacks."""
    images, labels = digits(folders[0])
    known, truth = images[:-TEST].reshape(len(images) - TEST, -1) / np.float32(255), labels[:-TEST]
    report = Report(TEST, "% read as what was asked for; modes of 1,000")
    real = truth[nearest(images[-TEST:].reshape(TEST, -1) / np.float32(255), known)[0]]
    report.add_all("read right, %", "real digits", 100.0 * (real == labels[-TEST:]))
    model, asked = imgen.model("dcgan/digits"), np.arange(TEST) % 10
    code = random_of(model, TEST)
    made = model(code=code, label=np.eye(10, dtype=np.float32)[asked])[:, 0]
    report.add_all("read right, %", "imgen", 100.0 * (truth[nearest(made.reshape(TEST, -1), known)[0]] == asked))
    for name in ("dcgan/stacked", "dcgan/stacked-plain"):
        if name in available():
            stacks = imgen.model(name)
            parts = [stacks(code=part) for part in np.array_split(random_of(stacks, STACKS), 40)]
            modes = stacked_modes(np.concatenate(parts).transpose(0, 2, 3, 1), known.reshape(-1, 28, 28), truth)
            method = "imgen" if name == "dcgan/stacked" else "plain DCGAN"
            report.add(f"stacked digits: modes of 1,000 in {STACKS:,} samples", method, modes)
    return report


def random_of(model: Model, count: int) -> NDArray[np.float32]:
    """Codes (N, code) for a model."""
    return np.random.default_rng(0).standard_normal((count, model.settings["code"]), dtype=np.float32)


EVALUATIONS: dict[str, Callable[..., Any]] = {"dcgan/digits": evaluate_digits}
