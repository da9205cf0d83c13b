"""Measurements of the close faces' autoencoder, on the last 500 of FairFace's faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from imgen.contract.arrays import Array
from imgen.faces.training.measures import planes, psnrs
from imgen.faces.training.perceptual import unlike
from imgen.faces.training.referee import TEST, faces_of, groups
from imgen.training.backbone import pretrained
from imgen.training.report import Report

from ..tools.codes import CLOSE, latent, reconstructed

BATCH = 50


def evaluate_closeup(folders: Sequence[Path]) -> Report:
    """How well faces come back, also by group."""
    names, images, who = faces_of(folders)
    test = images[-TEST:].astype(np.float32) / np.float32(255)
    made = batched(test)
    report = Report(TEST, "PSNR in dB; distance of unit features of EfficientNet-Lite0, summed over five depths")
    for name, value, distance in zip(names[-TEST:], psnrs(made, test), distances(made, test), strict=True):
        for row in ("all", *groups(*who[name])):
            report.add(row, "PSNR", float(value))
            report.add(row, "distance", float(distance))
    return report


def batched(crops: Array, change: Array | None = None) -> Array:
    """Reconstructions (N, 128, 128, 3), their codes moved by `change` (latent,)."""
    offset = np.zeros(latent(CLOSE), np.float32) if change is None else change
    parts = [crops[i : i + BATCH] for i in range(0, len(crops), BATCH)]
    return np.concatenate([reconstructed(part, np.tile(offset, (len(part), 1)), CLOSE)[0] for part in parts])


def distances(made: Array, truth: Array) -> Array:
    """How unlike pictures (N, 128, 128, 3) look to EfficientNet-Lite0 (N,)."""
    network, found = pretrained().eval(), list[Array]()
    with torch.inference_mode():
        for i in range(0, len(made), BATCH):
            both = (torch.from_numpy(planes(x[i : i + BATCH])) for x in (made, truth))
            found.append(unlike(*map(network, both)).numpy())
    return np.concatenate(found)


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "vae/closeup": evaluate_closeup,
}
