"""Measurements of the models on pictures that they were not trained on, with everyday methods beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.restoration import denoise_tv_chambolle, denoise_wavelet, inpaint_biharmonic
from tqdm import tqdm

import imgen
from imgen.training import corrupt
from imgen.training.data import find_pictures
from imgen.training.metrics import psnr
from imgen.training.report import Report

Array = NDArray[np.floating[Any]]
CROP = 256  # side of the centre crops on which inpainting is measured


def nlm(noisy: Array, sigma: float) -> Array:
    """OpenCV's coloured non-local means, at the strength that benchmarks/denoise.py finds on BSDS500 at sigma 25."""
    picture = (noisy.clip(0, 1) * 255).round().astype(np.uint8)
    strength = 0.55 * sigma
    return cv2.fastNlMeansDenoisingColored(picture, None, strength, strength, 5, 21).astype(np.float32) / 255


def wavelet(noisy: Array, sigma: float) -> Array:
    """scikit-image's BayesShrink."""
    return denoise_wavelet(noisy.astype(np.float64), sigma / 255, channel_axis=2, convert2ycbcr=True).astype(np.float32)


def total_variation(noisy: Array, sigma: float) -> Array:
    """scikit-image's Chambolle, weight in proportion to the noise."""
    return denoise_tv_chambolle(noisy, weight=0.9 * sigma / 255, channel_axis=2)


def ours(quality: str) -> Callable[[Array, float], Array]:
    """The tool, told the noise."""
    return lambda noisy, sigma: imgen.tools()["denoise"](noisy, noise=sigma, quality=quality)


Methods = dict[str, Callable[[Array, float], Array]]


FAST: Methods = {"imgen": ours("fast"), "OpenCV NLM": nlm, "wavelet": wavelet, "total variation": total_variation}
BEST: Methods = {"imgen, quality=best": ours("best"), "imgen, quality=fast": ours("fast")}


def evaluate_denoise(folders: Sequence[Path], quality: str, methods: Methods) -> Report:
    """RGB PSNR for Gaussian noise that is clipped or not, for noise as cameras make it, and for that of real ones.

    Pictures NAME_real.* and NAME_mean.* are a photo and the mean of many of the same scene (PolyU, Xu et al. 2018);
    all others are clean and get noise.
    """
    paths = [p for folder in folders for p in find_pictures(folder)]
    pairs = [(p, truth) for p in paths if (truth := p.with_name(p.name.replace("_real.", "_mean."))) != p]
    clean = [p for p in paths if "_real." not in p.name and "_mean." not in p.name]
    report = Report(len(clean) + len(pairs), "PSNR in dB")
    for i, path in enumerate(tqdm(clean, unit="picture")):
        truth = np.ascontiguousarray(imgen.open(path).pixels)
        for label, noisy, sigma in noises(truth, i):
            compare(report, label, (noisy, truth, sigma), methods)
            if label.startswith("camera"):
                estimated(report, label, quality, noisy, truth)
    for real, mean in tqdm(pairs, unit="pair"):
        noisy, truth = (np.ascontiguousarray(imgen.open(path).pixels) for path in (real, mean))
        compare(report, "real cameras", (noisy, truth, float(np.std(noisy - truth) * 255)), methods)
        estimated(report, "real cameras", quality, noisy, truth)
    return report


def compare(report: Report, label: str, case: tuple[Array, Array, float], methods: Methods) -> None:
    """What each method makes of (noisy, truth, sigma); and how long it takes, in one of the rows."""
    noisy, truth, sigma = case
    for name, method in methods.items():
        started = time.perf_counter()
        result = method(noisy, sigma)
        if label == "Gaussian 25, clipped":
            report.add("seconds a picture", name, time.perf_counter() - started)
        report.add(label, name, psnr(result.clip(0, 1), truth))
    report.add(label, "as it is", psnr(noisy.clip(0, 1), truth))


