"""Write docs/gallery-restore.md and its pictures: damage that is found and filled, and photos made larger.

python docs/gallery_restore.py    needs scikit-image, scikit-learn and matplotlib, whose packages hold the photos
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gallery import save_row
from matplotlib.cbook import get_sample_data
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

import imgen
from imgen_plugins.autoencoder.training.prints import grained, toned
from imgen_plugins.autoencoder.training.wear import worn

HERE = Path(__file__).parent
MODELS = tuple(f"autoencoder/{name}" for name in ("damage", "inpaint", "denoise", "denoise-best", "upscale"))
PRINTS = ("scan", "select_damage", "and inpaint", "and denoise")
LARGER = ("the small photo", "bicubic", "upscale", "the large photo")
HEAD = """# Gallery: restoring

Made by `python docs/gallery_restore.py`, in one run and without a choice: photos that come inside the packages of
scikit-image, scikit-learn and matplotlib, every tool at its defaults, good results and bad ones. No model was trained
on them. No package brings a damaged print, so the damage of the first six is drawn by the program that drew it for
training, over other photos; the last two are as they are, and nothing of them should be marked (red).
"""
TAIL = """
What to look for. Marks that cross hair, twigs or lace are the hard ones; faint ones need more `sensitivity`. A large
stain that one sees the photo through is left alone. Enlarged photos get sharper edges; no texture is invented.
"""


def prints() -> dict[str, np.ndarray]:
    """The photographs by name, bytes (H, W, 3)."""
    with get_sample_data("grace_hopper.jpg") as file:
        hopper = np.asarray(Image.open(file).convert("RGB"))
    found = {"astronaut": data.astronaut(), "hopper": hopper, "chelsea": data.chelsea(), "rocket": data.rocket()}
    found |= {"coffee": data.coffee(), "china": load_sample_image("china.jpg")}
    return found | {"camera": np.dstack([data.camera()] * 3), "page": np.dstack([data.page()] * 3)}


def restored(photo: np.ndarray, seed: int) -> list[np.ndarray]:
    """A row: a damaged print, what is found, and what is made of it."""
    image = np.asarray(photo, np.float32) / np.float32(255)
    if seed < 6:
        rng = np.random.default_rng([7, seed])
        image = worn(rng, *grained(rng, toned(rng, image)), unit=0.8).image
    scan = imgen.Photo.from_array(image)
    found = imgen.Pipeline().add("select_damage")
    selection = found(scan).selection
    assert selection is not None
    red = np.where(selection[..., None] > 0, np.float32([1, 0, 0]), 0.5 + image / 2)
    filled = found.add("inpaint").add("clear_selection")
    return [image, red, filled(scan).pixels, filled.add("denoise")(scan).pixels]


def larger(photo: np.ndarray) -> list[np.ndarray]:
    """A row: a part of a photo made smaller, and larger again."""
    top, left = (max(0, n // 2 - 120) for n in photo.shape[:2])
    large = Image.fromarray(photo[top : top + 240, left : left + 240])
    small = large.resize((large.width // 2, large.height // 2), Image.Resampling.BICUBIC)
    ways = [small.resize(large.size, way) for way in (Image.Resampling.NEAREST, Image.Resampling.BICUBIC)]
    ways.append(imgen.tools()["upscale"](small).to_pil())
    return [np.asarray(picture, np.float32) / 255 for picture in (*ways, large)]


def page() -> None:
    """Make every row, then the page."""
    lines = [HEAD, "Models: " + ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS) + "\n"]
    for title, kind, labels in (("Old prints", "print", PRINTS), ("Twice the size", "larger", LARGER)):
        lines.append(f"## {title}\n")
        for seed, (name, photo) in enumerate(prints().items()):
            row = restored(photo, seed) if kind == "print" else larger(photo)
            save_row(f"{name}-{kind}", row, labels)
            lines.append(f"![{name}: {', '.join(labels)}](images/gallery/{name}-{kind}.jpg)\n")
            print(name, kind, flush=True)
    (HERE / "gallery-restore.md").write_text("\n".join(lines) + TAIL, encoding="utf-8")


if __name__ == "__main__":
    page()
