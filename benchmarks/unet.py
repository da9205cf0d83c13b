"""Seconds of the U-Net plugin's tools on a photo of one megapixel, beside OpenCV's GrabCut.

python benchmarks/unet.py [--threads 2]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()
os.environ["IMGEN_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(options.threads)

import cv2
import numpy as np
from PIL import Image
from skimage import data

import imgen
from imgen_plugins.unet.evaluation.subject import grabcut

cv2.setNumThreads(options.threads)


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """The median after a first run, which loads the model."""
    run()
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    photo = np.asarray(Image.fromarray(data.coffee()).resize((1224, 816)), np.float32) / 255
    grey = np.repeat(photo.mean(2, keepdims=True), 3, 2)
    tools = imgen.tools()
    rows = {
        "GrabCut": seconds(lambda: grabcut(photo), 1),
        "select_subject": seconds(lambda: tools["select_subject"](photo)),
        "colorize": seconds(lambda: tools["colorize"](grey)),
    }
    print(f"1224x816, {options.threads} threads\n{'':16}{'seconds':>9}{'of GrabCut':>12}")
    for name, value in rows.items():
        print(f"{name:16}{value:9.2f}{value / rows['GrabCut']:12.3f}")


if __name__ == "__main__":
    main()
