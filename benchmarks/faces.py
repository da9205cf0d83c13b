"""Seconds of finding and editing a face: a portrait of 12 megapixels and what the editor shows of it.

python benchmarks/faces.py [--threads 2]
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

import numpy as np
from PIL import Image
from skimage import data

import imgen
from imgen import faces
from imgen.faces.training.evaluation import cascade

PREVIEW = 1024  # pixels of the editor's longer side


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """The median after a first run, which loads the models."""
    run()
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def portrait(width: int, height: int) -> np.ndarray:
    """scikit-image's astronaut, enlarged."""
    return np.asarray(Image.fromarray(data.astronaut()[:384]).resize((width, height)), np.float32) / 255


def main() -> None:
    """Print the table."""
    photo, small = portrait(4000, 3000), portrait(PREVIEW, PREVIEW * 3 // 4)
    edit = imgen.tools()["edit_face"]
    rows = {
        "LBP cascade, preview": seconds(lambda: cascade(small)),
        "find, preview": seconds(lambda: faces.find(small)),
        "find, 12 megapixels": seconds(lambda: faces.find(photo)),
        "edit_face, preview": seconds(lambda: edit(small, smile=2.0)),
        "edit_face, 12 megapixels": seconds(lambda: edit(photo, smile=2.0)),
    }
    print(f"{options.threads} threads\n{'':26}{'seconds':>9}{'of the cascade':>16}")
    for name, value in rows.items():
        print(f"{name:26}{value:9.2f}{value / rows['LBP cascade, preview']:16.2f}")


if __name__ == "__main__":
    main()
