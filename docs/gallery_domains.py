"""Write docs/gallery-domains.md and its pictures: what the models of domains make of pictures.

python docs/gallery_domains.py DATA      the folder that holds domains/day2sunset/ and styles/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from gallery import photos, save_row
from PIL import Image
from skimage import data

import imgen
from imgen.image.grid import sheet
from imgen.training.data import find_pictures
from imgen_plugins.cyclegan.tools import brush
from imgen_plugins.cyclegan.tools.choices import domains, styles
from imgen_plugins.cyclegan.tools.styling import ANY

HERE = Path(__file__).parent
PAIRS = {"day2sunset": ("day", "sunset")}
MODELS = (*dict.fromkeys(way.model for way in (*domains().values(), *styles().values())), ANY)
OPENED = (("coffee", "great-wave"), ("chelsea", "shipwreck"))  # a photo and a picture each, shown step by step
SIDES = {"day2sunset": 128}  # of a picture on a sheet
KINDS = ("domains", "styles", "pictures")
ACROSS = 5  # pairs of pictures in a row
HEAD = """# Domains

Made by `python docs/gallery_domains.py DATA`, in one run and without a choice, good results and bad ones, every
tool at its defaults. First photographs that come inside the packages of scikit-image and scikit-learn, then **all**
test pictures of day and sunset, in both directions: each picture, and on its right what became of it. No model was
trained on any of them.

Models: {models}

## Photographs

`translate` to sunset; `select_subject`, `invert_selection` and `translate`; and strengths of 0.5 and 1.5. Below,
`stylize` in all shipped styles, and with `picture=`: five paintings, which its network learned from among others,
and two pictures that it never saw, of stained tissue and of galaxies.

{photographs}
"""


def main() -> None:
    """Make every picture, then the page."""
    folder = Path(sys.argv[1])
    paintings = {path.stem: imgen.open(path).pixels for path in find_pictures(folder / "styles")}
    names = [name for name, pixels in photos().items() if photograph(name, pixels, paintings)]
    opened(paintings)
    shown = "\n\n".join(f"![{name}, {kind}](images/gallery/{name}-{kind}.jpg)" for name in names for kind in KINDS)
    checksums = ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS)
    parts = [HEAD.format(models=checksums, photographs=shown)]
    for pair, both in PAIRS.items():
        for side, (start, end) in zip("AB", (both, both[::-1]), strict=True):
            held_out(f"{start}-{end}", find_pictures(folder / "domains" / pair / f"test{side}"), end, SIDES[pair])
            picture = f"![all test pictures of {start} as {end}](images/gallery/{start}-{end}.jpg)"
            parts.append(f"## From {start} to {end}\n\n{picture}\n")
    (HERE / "gallery-domains.md").write_text("\n".join(parts), encoding="utf-8")


def photograph(name: str, pixels: np.ndarray, paintings: dict[str, np.ndarray]) -> bool:
    """One photo, translated and painted; grey ones are left out."""
    if np.ptp(pixels.astype(int), axis=2).max() == 0:
        return False
    photo, edit = imgen.Photo.from_array(pixels), imgen.Pipeline()
    behind = edit.add("select_subject").add("invert_selection")
    edits = {
        "sunset": edit.add("translate", domain="sunset"),
        "sunset behind": behind.add("translate", domain="sunset"),
        "sunset, strength=0.5": edit.add("translate", domain="sunset", strength=0.5),
        "sunset, strength=1.5": edit.add("translate", domain="sunset", strength=1.5),
    }
    made = [pixels.astype(np.float32) / 255, *(one(photo).pixels for one in edits.values())]
    save_row(f"{name}-domains", made, ("photo", *edits))
    painted = [imgen.Pipeline().add("stylize", style=style)(photo).pixels for style in styles()]
    save_row(f"{name}-styles", [made[0], *painted], ("photo", *styles()))
    others = {"tissue": data.immunohistochemistry(), "galaxies": data.hubble_deep_field()[:600, :600]}
    pictures = paintings | {key: image.astype(np.float32) / 255 for key, image in others.items()}
    after = [imgen.tools()["stylize"](made[0], picture=picture) for picture in pictures.values()]
    save_row(f"{name}-pictures", [made[0], *after], ("photo", *pictures))
    return True


def opened(paintings: dict[str, np.ndarray]) -> None:
    """The row docs/images/gallery/any-style.jpg: pictures, photos, what the network paints, and pieces over it."""
    row: list[np.ndarray] = []
    for name, painting in OPENED:
        photo, hand = photos()[name].astype(np.float32) / 255, brush.read(imgen.model(ANY), paintings[painting])
        row += [
            paintings[painting],
            photo,
            *(brush.brushed(photo, h, 1.0) for h in (hand._replace(picture=None), hand)),
        ]
    save_row("any-style", row, ("the picture", "photo", "the network", "and pieces") * len(OPENED), height=150)


def held_out(name: str, paths: list[Path], domain: str, side: int) -> None:
    """All test pictures beside their translations, docs/images/gallery/NAME.jpg."""
    cells: list[np.ndarray] = []
    for path in paths:
        pixels = imgen.open(path).pixels
        for picture in (pixels, imgen.tools()["translate"](pixels, domain=domain)):
            bytes_ = (picture * 255).round().astype(np.uint8)
            small = Image.fromarray(bytes_).resize((side, side), Image.Resampling.LANCZOS)
            cells.append(np.asarray(small, np.float32) / 255)
    whole = (sheet(np.stack(cells), 2 * ACROSS) * 255).round().astype(np.uint8)
    Image.fromarray(whole).save(HERE / "images" / "gallery" / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main()
