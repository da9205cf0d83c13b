"""Measurements of the two models on photos that they were not trained on, with everyday methods beside them."""

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
from imgen.engine.plugins import available
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen.training.data import Decoding, find_pictures
from imgen.training.pairs import Pairs
from imgen.training.report import Report

from .looks import DISTANCE, Looks
from .simulated import overlap, two_clicks
from .tools import matting

Array = NDArray[np.float32]
GREY = 5  # photos with less mean chroma are left out of the measurement of colours
JUDGED = ("imgen", "imgen, 10 hints", "left grey", "mean colour")  # methods whose looks are compared
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
        looks = Looks()
        for i, truth in enumerate(tqdm(photos, desc=label, unit="picture")):
            results = add_colours(report, label, truth, typical, np.random.default_rng(i))
            looks.add(truth, {method: results[method] for method in JUDGED})
        looks.report(report, f"{label}: {DISTANCE}")
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
    results["left grey"] = grey
    results["mean colour"] = lab_to_rgb(np.dstack([lab[..., 0], np.broadcast_to(typical, (*lab.shape[:2], 2))]))
    for method, result in results.items():
        report.add(label, method, psnr(result, truth))
        report.add(f"{label}: gain", method, psnr(result, truth) - psnr(grey, truth))
        report.add(f"{label}: colourfulness", method, colourfulness(result))
    report.add(f"{label}: colourfulness", "truth", colourfulness(truth))
    return results


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


def psnr(result: Array, truth: Array) -> float:
    """Peak signal-to-noise ratio over the three channels."""
    return float(-10 * np.log10(np.mean((result - truth) ** 2)))


def colourfulness(photo: Array) -> float:
    """Hasler and Süsstrunk's measure on the 0-255 scale."""
    r, g, b = np.moveaxis(photo.astype(np.float64) * 255, 2, 0)
    rg, yb = r - g, (r + g) / 2 - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def ours(photo: Array) -> Array:
    """The tool."""
    return imgen.tools()["select_subject"](photo)


def coarse(photo: Array) -> Array:
    """The tool without the guided filter."""
    return imgen.tools()["select_subject"](photo, refine=False)


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
    "imgen": ours,
    "imgen, refine=false": coarse,
    "Otsu": otsu,
    "GrabCut": grabcut,
    "fine-grained saliency": fine_grained,
}
SHORT = ("unet/with-skips", "unet/without")  # after the same short training, where they were exported


def evaluate_subject(folders: Sequence[Path]) -> Report:
    """Max F (beta² = 0.3) of the mean precision and recall over 255 thresholds, and mean absolute error."""
    pairs = Pairs(folders, "image", "mask", Decoding("mask"))
    report = Report(
        len(pairs), "max F, MAE and IoU, of 1; clicks go where most is wrong, on the selection before refining"
    )
    methods = dict(SELECTORS)
    for name in SHORT:
        if name in available():
            methods[name] = lambda photo, name=name: matting(name, 0, photo, refine=True)
    curves: dict[str, list[NDArray[np.float64]]] = {name: [] for name in methods}
    for i in tqdm(range(len(pairs)), unit="picture"):
        photo, truth = (part[i].astype(np.float32) / np.float32(255) for part in (pairs.first, pairs.second))
        for name, method in methods.items():
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


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "unet/colorize": evaluate_colorize,
    "unet/subject": evaluate_subject,
}
