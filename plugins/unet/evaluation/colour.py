"""Colours of photos that the model was not trained on, with everyday ways of having none beside them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen.training.data import find_pictures
from imgen.training.metrics import psnr
from imgen.training.report import Report

from .features import DISTANCE, FeatureDistance

GREY = 5  # photos with less mean chroma are left out of the measurement of colours
COARSE = 32  # pixels to one of true colours that are known roughly, which show what the Fréchet distance asks for
ROUGH = f"true colours, 1/{COARSE} of the size"
JUDGED = ("imgen", "imgen, 10 hints", ROUGH, "left grey", "mean colour")  # methods whose looks are compared
DOTS = 10  # hints a picture, at random places of the true colour


def evaluate_colorize(folders: Sequence[Path]) -> Report:
    """PSNR, colourfulness and looks of photos that were made grey, folder by folder; grey photos are left out."""
    report = Report(
        0, "PSNR in dB; rows of gain over grey in dB, colourfulness (Hasler & Süsstrunk 2003) and others say so"
    )
    for folder in folders:
        label = "/".join(part for part in folder.parts[-3:] if part not in ("data", "image", "photos"))
        photos = [photo for photo in map(pixels, find_pictures(folder)) if chroma(photo) >= GREY]
        typical = np.mean([rgb_to_lab(photo)[..., 1:].mean((0, 1)) for photo in photos], 0)
        features = FeatureDistance()
        for i, truth in enumerate(tqdm(photos, desc=label, unit="picture")):
            results = add_colours(report, label, truth, typical, np.random.default_rng(i))
            features.add(truth, {method: results[method] for method in JUDGED})
        features.report(report, f"{label}: {DISTANCE}")
        report.pictures += len(photos)
    return report


def add_colours(
    report: Report, label: str, truth: Array, typical: NDArray[Any], rng: np.random.Generator
) -> dict[str, Array]:
    """All figures of one photo; returns what each method made of it."""
    lab = rgb_to_lab(truth)
    grey = lab_to_rgb(without_colour(lab))
    colorize = imgen.tools()["colorize"]
    started = time.perf_counter()
    results = {"imgen": colorize(grey)}
    report.add("seconds a picture", "imgen", time.perf_counter() - started)
    results |= {f"imgen, vividness={v}": colorize(grey, vividness=v) for v in (0, 1)}
    results[f"imgen, {DOTS} hints"] = colorize(grey, hints=dots(truth, rng))
    results[ROUGH] = lab_to_rgb(np.dstack([lab[..., 0], rough(lab[..., 1:])]))
    results["left grey"] = grey
    results["mean colour"] = lab_to_rgb(np.dstack([lab[..., 0], np.broadcast_to(typical, (*lab.shape[:2], 2))]))
    for method, result in results.items():
        report.add(label, method, psnr(result, truth))
        report.add(f"{label}: gain", method, psnr(result, truth) - psnr(grey, truth))
        report.add(f"{label}: colourfulness", method, colourfulness(result))
    report.add(f"{label}: colourfulness", "truth", colourfulness(truth))
    return results


def rough(ab: Array) -> Array:
    """Colours a, b (h, w, 2) as they are in a picture of a fraction of the size."""
    height, width = ab.shape[:2]
    small = max(1, width // COARSE), max(1, height // COARSE)
    reduced = cv2.resize(ab, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (width, height)), np.float32)


def pixels(path: Path) -> Array:
    """A picture as (H, W, 3) in 0..1."""
    return np.ascontiguousarray(imgen.open(path).pixels)


def chroma(photo: Array) -> float:
    """Mean distance from grey in Lab."""
    return float(np.hypot(*np.moveaxis(rgb_to_lab(photo)[..., 1:], 2, 0)).mean())


def dots(truth: Array, rng: np.random.Generator) -> list[tuple[float, float, str]]:
    """Hints as a user would give who knows the photo: the colour around random places."""
    height, width = truth.shape[:2]
    smooth = cv2.blur(truth, (7, 7))
    made: list[tuple[float, float, str]] = []
    for x, y in rng.random((DOTS, 2)):
        r, g, b = (smooth[int(y * height), int(x * width)] * 255).round().astype(int)
        made.append((float(x), float(y), f"#{r:02x}{g:02x}{b:02x}"))
    return made


def colourfulness(photo: Array) -> float:
    """Hasler and Süsstrunk's measure on the 0-255 scale."""
    r, g, b = np.moveaxis(photo.astype(np.float64) * 255, 2, 0)
    rg, yb = r - g, (r + g) / 2 - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
