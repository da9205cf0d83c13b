"""How strong colours are in photos that unet/colorize learned from, relative to what it makes of them.

python benchmarks/colour_factors.py subjects/part-1/image subjects/part-2/image subjects/part-3/image [--photos 700]

The factors with the least square error, E[true · made] / E[made²], for each hue and lightness; `HUES` and `LIGHTS` in
plugins/unet/tools/calibration.py are these. To be run again for another network.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from imgen_plugins.unet.evaluation.colour import GREY, chroma, pixels
from imgen_plugins.unet.tools.calibration import HUES, LIGHTS
from imgen_plugins.unet.tools.colour import decode
from imgen_plugins.unet.tools.working import WHOLE, planes, working_size
from numpy.typing import NDArray

import imgen
from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.image.lab import rgb_to_lab, without_colour
from imgen.training.data import find_pictures

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folders", type=Path, nargs="+")
parser.add_argument("--photos", type=int, default=700, help="of which those without colours are left out")


def made(photo: Array) -> tuple[Array, Array]:
    """What the network makes of a photo (H, W, 3) before it is calibrated (h, w, 2), and Lab as it is (h, w, 3)."""
    model = imgen.model("unet/colorize")
    light = without_colour(rgb_to_lab(guided.reduced(photo, *working_size(photo, model, WHOLE))))[..., :1] / 100
    logits = model(light=planes(light), hints=np.zeros((1, 3, *light.shape[:2]), np.float32))[0]
    return decode(logits), guided.reduced(rgb_to_lab(photo), *logits.shape[1:])


def factors(pairs: list[tuple[Array, Array]], bins: list[NDArray[np.intp]], count: int) -> NDArray[np.float64]:
    """For each bin, E[true · made] / E[made²]."""
    shared, squares = np.zeros(count), np.zeros(count)
    for (ab, lab), places in zip(pairs, bins, strict=True):
        shared += np.bincount(places.ravel(), (ab * lab[..., 1:]).sum(2).ravel(), count)
        squares += np.bincount(places.ravel(), (ab * ab).sum(2).ravel(), count)
    return shared / squares


def main() -> None:
    """Print the factors."""
    chosen, draw = parser.parse_args(), random.Random(1)
    paths = [path for folder in chosen.folders for path in find_pictures(folder)]
    photos = map(pixels, draw.sample(paths, min(len(paths), chosen.photos)))
    pairs = [made(photo) for photo in photos if chroma(photo) >= GREY]
    turns = [np.arctan2(ab[..., 1], ab[..., 0]) / (2 * np.pi) % 1 for ab, _ in pairs]
    hues = factors(pairs, [(turn * len(HUES)).astype(int) % len(HUES) for turn in turns], len(HUES))
    levels = [(lab[..., 0] // 10).astype(int).clip(0, len(LIGHTS) - 1) for _, lab in pairs]
    print(f"{len(pairs)} photos with colours")
    print("hues, from each 15 degrees to the next:", *(f"{value:.2f}" for value in hues))
    print("lightness, from each 10 of L:", *(f"{value:.2f}" for value in factors(pairs, levels, len(LIGHTS))))


if __name__ == "__main__":
    main()
