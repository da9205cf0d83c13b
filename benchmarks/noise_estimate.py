"""How well denoise's estimate tells noise from texture: clean pictures, known noise, camera pairs.

python benchmarks/noise_estimate.py [--data DIR] [--real DIR] [--pictures N]

--data holds clean photos, --real pairs NAME_real.JPG and NAME_mean.JPG of a camera's noisy and averaged pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from skimage import data

import imgen
from imgen_plugins.autoencoder.tools.noise import examine
from imgen.training.data import find_pictures

SIGMAS = (5, 10, 15, 25, 50)


def shipped() -> None:
    """Pictures of scikit-image without noise, of which the first three are texture."""
    for name in ("grass", "gravel", "brick", "text", "coins", "coffee", "chelsea", "astronaut"):
        print(f"{name:>12} {examine(imgen.Photo.from_array(getattr(data, name)()).pixels).level:5.1f}")


def known(folder: Path, count: int) -> None:
    """Clean photos, and the same with white noise of known strength."""
    paths = find_pictures(folder)
    photos = [imgen.open(p).pixels for p in paths[:: max(1, len(paths) // count)][:count]]
    clean = np.array([examine(p).level for p in photos])
    print(f"{len(photos)} clean photos: median {np.median(clean):.1f}, 95 % below {np.quantile(clean, 0.95):.1f}, "
          f"most {clean.max():.1f}, above 4: {int((clean > 4).sum())}")  # fmt: skip
    print("sigma  median  error %  worst %")
    for sigma in SIGMAS:
        found: list[float] = []
        for i, photo in enumerate(photos):
            noisy = photo + np.random.default_rng(i).normal(0, sigma / 255, photo.shape)
            found.append(examine((np.rint(noisy.clip(0, 1) * 255) / 255).astype(np.float32)).level)
        errors = np.abs(np.array(found) / sigma - 1) * 100
        print(f"{sigma:5} {np.median(found):7.1f} {errors.mean():8.1f} {errors.max():8.1f}")


def real(folder: Path) -> None:
    """Estimates for noisy pictures of cameras and for their averages."""
    for kind in ("real", "mean"):
        found = [examine(imgen.open(p).pixels).level for p in sorted(folder.glob(f"*_{kind}.JPG"))]
        print(f"{len(found)} camera pictures, {kind}: mean {np.mean(found):.3f}, most {max(found):.2f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--pictures", type=int, default=40)
    options = parser.parse_args()
    shipped()
    if options.data:
        known(options.data, options.pictures)
    if options.real:
        real(options.real)


if __name__ == "__main__":
    main()
