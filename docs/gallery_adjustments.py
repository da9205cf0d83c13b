"""Write docs/gallery-adjustments.md and its pictures: everyday adjustments, a mask, a corrected cut-out, variations.

python docs/gallery_adjustments.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gallery import on_checkerboard, save_row
from skimage import data

import imgen
from imgen_plugins.cyclegan.tools.choices import styles

HERE = Path(__file__).parent
HEIGHT = 170  # of a picture on the page
STYLES = tuple(way.model for way in styles().values())
MODELS = ("unet/subject", "unet/colorize", *STYLES)
ADJUSTMENTS = {
    "light": {
        "exposure=1": ("light", {"exposure": 1}),
        "shadows=0.8": ("light", {"shadows": 0.8}),
        "highlights=-0.8": ("light", {"highlights": -0.8}),
        "contrast=0.6": ("contrast", {"amount": 0.6}),
        "contrast=-0.6": ("contrast", {"amount": -0.6}),
    },
    "colour": {
        "warmth=0.6": ("temperature", {"warmth": 0.6}),
        "warmth=-0.6": ("temperature", {"warmth": -0.6}),
        "tint=0.6": ("temperature", {"tint": 0.6}),
        "saturation=0": ("saturation", {"amount": 0}),
        "saturation=1.6": ("saturation", {"amount": 1.6}),
    },
    "detail": {
        "curves, an S": ("curves", {"curve": [[0, 0], [0.3, 0.18], [0.7, 0.84], [1, 1]]}),
        "curves, blue": ("curves", {"blue": [[0, 0.15], [1, 0.85]]}),
        "sharpen=2": ("sharpen", {"amount": 2, "radius": 2}),
        "blur=6": ("blur", {"radius": 6}),
        "text": ("text", {"words": "coffee", "size": 0.15}),
    },
    "shape": {
        "crop": ("crop", {"left": 0.15, "width": 0.7, "height": 0.9}),
        "angle=8": ("crop", {"angle": 8}),
        "rotate": ("rotate", {}),
        "flip": ("flip", {}),
        "resize=60": ("resize", {"longest": 60}),
    },
}
PAGE = """# Adjustments, masks and variations

Made by `python docs/gallery_adjustments.py` in one run, every tool at its defaults where the label tells nothing else.
The photos are scikit-image's coffee (Rachel Michetti, CC0) and astronaut (NASA, public domain).

Models: {models}

## One photo, every adjustment

![exposure, shadows, highlights, contrast](images/gallery/adjust-light.jpg)

![warmth, tint, saturation](images/gallery/adjust-colour.jpg)

![curves, sharpen, blur, text](images/gallery/adjust-detail.jpg)

![crop, straighten, rotate, flip, resize](images/gallery/adjust-shape.jpg)

## One step, limited by a mask and faded by its opacity

`saturation=0` everywhere; only where the photo is dark (`select_brightness:darkest=0,brightest=0.4`); only outside the
subject; and that at half its opacity.

![grey everywhere, in the dark, outside the subject, half of it](images/gallery/adjust-mask.jpg)

## A cut-out, corrected in two clicks

The first guess of `select_subject` keeps the shuttle. `points=[[0.45, 0.7]]`, a click on her, chooses her alone;
`background_points=[[0.8, 0.9]]`, a click on the helmet, takes that away too, as far as it can be told from her.

![the photo, the first guess, after one click, after two](images/gallery/adjust-cut.jpg)

## Variations

A slider (`temperature`'s warmth), seeds (`colorize` of the photo made grey) and styles.

![six values of a slider](images/gallery/adjust-slider.jpg)

![six seeds](images/gallery/adjust-seeds.jpg)

![the shipped styles](images/gallery/adjust-styles.jpg)
"""


def main() -> None:
    """Make every picture, then the page."""
    coffee = imgen.Photo.from_array(data.coffee())
    for name, ways in ADJUSTMENTS.items():
        made = [imgen.Pipeline().add(tool, **values)(coffee).pixels for tool, values in ways.values()]
        save_row(f"adjust-{name}", [coffee.pixels, *made], ("photo", *ways), HEIGHT)
    masked(coffee)
    cut()
    variations(coffee)
    checksums = ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS)
    (HERE / "gallery-adjustments.md").write_text(PAGE.format(models=checksums), encoding="utf-8")


def masked(photo: imgen.Photo) -> None:
    """The row of masks."""
    grey, none = imgen.Pipeline().add("saturation", amount=0), imgen.Pipeline()
    dark = none.add("select_brightness", darkest=0.0, brightest=0.4)
    behind = none.add("select_subject").add("invert_selection")
    edits = {
        "everywhere": grey,
        "where it is dark": grey.blend(mask=dark),
        "outside the subject": grey.blend(mask=behind),
        "outside, opacity=0.5": grey.blend(mask=behind, opacity=0.5),
    }
    save_row("adjust-mask", [photo.pixels, *(edit(photo).pixels for edit in edits.values())], ("photo", *edits), HEIGHT)


def cut() -> None:
    """The row of the corrected cut-out."""
    photo = imgen.Photo.from_array(data.astronaut())
    keep, leave = {"points": [[0.45, 0.7]]}, {"background_points": [[0.8, 0.9]]}
    made: list[np.ndarray] = [photo.pixels]
    for clicks in ({}, keep, {**keep, **leave}):
        done = imgen.Pipeline().add("select_subject", **clicks).add("selection_to_alpha")(photo)
        assert done.alpha is not None
        made.append(on_checkerboard(done.pixels, done.alpha))
    save_row("adjust-cut", made, ("photo", "the first guess", "one click: keep", "two clicks: leave out"), HEIGHT)


def variations(photo: imgen.Photo) -> None:
    """The rows of variations."""
    grey = imgen.Pipeline().add("saturation", amount=0)(photo)
    warm = (-0.9, -0.6, -0.3, 0.3, 0.6, 0.9)
    rows = {
        "slider": (photo, {f"warmth={v}": ("temperature", {"warmth": v}) for v in warm}),
        "seeds": (grey, {f"seed={v}": ("colorize", {"seed": v}) for v in range(6)}),
        "styles": (photo, {v: ("stylize", {"style": v}) for v in styles()}),
    }
    for name, (start, ways) in rows.items():
        made = [imgen.Pipeline().add(tool, **values)(start).pixels for tool, values in ways.values()]
        save_row(f"adjust-{name}", made, tuple(ways), HEIGHT)


if __name__ == "__main__":
    main()
