"""Write docs/images/gallery/face-people.jpg: what edit_face makes of people of all groups.

python docs/gallery_people.py faces/fairface_128
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from gallery_faces import save
from PIL import Image, ImageDraw

import imgen
from imgen.faces.training.marks import people

TEST = 500  # the last faces, which no model was trained on
EDITS = (
    *({"smile": 2.5}, {"smile": -2.5}, {"mouth_open": 2.5}, {"glasses": 2.5}, {"beard": 2.5}),
    *({"age": 2.5}, {"age": -2.5}),
)
SIDE = 128


def main(folder: Path) -> None:
    """A row for the first test face of each origin and gender, as it comes."""
    who = people(folder)
    first: dict[tuple[str, float], str] = {}
    for name in sorted(who)[-TEST:]:
        _, male, origin = who[name]
        first.setdefault((origin, male), name)
    edit, rows = imgen.tools()["edit_face"], [heading()]
    for (origin, male), name in sorted(first.items()):
        face = imgen.open(folder / "images" / name).pixels
        made = [edit(face, box=(0.0, 0.0, 1.0, 1.0), **amounts) for amounts in EDITS]
        rows.append(np.concatenate([face, *made], 1))
        print(origin, "man" if male else "woman", name, flush=True)
    save("face-people", np.concatenate(rows))


def heading() -> np.ndarray:
    """What each column was asked for, (16, W, 3)."""
    row = Image.new("RGB", (SIDE * (1 + len(EDITS)), 16), "white")
    for i, amounts in enumerate(({"photo": 0}, *EDITS)):
        text = ", ".join(f"{k}={v:g}" if v else k for k, v in amounts.items())
        ImageDraw.Draw(row).text((i * SIDE + 4, 2), text, fill="black")
    return np.asarray(row, np.float32) / np.float32(255)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
