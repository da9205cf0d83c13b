"""Write docs/gallery-codes.md and its pictures: maps, hands and changes by adversarial autoencoders.

python docs/gallery_codes.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gallery import save_row
from gallery_faces import part, save
from PIL import Image, ImageDraw
from skimage import data

import imgen

HERE = Path(__file__).parent
MODELS = ("aae/map", "aae/facemap", "aae/digits", "aae/faces", "aae/acaidigits")
EDITS = {
    "mood": [{"smile": -1}, {"smile": 1}, {"mouth_open": 1}, {"age": 1}],
    "looks": [{"glasses": 1}, {"gender": 1}, {"gender": 1, "beard": 1}, {"makeup": 1}, {"eyes_closed": 1}],
}
PAGE = """# Codes

Made by `python docs/gallery_codes.py`, in one run and without a choice, good results and bad ones. No model was trained
on scikit-image's astronaut (Eileen Collins; NASA) or on the digits drawn here.

Models: {models}

## `latent_map` of digits: every place of a plane has a digit

![a map of digits](images/gallery/aae-digits.jpg)

## `latent_map` of faces, of which two numbers can tell light, skin and age

![a map of faces](images/gallery/aae-faces.jpg)

## `restyle_digit`: a digit drawn with a pen, as it was read, and all ten in that hand

![three hands](images/gallery/aae-hands.jpg)

## `restyle_face`: her style code, other attributes

![mood and age](images/gallery/aae-mood.jpg)

![glasses, gender, make-up and eyes](images/gallery/aae-looks.jpg)

## `clean_face`: the face behind the blocks is INVENTED

![pixelated photos, what the model invents, and the photo](images/gallery/aae-cleaned.jpg)

## People of all groups, `restyle_face` and `clean_face`

![four edits of fourteen people, blocks and what is invented behind them](images/gallery/aae-everyone.jpg)

Made by `python docs/gallery_people.py`: for each origin the first woman and the first man of FairFace's last 500 faces,
on which no model was trained, as they come. Photos: FairFace (Kärkkäinen & Joo, WACV 2021), CC BY 4.0, cropped and
edited.

## `morph_codes`: from 3 to 8 and from 7 to 2, with ACAI

![two ways from digit to digit](images/gallery/aae-morph.jpg)

## `sample_prior`: hands and faces of nobody, and digits half-way between two labels, where no code of a digit is

![random hands](images/gallery/aae-samples.jpg)

![faces of nobody](images/gallery/aae-people.jpg)

![digits that are none](images/gallery/aae-holes.jpg)
"""
TURN = np.linspace(0, np.pi, 15)
STROKES = {
    3: [(0.35 + 0.2 * np.sin(t), 0.3 - 0.15 * np.cos(t)) for t in np.linspace(-0.8, np.pi, 20)]
    + [(0.35 + 0.22 * np.sin(t), 0.6 - 0.15 * np.cos(t)) for t in np.linspace(0, np.pi + 0.8, 20)],
    7: [(0.3, 0.25), (0.68, 0.25), (0.4, 0.8)],
    2: [(0.5 - 0.16 * np.cos(t), 0.35 - 0.14 * np.sin(t)) for t in TURN] + [(0.36, 0.76), (0.7, 0.76)],
    8: [(0.5 + (0.12 + 0.03 * (t > np.pi)) * np.sin(2 * t), 0.5 - 0.28 * np.cos(t)) for t in np.linspace(0, 6.28, 50)],
}


def main() -> None:
    """Make every picture, then the page."""
    astronaut = np.ascontiguousarray(data.astronaut().astype(np.float32) / 255)
    tools = imgen.tools()
    save("aae-digits", tools["latent_map"](side=20))
    save("aae-faces", tools["latent_map"](kind="faces", side=12))
    hands = [
        np.concatenate([drawn(n, w), tools["restyle_digit"](drawn(n, w))], 1) for n, w in ((3, 14), (7, 26), (2, 8))
    ]
    save("aae-hands", np.concatenate(hands))
    for name, edits in EDITS.items():
        made = [tools["restyle_face"](astronaut, **edit) for edit in edits]
        labels = [", ".join(f"{k}={v:g}" for k, v in edit.items()) for edit in edits]
        save_row(f"aae-{name}", [part(p) for p in (astronaut, *made)], ("photo", *labels))
    coarse = [blocks(astronaut, side) for side in (6, 10)]
    cleaned = [tools["clean_face"](one, points=[[0.44, 0.2]], box=(0.3, 0.03, 0.26, 0.37)) for one in coarse]
    order = [coarse[0], cleaned[0], coarse[1], cleaned[1], astronaut]
    save_row("aae-cleaned", [part(p) for p in order], ("blocks of 6", "invented", "blocks of 10", "invented", "photo"))
    ways = [
        tools["morph_codes"](drawn(a), other=drawn(b), kind="digits", frames=8, amount=1.0) for a, b in ((3, 8), (7, 2))
    ]
    save("aae-morph", np.concatenate([np.concatenate(list(way[:8, ::4, ::4]), 1) for way in ways]))
    save("aae-samples", tools["sample_prior"](seed=0))
    save("aae-people", tools["sample_prior"](kind="faces", seed=0, count=3))
    save("aae-holes", tools["sample_prior"](seed=0, between=0.5, count=3))
    checksums = ", ".join(f"{m} `{imgen.model(m).checksum[:12]}`" for m in MODELS)
    (HERE / "gallery-codes.md").write_text(PAGE.format(models=checksums), encoding="utf-8")


def drawn(digit: int, width: int = 14) -> np.ndarray:
    """A digit in ink on paper, (224, 224, 3) in 0..1."""
    picture = Image.new("RGB", (448, 448), (243, 240, 232))
    places = [(x * 448, y * 448) for x, y in STROKES[digit]]
    ImageDraw.Draw(picture).line(places, (30, 35, 80), 2 * width, "curve")
    return np.asarray(picture.resize((224, 224), Image.Resampling.BOX), np.float32) / 255


def blocks(photo: np.ndarray, side: int) -> np.ndarray:
    """The photo with blocks of `side` pixels where the face is."""
    made = photo.copy()
    rows, columns = (slice(start, start + length // side * side) for start, length in ((20, 180), (150, 150)))
    area = made[rows, columns]
    tiles = area.reshape(area.shape[0] // side, side, area.shape[1] // side, side, 3).mean((1, 3), keepdims=True)
    made[rows, columns] = np.broadcast_to(tiles, (tiles.shape[0], side, tiles.shape[2], side, 3)).reshape(area.shape)
    return made


if __name__ == "__main__":
    main()
