"""How much of the damage is found, and how much of what is found is damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.training.data import find_pictures
from imgen.training.report import Report

from ..training.marks import UNIT
from ..training.prints import grained, toned
from ..training.wear import worn

Finder = Callable[[Array], NDArray[np.bool_]]
TOLERANCE = 2  # units: how far what is found may lie beside a mark and still be it
SIZES = {0.15: 1, 0.5: 1, 1.5: 1, 6.0: 3, 12.0: 6}  # megapixels, and which share of the pictures is seen at that size
THINNEST = 0.7  # pixels to a unit, also in small photos
KERNEL, RISE = 5, 0.3  # of the morphological baseline: the best of 24 on five photos of BSDS500 at 1.5 megapixels


def ours(image: Array) -> NDArray[np.bool_]:
    """The tool."""
    return imgen.tools()["select_damage"](image) > 0.5


def top_hat(image: Array) -> NDArray[np.bool_]:
    """What is thin and much brighter or darker than its surroundings (Meyer 1979), the classic for dust."""
    light = image.mean(2)
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (KERNEL, KERNEL))
    parts = [cv2.morphologyEx(light, way, shape) for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)]
    return np.maximum(*parts) > RISE


METHODS: dict[str, Finder] = {"imgen": ours, "top-hat": top_hat}


def evaluate_damage(folders: Sequence[Path]) -> Report:
    """Precision, recall and F1 in percent of pixels, for damage drawn over photos that are enlarged to several sizes;
    and the share of pixels that are marked in photos without any.

    A pixel that is found counts where a mark is at most `TOLERANCE` units away; a pixel of a mark is found where
    something found is as near. A unit is a pixel of a photo of 1.5 megapixels.
    """
    paths = [p for folder in folders for p in find_pictures(folder)]
    report = Report(len(paths), "percent of the pixels")
    for i, path in enumerate(tqdm(paths, unit="picture")):
        photo = imgen.open(path).pixels
        for megapixels, every in SIZES.items():
            if i % every == 0:
                measure(report, photo, megapixels, np.random.default_rng([3, i]))
    return report


def measure(report: Report, photo: Array, megapixels: float, rng: np.random.Generator) -> None:
    """One photo at one size, with damage and without."""
    scale = (megapixels * 1e6 / (photo.shape[0] * photo.shape[1])) ** 0.5
    size = round(photo.shape[1] * scale), round(photo.shape[0] * scale)
    large = Pillow.fromarray((photo * 255).round().astype(np.uint8)).resize(size, Pillow.Resampling.BICUBIC)
    clean, grain = grained(rng, toned(rng, np.asarray(large, np.float32) / np.float32(255)))
    unit = max(THINNEST, (megapixels / UNIT) ** 0.5)
    case = worn(rng, clean, grain, unit)
    label = f"{megapixels:g} megapixels"
    for name, method in METHODS.items():
        found = method(case.image)
        precision, recall = agreement(found, case.damage > 0, case.counts > 0, round(TOLERANCE * unit))
        report.add(f"{label}, precision", name, 100 * precision)
        report.add(f"{label}, recall", name, 100 * recall)
        report.add(f"{label}, F1", name, 200 * precision * recall / (precision + recall + 1e-9))
        if megapixels <= UNIT:
            report.add(f"{label}, marked where none is", name, 100 * float(method(clean).mean()))


def agreement(
    found: NDArray[np.bool_], damage: NDArray[np.bool_], counts: NDArray[np.bool_], near: int
) -> tuple[float, float]:
    """Precision and recall (0..1) with that tolerance in pixels; 1 where there is nothing to be wrong about."""
    around, reached = widened(damage | ~counts, near), widened(found, near)
    precision = float(around[found].mean()) if found.any() else 1.0
    return precision, float(reached[damage].mean()) if damage.any() else 1.0


def widened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """All that is at most so many pixels away."""
    shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(mask.astype(np.uint8), shape) > 0
