"""Seconds a step of every trainer in every precision and memory format, side by side, on drawn data.

python benchmarks/training.py [--threads 2] [--steps 3] [--device auto] [MODEL ...]

Precisions that the processor has not are emulated, and marked with *.
"""

from __future__ import annotations

import argparse
import gzip
import struct
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage import data

from imgen.engine.plugins import installed
from imgen.training import fastest
from imgen.training.hardware import Setup, choose, describe, known, native
from imgen.faces.attributes import COLUMNS

FACES, ATTRIBUTES = 64, 40
SETTINGS = {"held_out": 0, "count": 200, "labels": 100}  # where a trainer has them, so that little data will do


def photos(folder: Path, count: int = 12, side: int = 320) -> Path:
    """Parts of photos."""
    folder.mkdir(parents=True)
    rng, sources = np.random.default_rng(0), [data.coffee(), data.chelsea(), data.astronaut(), data.rocket()]
    for i in range(count):
        source = sources[i % len(sources)]
        top, left = (int(rng.integers(max(1, n - side))) for n in source.shape[:2])
        Image.fromarray(source[top : top + side, left : left + side]).save(folder / f"{i:03}.png")
    return folder


def faces(folder: Path) -> Path:
    """Something of 64x64 pixels with 40 attributes."""
    photos(folder / "images", FACES, 64)
    names = list(dict.fromkeys(c.removeprefix("-") for c in COLUMNS.values()))
    names += [f"Other_{i}" for i in range(ATTRIBUTES - len(names))]
    rng = np.random.default_rng(0)
    rows = [f"{i:03}.png,{','.join(map(str, rng.integers(2, size=len(names))))}" for i in range(FACES)]
    (folder / "attributes.csv").write_text("\n".join([",".join(["file", *names]), *rows]) + "\n")
    return folder


def digits(folder: Path, count: int = 200) -> Path:
    """Noise in MNIST's format."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (count, 28, 28), np.uint8), np.arange(count, dtype=np.uint8) % 10
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    return folder


def folders(base: Path) -> dict[str, list[Path]]:
    """Data for each trainer, by the longest beginning of its name."""
    plain, people, ink = photos(base / "photos"), faces(base / "faces"), digits(base / "digits")
    one = photos(base / "style", 1)
    for part in ("image", "mask"):
        photos(base / "pairs" / part)
    for part in ("trainA", "trainB"):
        photos(base / "day2night" / part)
    return {
        "autoencoder": [plain],
        "unet/colorize": [plain],
        "unet/pix2pix": [plain],
        "unet/segment": [base / "pairs"],
        "unet/subject": [base / "pairs"],
        "cyclegan/*": [base / "day2night"],
        "cyclegan/style": [one, plain],
        "core/faces": [people, plain],
        "aae": [ink],
        "aae/facemap": [people],
        "aae/faces": [people],
        "aae/acai": [people],
        "aae/acaidigits": [ink],
        "vae": [people],
        "vae/digits": [ink],
        "vae/direction": [people / "images", people / "images"],
        "vae/directions": [people],
        "dcgan": [people],
        "dcgan/faces": [people / "images"],
        "dcgan/digits": [ink],
    }


def row(kind: Any, given: dict[str, list[Path]], setups: list[Setup]) -> list[float]:
    """Seconds a step of one trainer in each way."""
    settings = {k: v for k, v in SETTINGS.items() if k in kind.Settings.model_fields}
    trainer = kind(kind.Settings(**settings))
    trainer.load(given[max((key for key in given if kind.name.startswith(key)), key=len)])
    return [fastest.seconds_a_step(trainer, setup) for setup in setups]


def head(setup: Setup) -> str:
    """The column of a way to compute."""
    emulated = "" if setup.precision in native(setup.device) else "*"
    return f"{setup.precision}{emulated} {'last' if setup.channels_last else 'cont'}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--steps", type=int, default=3, help="timed, after one that warms up")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    options = parser.parse_args()
    fastest.TIMED = options.steps
    device = choose(options.device)
    precisions = ["32", "bf16"] if device == "cpu" else ["32", "bf16", "16"]
    setups = [Setup(device, p, last, options.threads) for p, last in product(precisions, (False, True))]
    print(describe(known(device, threads=options.threads)))
    heads = [head(setup) for setup in setups]
    print(f"{'seconds a step':20}" + "".join(f"{name:>11}" for name in heads) + f"{'fastest':>12}{'of 32 cont':>12}")
    with tempfile.TemporaryDirectory() as scratch:
        given = folders(Path(scratch))
        for kind in installed().trainers()[0]:
            if options.models and kind.name not in options.models:
                continue
            values = row(kind, given, setups)
            best = int(np.argmin(values))
            cells = "".join(f"{value:11.3f}" for value in values)
            print(f"{kind.name:20}{cells}{heads[best]:>12}{values[best] / values[0]:12.2f}", flush=True)


if __name__ == "__main__":
    main()
