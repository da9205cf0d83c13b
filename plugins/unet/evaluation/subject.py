"""Selections on photos that the model was not trained on, with everyday methods beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.image.lab import rgb_to_lab
from imgen.training.data import Decoding
from imgen.training.pairs import Pairs
from imgen.training.report import Report

from .clicks import overlap, two_clicks

UNIT = (
    "max F, MAE and IoU, of 1; subjects/test is a split of the training photos' source, DUTS-TR, so figures of other "
    "sets are lower; clicks go where most is wrong, on the selection before refining"
)


def otsu(photo: Array) -> Array:
    """scikit-image's threshold on the lightness; the subject is the side that touches less of the frame."""
    light = rgb_to_lab(photo)[..., 0]
    bright = light > threshold_otsu(light)
    frame = np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]])
    return (bright ^ (frame.mean() > 0.5)).astype(np.float32)


def grabcut(photo: Array) -> Array:
    """OpenCV's GrabCut, told that the outer twentieth is background."""
    height, width = photo.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    inner = (width // 20, height // 20, width - width // 10, height - height // 10)
    cv2.setRNGSeed(0)
    picture = np.ascontiguousarray((photo[..., ::-1] * 255).round().astype(np.uint8))
    cv2.grabCut(picture, mask, inner, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_RECT)
    return np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def fine_grained(photo: Array) -> Array:
    """OpenCV's fine-grained saliency (Montabone & Soto 2010)."""
    filter_: Any = cv2.saliency.StaticSaliencyFineGrained_create()  # pyright: ignore[reportAttributeAccessIssue]
    picture = np.ascontiguousarray((photo[..., ::-1] * 255).round().astype(np.uint8))
    found = filter_.computeSaliency(picture)[1].astype(np.float32)
    return found / max(1e-6, float(found.max()))


SELECTORS: dict[str, Callable[[Array], Array]] = {
    "imgen": lambda photo: imgen.tools()["select_subject"](photo),
    "imgen, refine=false": lambda photo: imgen.tools()["select_subject"](photo, refine=False),  # no guided filter
    "Otsu": otsu,
    "GrabCut": grabcut,
    "fine-grained saliency": fine_grained,
}


def evaluate_subject(folders: Sequence[Path]) -> Report:
    """Max F (beta² = 0.3) of the mean precision and recall over 255 thresholds, and mean absolute error."""
    pairs = Pairs(folders, "image", "mask", Decoding("mask"))
    report = Report(len(pairs), UNIT)
    curves: dict[str, list[NDArray[np.float64]]] = {name: [] for name in SELECTORS}
    for i in tqdm(range(len(pairs)), unit="picture"):
        photo, truth = (part[i].astype(np.float32) / np.float32(255) for part in (pairs.first, pairs.second))
        for name, method in SELECTORS.items():
            started = time.perf_counter()
            found = method(photo)
            report.add("seconds a picture", name, time.perf_counter() - started)
            report.add("MAE", name, float(np.abs(found - truth[..., 0]).mean()))
            curves[name].append(precision_recall(found, truth[..., 0] > 0.5))
            report.add("IoU", name, overlap(found > 0.5, truth[..., 0] > 0.5))
        for clicks, value in enumerate(two_clicks(photo, truth[..., 0] > 0.5), 1):
            report.add("IoU", f"imgen, {clicks} click{'s'[: clicks > 1]}", value)
    for name, values in curves.items():
        report.add_statistic("max F", name, np.stack(values), max_f)
    return report


def precision_recall(found: Array, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Precision and recall (2, 255) at the thresholds 1/255 to 1."""
    level = (found * 255).round().astype(int).clip(0, 255)
    inside, everything = (np.bincount(x, minlength=256)[::-1].cumsum()[::-1][1:] for x in (level[truth], level.ravel()))
    return np.stack([inside / np.maximum(1, everything), inside / max(1, truth.sum())])


def max_f(curves: NDArray[np.float64], beta: float = 0.3) -> float:
    """The largest F of mean precision and recall (pictures, 2, thresholds), as in the saliency literature."""
    precision, recall = curves.mean(0)
    return float(np.max((1 + beta) * precision * recall / np.maximum(1e-9, beta * precision + recall)))
