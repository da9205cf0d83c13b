"""What published weights are worth with 50 pictures: `unet/segment` learns dogs and birds, with them and without.

python benchmarks/transfer.py --data DIR [--out runs/transfer] [--minutes 5] [--threads 1]

DIR holds image/NAME.* and mask/NAME.png of salient subjects (DUTS). A dog is what EfficientNet-Lite0 itself, which
knows ImageNet's 118 breeds, is surest of, a bird likewise; the masks are people's. 25 of each are for training, 20 of
each for the test. Both runs get the same minutes. Prints the mean IoU and writes pictures.png: each photo, what
people marked, what is found with the weights and without; green dogs, magenta birds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import imgen
import numpy as np
import torch
from imgen.training.augment import square
from imgen.training.backbone import Classifier, classifier
from imgen.training.data import find_pictures
from imgen.training.pairs import resize
from PIL import Image
from tqdm import tqdm

KINDS = {"dog": [range(151, 269)], "bird": [range(7, 25), range(80, 101), range(127, 147)]}  # numbers of ImageNet
TRAINED, TESTED = 25, 20  # pictures of each kind
LEAST, MOST = 0.08, 0.6  # share of the photo that the subject covers
RUNS = {"weights": "true", "scratch": "false"}
COLOURS = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 1]], np.float32)
SHOWN = 256  # pixels, side of a picture on the sheet


def sureness(network: Classifier, photo: np.ndarray) -> dict[str, float]:
    """How likely a photo (H, W, 3) of 8 bits shows each kind, 0..1."""
    small = resize(square(photo, np.random.default_rng(0), 224, 1.0), 224, 224)
    image = torch.from_numpy(np.ascontiguousarray(small, np.float32) / 255).permute(2, 0, 1)[None]
    with torch.no_grad():
        likely = network(image).softmax(1)[0]
    return {kind: float(sum(likely[r.start : r.stop].sum() for r in spans)) for kind, spans in KINDS.items()}


def chosen(folder: Path) -> list[list[Path]]:
    """The photos of each kind, the surest first."""
    network = classifier()
    found: dict[Path, dict[str, float]] = {}
    for path in tqdm(find_pictures(folder / "image"), unit="photo"):
        mask = np.asarray(Image.open(folder / "mask" / f"{path.stem}.png").convert("L"))
        if LEAST < (mask > 127).mean() < MOST:
            found[path] = sureness(network, np.asarray(Image.open(path).convert("RGB")))
    return [sorted(found, key=lambda p, kind=kind: -found[p][kind])[: TRAINED + TESTED] for kind in KINDS]


def written(folder: Path, out: Path) -> None:
    """The two sets as OUT/{train,test}/{image,mask}; every other photo trains until there are enough."""
    for number, paths in enumerate(chosen(folder), 1):
        for i, path in enumerate(paths):
            of = out / ("train" if i % 2 == 0 or i >= 2 * TESTED else "test")
            for part in ("image", "mask"):
                (of / part).mkdir(parents=True, exist_ok=True)
            Image.open(path).convert("RGB").save(of / "image" / f"{path.stem}.png")
            mask = np.asarray(Image.open(folder / "mask" / f"{path.stem}.png").convert("L"))
            Image.fromarray(np.where(mask > 127, number, 0).astype(np.uint8)).save(of / "mask" / f"{path.stem}.png")


def trained(out: Path, minutes: float, threads: int) -> None:
    """Both networks, exported."""
    call = [sys.executable, "-m", "imgen.cli"]
    for name, begun in RUNS.items():
        run = [*call, "train", "unet/segment", "--data", str(out / "train"), "--set", "classes=3"]
        run += ["--minutes", str(minutes), "--threads", str(threads), "--set", f"pretrained={begun}"]
        subprocess.run([*run, "--out", str(out / name)], check=True)
        export = [*call, "export", str(out / name), "--name", f"unet/{name}", "--to", str(out / "models")]
        subprocess.run([*export, "--overwrite", "--terms", "DUTS-TR, research only"], check=True)


def labels(photo: imgen.Photo, model: str) -> np.ndarray:
    """The class of each pixel (H, W) that the tool `segment` finds."""
    tool = imgen.tools()["segment"]
    found = [tool(photo.pixels, model=f"unet/{model}", label=label) for label in (1, 2)]
    return np.where(np.maximum(*found) > 0.5, 1 + np.argmax(found, 0), 0)


def iou(found: np.ndarray, true: np.ndarray) -> float:
    """Of the pixels of the photo's kind."""
    kind = true.max()
    return float(((found == kind) & (true == kind)).sum() / ((found == kind) | (true == kind)).sum())


def row(photo: imgen.Photo, marked: Sequence[np.ndarray]) -> np.ndarray:
    """The photo, and the photo with each of the markings over it."""
    drawn = [photo.pixels, *(0.45 * photo.pixels + 0.55 * COLOURS[m] for m in marked)]
    return np.hstack([resize((d.clip(0, 1) * 255).astype(np.uint8), SHOWN, SHOWN) for d in drawn])


def compared(out: Path) -> None:
    """Prints the mean IoU of each kind; writes the sheet."""
    rows: list[np.ndarray] = []
    figures: dict[str, list[list[float]]] = {name: [[], []] for name in RUNS}
    for i, path in enumerate(find_pictures(out / "test" / "image")):
        photo, true = imgen.open(path), np.asarray(Image.open(out / "test" / "mask" / path.name))
        found = {name: labels(photo, name) for name in RUNS}
        for name, mark in found.items():
            figures[name][int(true.max()) - 1].append(iou(mark, true))
        if i % 5 == 0:
            rows.append(row(photo, [true, *found.values()]))
    Image.fromarray(np.vstack(rows)).save(out / "pictures.png")
    for name, both in figures.items():
        means = ", ".join(f"{kind} {np.mean(v):.3f}" for kind, v in zip(KINDS, both, strict=True))
        print(f"{name}: mean IoU {np.mean([*both[0], *both[1]]):.3f} ({means}) on {sum(map(len, both))} photos")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/transfer"))
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if not (options.out / "train").exists():
        written(options.data, options.out)
    trained(options.out, options.minutes, options.threads)
    os.environ["IMGEN_MODELS"] = str(options.out / "models")
    compared(options.out)
