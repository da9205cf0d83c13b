"""Write docs/gallery.md and its pictures: what the models make of photos that none of them was trained on.

python docs/gallery.py    needs scikit-image and scikit-learn, whose packages hold the photos
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage import data

import imgen
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour

HERE = Path(__file__).parent
HEIGHT = 220  # of a picture on the page
MODELS = ("unet/colorize", "unet/subject", "autoencoder/inpaint")
COLUMNS = {
    "colour": ("made grey", "colorize", "vividness=1", "seed=1", "the original"),
    "subject": ("photo", "cut out", "background blurred", "background grey", "removed"),
}
HEAD = """# Gallery

Made by `python docs/gallery.py`, in one run and without a choice: all photographs of everyday scenes that come inside
the packages of scikit-image and scikit-learn, every tool at its defaults, good results and bad ones. No model was
trained on them.
"""
TAIL = """
What to look for. Colour: skies, skin and leaves are what the network knows; clothes, paint and flowers could have been
any colour, and it can only guess (dots of `hints` tell it). Subjects: one clear thing before a background works best.
Removal repeats what is around the hole, which shows when the subject fills much of the photo.
"""


def photos() -> dict[str, np.ndarray]:
    """The photographs by name, bytes (H, W, 3)."""
    from sklearn.datasets import load_sample_images

    found = {name: getattr(data, name)() for name in ("astronaut", "camera", "chelsea", "coffee", "rocket")}
    found["motorcycle"] = data.stereo_motorcycle()[0]
    samples = load_sample_images()
    found |= {Path(name).stem: image for name, image in zip(samples.filenames, samples.images, strict=True)}
    return {n: np.dstack([p] * 3) if p.ndim == 2 else np.ascontiguousarray(p[..., :3]) for n, p in found.items()}


def colour(photo: imgen.Photo) -> list[np.ndarray]:
    """A row of the table of colours."""
    grey = photo.replace(pixels=lab_to_rgb(without_colour(rgb_to_lab(photo.pixels))))
    ways = [{}, {"vividness": 1}, {"seed": 1}]
    return [grey.pixels, *(imgen.Pipeline().add("colorize", **way)(grey).pixels for way in ways), photo.pixels]


def subject(photo: imgen.Photo) -> list[np.ndarray]:
    """A row of the table of subjects."""
    select = imgen.Pipeline().add("select_subject")
    cut = select.add("selection_to_alpha")(photo)
    background = select.add("invert_selection")
    assert cut.alpha is not None
    return [
        photo.pixels,
        on_checkerboard(cut.pixels, cut.alpha),
        background.add("blur", radius=max(photo.width, photo.height) / 60)(photo).pixels,
        background.add("saturation", amount=0)(photo).pixels,
        select.add("grow_selection", pixels=6).add("inpaint")(photo).pixels,
    ]


def on_checkerboard(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Transparency as image editors show it."""
    y, x = np.indices(alpha.shape) // max(1, max(alpha.shape) // 40)
    board = np.where((x + y) % 2, 0.85, 0.65)[..., None]
    return pixels * alpha[..., None] + board * (1 - alpha[..., None])


def save_row(name: str, pictures: list[np.ndarray], labels: tuple[str, ...], height: int = HEIGHT) -> None:
    """Pictures side by side with their labels above, docs/images/gallery/NAME.jpg."""
    small = [Image.fromarray((p.clip(0, 1) * 255).round().astype(np.uint8)) for p in pictures]
    small = [p.resize((round(p.width * height / p.height), height), Image.Resampling.LANCZOS) for p in small]
    row = Image.new("RGB", (sum(p.width + 4 for p in small), height + 16), "white")
    left = 0
    for picture, label in zip(small, labels, strict=True):
        ImageDraw.Draw(row).text((left + 2, 2), label, fill="black")
        row.paste(picture, (left, 16))
        left += picture.width + 4
    folder = HERE / "images" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    row.save(folder / f"{name}.jpg", quality=85, optimize=True)


def page() -> None:
    """Make every row, then the page."""
    lines = [HEAD, "Models: " + ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS) + "\n"]
    for title, kind, row in (("Colour", "colour", colour), ("Subjects", "subject", subject)):
        lines.append(f"## {title}\n")
        for name, pixels in photos().items():
            save_row(f"{name}-{kind}", row(imgen.Photo.from_array(pixels)), COLUMNS[kind])
            lines.append(f"![{name}: {', '.join(COLUMNS[kind])}](images/gallery/{name}-{kind}.jpg)\n")
            print(name, kind, flush=True)
    (HERE / "gallery.md").write_text("\n".join(lines) + TAIL, encoding="utf-8")


if __name__ == "__main__":
    page()
