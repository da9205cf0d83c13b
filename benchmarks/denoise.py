"""Quality and time of denoising, imgen beside everyday methods, in one run on the same noisy pictures.

python benchmarks/denoise.py [--data DIR] [--pictures N] [--sigma 25] [--threads 2] [--tuning DIR]
    [--rounds 3] [--quick]

Without --data it uses the photos that scikit-image ships. OpenCV's strength and total variation's weight are
tuned first, on the photos in --tuning (default: the same ones, which flatters them). The methods take turns on each
picture, and the least of --rounds times counts, so that other work on the machine falls on all alike. --quick leaves
out those that take seconds.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", type=Path)
parser.add_argument("--tuning", type=Path)
parser.add_argument("--pictures", type=int, default=4)
parser.add_argument("--sigma", type=float, default=25)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--quick", action="store_true")
options = parser.parse_args()
for name in ("IMGEN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(options.threads)  # before the libraries read them
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it is imported before imgen, which sets this otherwise

import bm3d
import cv2
import numpy as np
import onnxruntime
import torch
from imgen.training.metrics import psnr
from imgen_plugins.autoencoder.evaluation import wavelet
from imgen_plugins.autoencoder.training import Denoise
from skimage import data
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

import imgen
from imgen.training import checkpoint, corrupt
from imgen.training.data import find_pictures

VERSION = onnxruntime.__version__
cv2.setNumThreads(options.threads)
torch.set_num_threads(options.threads)
Method = Callable[[np.ndarray, float], np.ndarray]


def photos(folder: Path | None, count: int) -> list[np.ndarray]:
    """Every so-manyth picture of a folder, or scikit-image's photos cut to 481 x 321."""
    if folder is None:
        shipped = (data.astronaut(), data.coffee(), data.chelsea(), data.rocket())
        return [np.ascontiguousarray(p[:321, :481] / 255, dtype=np.float32) for p in shipped][:count]
    paths = find_pictures(folder)
    return [np.ascontiguousarray(imgen.open(p).pixels) for p in paths[:: max(1, len(paths) // count)][:count]]


def nlm(strength: float) -> Method:
    """OpenCV's coloured non-local means at a multiple of sigma."""

    def run(noisy: np.ndarray, sigma: float) -> np.ndarray:
        h = strength * sigma
        return cv2.fastNlMeansDenoisingColored(as_bytes(noisy), None, h, h, 5, 21).astype(np.float32) / 255

    return run


def total_variation(weight: float) -> Method:
    """scikit-image's Chambolle at a multiple of sigma."""
    return lambda noisy, sigma: denoise_tv_chambolle(noisy, weight=weight * sigma / 255, channel_axis=2)


def skimage_nlm(noisy: np.ndarray, sigma: float) -> np.ndarray:
    """scikit-image's non-local means with the settings of its gallery."""
    s = sigma / 255
    return denoise_nl_means(noisy, h=0.6 * s, sigma=s, fast_mode=True, patch_size=5, patch_distance=6, channel_axis=2)


def as_bytes(image: np.ndarray) -> np.ndarray:
    """What OpenCV takes."""
    return (image.clip(0, 1) * 255).round().astype(np.uint8)


def ours(quality: str) -> Method:
    """The tool, told the noise."""
    return lambda noisy, sigma: imgen.tools()["denoise"](noisy, noise=sigma, quality=quality)


def eager() -> Method:
    """The weights of quality=fast in PyTorch."""
    model = imgen.model("autoencoder/denoise")
    trainer = Denoise(Denoise.Settings.model_validate(model.card["training"]["settings"]))
    trainer.build()
    network = trainer.networks["model"].eval()
    network.load_state_dict(checkpoint.from_onnx(model.path))
    network = network.to(memory_format=torch.channels_last)

    def run(noisy: np.ndarray, sigma: float) -> np.ndarray:
        height, width = noisy.shape[:2]
        padded = np.pad(noisy, ((0, -height % 8), (0, -width % 8), (0, 0)), mode="symmetric")
        image = torch.from_numpy(padded.transpose(2, 0, 1)[None].copy()).to(memory_format=torch.channels_last)
        with torch.inference_mode():
            out = network(image, torch.full((1, 1, *image.shape[2:]), sigma / 255))
        return out[0].numpy().transpose(1, 2, 0)[:height, :width]

    return run


Pictures = list[np.ndarray]


def measure(
    methods: dict[str, Method], clean: Pictures, noisy: Pictures, rounds: int
) -> dict[str, tuple[float, float]]:
    """Mean PSNR in dB and seconds a picture (the least of the rounds), the methods by turns."""
    for method in methods.values():
        method(noisy[0][:64, :64], options.sigma)  # warm up: sessions, threads, caches
    values: dict[str, list[float]] = {name: [] for name in methods}
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for truth, picture in zip(clean, noisy, strict=True):
        least = dict.fromkeys(methods, np.inf)
        for turn in range(rounds):
            for name, method in methods.items():
                if turn and method is bm3d_rgb:
                    continue
                started = time.perf_counter()
                result = method(picture, options.sigma)
                least[name] = min(least[name], time.perf_counter() - started)
                if not turn:
                    values[name].append(psnr(np.asarray(result, np.float32).clip(0, 1), truth))
        for name, took in least.items():
            seconds[name].append(took)
    return {name: (float(np.mean(values[name])), float(np.mean(seconds[name]))) for name in methods}


def bm3d_rgb(noisy: np.ndarray, sigma: float) -> np.ndarray:
    """BM3D (Dabov et al. 2007), its authors' package."""
    return bm3d.bm3d_rgb(noisy, sigma / 255)


def tuned(
    make: Callable[[float], Method], values: list[float], clean: list[np.ndarray], noisy: list[np.ndarray]
) -> float:
    """The setting with the best PSNR."""
    found = measure({str(value): make(value) for value in values}, clean, noisy, 1)
    return max(values, key=lambda value: found[str(value)][0])


def main() -> None:
    """Print the table."""
    clean = photos(options.data, options.pictures)
    noisy = [corrupt.gaussian(p, np.random.default_rng(i), options.sigma / 255) for i, p in enumerate(clean)]
    tuning = photos(options.tuning, 4) if options.tuning else clean
    tuning_noisy = [
        corrupt.gaussian(p, np.random.default_rng(99 + i), options.sigma / 255) for i, p in enumerate(tuning)
    ]
    strength = tuned(lambda v: nlm(v), [0.4, 0.55, 0.7, 0.85, 1.0], tuning, tuning_noisy)
    weight = tuned(total_variation, [0.5, 0.7, 0.9, 1.1, 1.4], tuning, tuning_noisy)
    methods: dict[str, Method] = {
        "imgen, quality=fast": ours("fast"),
        "imgen, quality=best": ours("best"),
        f"OpenCV NLM, h {strength} sigma": nlm(strength),
        f"scikit-image TV, weight {weight} sigma": total_variation(weight),
        "scikit-image wavelet": wavelet,
    }
    slow: dict[str, Method] = {"fast, PyTorch eager": eager(), "scikit-image NLM": skimage_nlm, "BM3D": bm3d_rgb}
    found = measure(methods if options.quick else methods | slow, clean, noisy, options.rounds)
    print(f"{len(clean)} pictures, sigma {options.sigma}, {options.threads} threads, ONNX Runtime {VERSION}")
    print(f"{'method':<38}{'PSNR dB':>8}{'seconds':>9}{'time / fast':>13}{'NLM / it':>10}")
    fast, _, reference, *_ = (seconds for _, seconds in found.values())
    for name, (quality, seconds) in found.items():
        print(f"{name:<38}{quality:8.2f}{seconds:9.3f}{seconds / fast:13.2f}{reference / seconds:10.2f}", flush=True)


if __name__ == "__main__":
    main()
