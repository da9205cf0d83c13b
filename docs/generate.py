"""Write what the documentation shows of the program itself.

python docs/generate.py            tools.md, formats.md and the pictures of the first page
python docs/generate.py --check    1 if tools.md or formats.md is out of date
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import imgen
from imgen.cli.lists import explain
from imgen.engine.plugins import BUILT_IN
from imgen.io import kept

HERE = Path(__file__).parent
HEAD = "# Tools\n\nWritten by `python docs/generate.py` from the tools' own signatures and docstrings.\n"


def tools_page() -> str:
    """Every shipped tool as `imgen tools NAME` shows it."""
    own = [t for _, t in sorted(imgen.tools().items()) if t.plugin in BUILT_IN]
    return HEAD + "".join(f"\n## {tool.name}\n\n```\n{explain(tool)}\n```\n" for tool in own)


def pictures() -> None:
    """Before and after, side by side, made from scikit-image's photos, which no model was trained on."""
    from skimage import data

    (HERE / "images").mkdir(exist_ok=True)
    coffee = data.coffee()[:400, 100:500]
    side_by_side("denoise", noisy(coffee, 25), imgen.Pipeline().add("denoise"))
    scratched, hole = scratches(data.chelsea()[:300, 20:420])
    side_by_side("scratches", scratched, imgen.Pipeline().add("inpaint", mask=hole))
    rocket = data.rocket()[20:420, 120:520]
    mask = np.zeros(rocket.shape[:2], np.float32)
    mask[ROCKET] = 1
    side_by_side("removal", rocket, imgen.Pipeline().add("inpaint", mask=mask), mask)


ROCKET = np.s_[60:380, 180:250]


def noisy(photo: np.ndarray, sigma: float) -> np.ndarray:
    """White Gaussian noise, as a file holds it."""
    return (photo + np.random.default_rng(0).normal(0, sigma, photo.shape)).clip(0, 255).astype(np.uint8)


def scratches(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """White scratches and where they are."""
    from imgen.training.corrupt import strokes

    size = max(photo.shape[:2])
    hole = strokes(np.random.default_rng(4), size, 0.04, (2, 4), 0.2, (0.4, 1.2))[: photo.shape[0], : photo.shape[1]]
    return np.where(hole[..., None] > 0, 255, photo).astype(np.uint8), hole


def side_by_side(name: str, before: np.ndarray, edit: imgen.Pipeline, mark: np.ndarray | None = None) -> None:
    """Save before | after as docs/images/NAME.jpg."""
    after = edit(imgen.Photo.from_array(before)).pixels
    left = before if mark is None else np.where(mark[..., None] > 0, before // 2 + np.array([128, 0, 0]), before)
    both = np.concatenate([left, np.full((len(before), 8, 3), 255), after * 255], 1)
    Image.fromarray(both.round().astype(np.uint8)).save(HERE / "images" / f"{name}.jpg", quality=88)


def main() -> int:
    """Write, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    pages = {"tools.md": tools_page(), "formats.md": kept.page()}
    if parser.parse_args().check:
        old = [name for name, text in pages.items() if (HERE / name).read_text(encoding="utf-8") != text]
        for name in old:
            print(f"docs/{name} is out of date; run python docs/generate.py")
        return int(bool(old))
    for name, text in pages.items():
        (HERE / name).write_text(text, encoding="utf-8")
    pictures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
