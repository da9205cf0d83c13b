"""Write docs/gallery-faces.md and its pictures: what models of faces make of one photo, and of noise.

python docs/gallery_faces.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gallery import save_row
from PIL import Image
from skimage import data

import imgen
from imgen_plugins.dcgan.evaluation.sums import SUMS

HERE = Path(__file__).parent
MODELS = (
    *(
        "core/faces",
        "core/face-colours",
        "vae/closeup",
        "vae/closeup-directions",
        "vae/faces",
        "vae/directions",
        "vae/mixture",
        "vae/digits",
    ),
    *("dcgan/faces", "dcgan/encoder", "dcgan/likely", "dcgan/directions", "dcgan/digits"),
)
EDITS = {
    "mood": [{"smile": -2.5}, {"smile": 2.5}, {"mouth_open": 2.5}, {"eyes_closed": 2.5}],
    "years": [{"age": -2.5}, {"age": 2.5}, {"gender": 2.5}, {"gender": 2.5, "beard": 2.5}],
    "looks": [{"glasses": 2.5}, {"makeup": 2.5}, {"blond": 2.5}, {"bangs": 2.5}],
}
PAGE = """# Faces

Made by `python docs/gallery_faces.py`, in one run and without a choice, good results and bad ones. No model was trained
on scikit-image's astronaut (Eileen Collins; NASA). The astronaut's pictures are parts of the photo at its own size;
samples have the 64x64 pixels of the models.

Models: {models}

## One photo, `edit_face`

![sliders of mood](images/gallery/face-mood.jpg)

![age and gender](images/gallery/face-years.jpg)

![glasses, make-up and hair](images/gallery/face-looks.jpg)

## People of all groups, `edit_face`

![seven edits of fourteen people](images/gallery/face-people.jpg)

Made by `python docs/gallery_people.py`: for each origin the first woman and the first man of FairFace's last 500 faces,
on which no model was trained, as they come; origin and gender are what FairFace says. Photos: FairFace (Kärkkäinen &
Joo, WACV 2021), CC BY 4.0, cropped and edited.

## `morph_faces`, from her to a face that nobody has

![five steps from one face to the other](images/gallery/face-morph.jpg)

## `latent_sheet`: the first 8 numbers of her code, from -3 to 3

![a row for each number](images/gallery/face-codes.jpg)

## `sample_faces`: the first 64 faces of seed 0, at the default temperature

![64 faces that do not exist](images/gallery/face-samples.jpg)

## `vae_manifold`: all digits on one map

![a map of digits](images/gallery/digits.jpg)

## `generate_faces`: the first 64 faces of seed 0 of the DCGAN, all as they came

![64 faces that do not exist](images/gallery/dcgan-samples.jpg)

## `interpolate_faces`, from seed 0 to 1, 2 to 3 and 4 to 5

![three walks from face to face](images/gallery/dcgan-walks.jpg)

## `face_arithmetic`: smiling woman - neutral woman + neutral man, of seed 0

![the terms, and nine smiling men](images/gallery/dcgan-sum.jpg)

## Ten sums, `face_arithmetic`, all of seed 0

![ten sums, each with its terms and nine results](images/gallery/dcgan-sums.jpg)

By rows: {sums}. On the left the terms, from top to bottom; on the right the result in the middle of eight relatives.

## `complete_face`: the mouth was painted over, three candidates of seed 0

![the photo with a hole, three completions, the photo](images/gallery/dcgan-completed.jpg)

## `draw_digit`, digit=7

![sevens](images/gallery/dcgan-sevens.jpg)
"""
MOUTH = np.s_[132:156, 200:250]  # rows and columns of the astronaut


def main() -> None:
    """Make every picture, then the page."""
    astronaut = np.ascontiguousarray(data.astronaut().astype(np.float32) / 255)
    tools = imgen.tools()
    for name, edits in EDITS.items():
        made = [tools["edit_face"](astronaut, **edit) for edit in edits]
        labels = [", ".join(f"{k}={v:g}" for k, v in edit.items()) for edit in edits]
        save_row(f"face-{name}", [part(p) for p in (astronaut, *made)], ("photo", *labels))
    other = tools["sample_faces"](seed=0, count=1, scale=4)
    whole = {"other": other, "other_box": (0.0, 0.0, 1.0, 1.0)}
    steps = [tools["morph_faces"](astronaut, amount=t, **whole)[0] for t in (0.25, 0.5, 0.75, 1.0)]
    labels = ("photo", *(f"amount={t}" for t in (0.25, 0.5, 0.75, 1.0)), "other")
    save_row("face-morph", [*(part(p) for p in (astronaut, *steps)), other], labels)
    save("face-codes", tools["latent_sheet"](astronaut, count=8))
    save("face-samples", tools["sample_faces"](seed=0, count=64, scale=1))
    save("digits", tools["vae_manifold"](side=20))
    dcgan(astronaut)
    checksums = ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS)
    page = PAGE.format(models=checksums, sums="; ".join(f"*{text}*" for text, _ in SUMS.values()))
    (HERE / "gallery-faces.md").write_text(page, encoding="utf-8")


def dcgan(astronaut: np.ndarray) -> None:
    """The pictures of the DCGAN plugin."""
    tools = imgen.tools()
    save("dcgan-samples", tools["generate_faces"](seed=0, count=64, scale=1))
    walk = tools["interpolate_faces"]
    walks = [walk(seed=n, other_seed=n + 1, frames=8, as_sheet=True, scale=1)[0] for n in (0, 2, 4)]
    save("dcgan-walks", np.concatenate(walks))
    save("dcgan-sum", tools["face_arithmetic"](seed=0))
    sheets = [tools["face_arithmetic"](terms=text, seed=0, scale=1) for text, _ in SUMS.values()]
    save("dcgan-sums", beside(sheets, 2))
    hole = np.zeros(astronaut.shape[:2], np.float32)
    hole[MOUTH] = 1
    painted = np.where(hole[..., None] > 0, np.float32([1, 0, 0]), astronaut)
    three = [tools["complete_face"](painted, hole=hole, candidates=3, choice=n) for n in (1, 2, 3)]
    labels = ("photo with a hole", "choice=1", "choice=2", "choice=3", "the photo as it was")
    save_row("dcgan-completed", [part(p) for p in (painted, *three, astronaut)], labels)
    save("dcgan-sevens", tools["draw_digit"](digit=7, scale=1))


def beside(sheets: list[np.ndarray], columns: int, gap: int = 12) -> np.ndarray:
    """Sheets (h, w, 3) of one size, row by row, with white between them."""
    padded = [np.pad(sheet, [(0, gap), (0, gap), (0, 0)], constant_values=1) for sheet in sheets]
    lines = [np.concatenate(padded[i : i + columns], 1) for i in range(0, len(padded), columns)]
    return np.concatenate(lines)[:-gap, :-gap]


def part(photo: np.ndarray) -> np.ndarray:
    """The astronaut's head and shoulders."""
    return photo[:240, 100:340]


def save(name: str, picture: np.ndarray) -> None:
    """A whole picture, docs/images/gallery/NAME.jpg."""
    bytes_ = (picture.clip(0, 1) * 255).round().astype(np.uint8)
    Image.fromarray(bytes_).save(HERE / "images" / "gallery" / f"{name}.jpg", quality=85, optimize=True)


if __name__ == "__main__":
    main()