def estimated(report: Report, label: str, quality: str, noisy: Array, truth: Array) -> None:
    """What the tool makes of it where it is not told the noise."""
    report.add(
        label, "imgen, noise estimated", psnr(imgen.tools()["denoise"](noisy, quality=quality).clip(0, 1), truth)
    )


def noises(truth: Array, i: int) -> list[tuple[str, Array, float]]:
    """(row of the report, noisy picture, sigma) for picture number `i`; the seed follows from the number."""
    rows: list[tuple[str, Array, float]] = []
    for sigma in (15, 25, 50):
        noisy = corrupt.gaussian(truth, np.random.default_rng([sigma, i]), sigma / 255)
        rows.append((f"Gaussian {sigma}", noisy, sigma))
        if sigma == 25:
            rows.append(("Gaussian 25, clipped", corrupt.quantise(noisy), sigma))
    camera = corrupt.camera(truth, np.random.default_rng([1, i]), 20 / 255)
    rows.append(("camera 20", camera, float(np.std(camera - truth) * 255)))
    return rows


def filled(texture: bool) -> Callable[[Array, NDArray[np.bool_]], Array]:
    """The tool; pieces of what is around bring texture, which looks better and which no pixel-wise measure rewards."""
    return lambda picture, hole: imgen.tools()["inpaint"](picture, mask=hole.astype(np.float32), texture=texture)


def opencv(way: int) -> Callable[[Array, NDArray[np.bool_]], Array]:
    """One of OpenCV's two methods on 8-bit pictures."""

    def run(picture: Array, hole: NDArray[np.bool_]) -> Array:
        damaged = (picture * 255).round().astype(np.uint8)
        return cv2.inpaint(damaged, hole.astype(np.uint8), 3, way).astype(np.float32) / 255

    return run


def biharmonic(picture: Array, hole: NDArray[np.bool_]) -> Array:
    """scikit-image's biharmonic equation."""
    return inpaint_biharmonic(picture, hole, channel_axis=2).astype(np.float32)


INPAINTERS: dict[str, Callable[[Array, NDArray[np.bool_]], Array]] = {
    "imgen": filled(texture=False),
    "imgen with pieces": filled(texture=True),
    "Telea": opencv(cv2.INPAINT_TELEA),
    "Navier-Stokes": opencv(cv2.INPAINT_NS),
    "biharmonic": biharmonic,
}


def evaluate_inpaint(folders: Sequence[Path]) -> Report:
    """PSNR inside the hole on centre crops of 256 x 256."""
    paths = [p for folder in folders for p in find_pictures(folder)]
    report = Report(len(paths), "PSNR in the hole in dB")
    for i, path in enumerate(tqdm(paths, unit="picture")):
        truth = centre(imgen.open(path).pixels)
        for label, hole in holes(i):
            damaged = np.where(hole[..., None], np.float32(0.5), truth)
            for name, method in INPAINTERS.items():
                report.add(label, name, psnr(method(damaged, hole).clip(0, 1), truth, hole))
    return report


def centre(image: Array) -> Array:
    """The middle CROP x CROP pixels."""
    top, left = ((n - CROP) // 2 for n in image.shape[:2])
    return np.ascontiguousarray(image[top : top + CROP, left : left + CROP])


def holes(i: int) -> list[tuple[str, NDArray[np.bool_]]]:
    """(row of the report, hole) for picture number `i`."""
    rng = np.random.default_rng([2, i])
    square = np.zeros((CROP, CROP), np.float32)
    square[96:160, 96:160] = 1
    masks: dict[str, Array] = {
        "scratches 8 %": corrupt.scratches(rng, CROP, 0.08),
        "random 50 %": corrupt.scattered(rng, CROP, 0.5),
        "free-form 22 %": corrupt.free_form(rng, CROP, 0.22),
        "square 64": square,
    }
    return [(label, mask > 0.5) for label, mask in masks.items()]
