"""Measurements of the close faces' autoencoder and its sliders, on the last 500 of FairFace's faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.training.marks import known, marks, people, seen
from imgen.faces.training.measures import planes, psnrs, put_back_all
from imgen.faces.training.portraits import portraits
from imgen.training.backbone import pretrained
from imgen.training.data import DataError, Pictures
from imgen.training.report import Report

from ..tools.codes import CLOSE, latent, reconstructed
from ..tools.sliders import moves
from ..training.closeup import unlike
from ..training.closeup_directions import SLIDERS

TEST = 500  # the last faces
EDITS = (2.5, 5.0)  # standard deviations
EDITED = 25  # faces a slider that have not what it brings
BATCH = 50
UPRIGHT = faces.Face((41.0, 38.4), (87.0, 38.4), 1.0)  # in a crop, the face is where crops have it
YOUNG, OLD = 0.3, 0.55  # parts of the way from the youngest to the oldest group


def evaluate_closeup(folders: Sequence[Path]) -> Report:
    """How well faces come back, also by group."""
    names, images, who = faces_of(folders)
    test = images[-TEST:].astype(np.float32) / np.float32(255)
    made = batched(test)
    report = Report(TEST, "PSNR in dB; distance of unit features of EfficientNet-Lite0, summed over five depths")
    for name, value, distance in zip(names[-TEST:], psnrs(made, test), distances(made, test), strict=True):
        age, male, origin = who[name]
        group = "children, 0 to 19" if age < YOUNG else "50 and older" if age > OLD else "20 to 49"
        for row in ("all", origin, "men" if male else "women", group):
            report.add(row, "PSNR", float(value))
            report.add(row, "distance", float(distance))
    return report


def evaluate_sliders(folders: Sequence[Path]) -> Report:
    """The classifier on marks that it never saw, and what it sees before and after edits as the tool makes them.

    It is the one whose word the directions come from; but it looks at pictures, they at codes.
    """
    names, images, _ = faces_of(folders)
    rows, test = marks()[1], images[-TEST:]
    learned = [i for i, name in enumerate(names[:-TEST]) if name in rows]
    kinds, _, classifier = known([names[i] for i in learned], seen(images[learned]), 0)
    features = seen(test)
    marked = [i for i, name in enumerate(names[-TEST:]) if name in rows]
    truth = np.array([rows[names[-TEST:][i]] for i in marked]) > 0.5
    chances = classifier(features)
    report = Report(len(marked), f"%; edits on {EDITED} faces each that lack the attribute")
    for k, kind in enumerate(kinds):
        right = (chances[marked, k] > 0.5) == truth[:, k]
        commoner = truth[:, k] == (truth[:, k].mean() > 0.5)
        for method, values in (("classifier right on marks", right), ("commoner answer right", commoner)):
            report.add_all(kind, method, 100.0 * values)
    for name, mark in tqdm(SLIDERS.items(), desc="edits"):
        if mark not in kinds:
            continue
        k = kinds.index(mark)
        lacking = np.flatnonzero(chances[:, k] < 0.5)[:EDITED]
        for amount in EDITS:
            shown = classifier(seen(changed(test[lacking], name, amount)))[:, k] > 0.5
            report.add_all(mark, f"seen after +{amount:g} sd of the slider", 100.0 * shown)
    return report


def faces_of(folders: Sequence[Path]) -> tuple[list[str], NDArray[np.uint8], dict[str, tuple[float, float, str]]]:
    """Names, pictures (N, 128, 128, 3), and who they show."""
    if len(folders) != 1:
        raise DataError(f"give --data one folder, fairface_128; got {len(folders)}")
    names = [path.name for path in Pictures([folders[0] / "images"]).paths]
    return names, portraits(folders, CLOSE.size).images, people(folders[0])


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


def changed(images: NDArray[np.uint8], name: str, amount: float) -> NDArray[np.uint8]:
    """Crops (N, 128, 128, 3) as edit_face changes them by so much of one slider."""
    crops = images.astype(np.float32) / np.float32(255)
    move = moves("vae/closeup-directions", CLOSE.model, {list(SLIDERS).index(name): amount})
    before, after = batched(crops), batched(crops, move)
    after = before + faces.oval(CLOSE.size, CLOSE.crop) * (after - before)
    drawn = np.stack([faces.detailed(*three) for three in zip(crops, before, after, strict=True)])
    return (put_back_all(crops, crops, drawn, UPRIGHT, CLOSE.crop) * 255).round().astype(np.uint8)


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "vae/closeup": evaluate_closeup,
    "vae/closeup-directions": evaluate_sliders,
}
