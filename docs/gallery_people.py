"""Write two sheets of the galleries: what edit_face, restyle_face and clean_face make of people of all groups.

python docs/gallery_people.py faces/fairface_128
"""

from __future__ import annotations

import sys
from collections.abc import Callable
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
RESTYLED = ({"smile": 1}, {"glasses": 1}, {"age": 0.7}, {"beard": 1})
WHOLE = (0.0, 0.0, 1.0, 1.0)
SIDE, BLOCK = 128, 8


def main(folder: Path) -> None:
    """A row for the first test face of each origin and gender, as it comes."""
    who = people(folder)
    first: dict[tuple[str, float], str] = {}
    for name in sorted(who)[-TEST:]:
        _, male, origin = who[name]
        first.setdefault((origin, male), name)
    faces = [imgen.open(folder / "images" / name).pixels for _, name in sorted(first.items())]
    tools = imgen.tools()
    save("face-people", sheet(faces, [changed(tools["edit_face"], amounts) for amounts in EDITS]))
    restyled = [changed(tools["restyle_face"], amounts) for amounts in RESTYLED]
    cleaned = ("clean_face", lambda face: tools["clean_face"](blocks(face), box=WHOLE))
    save("aae-everyone", sheet(faces, [*restyled, (f"blocks of {BLOCK}", blocks), cleaned]))


def changed(
    tool: Callable[..., np.ndarray], amounts: dict[str, float]
) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """What a column is headed by, and what makes its pictures."""
    return ", ".join(f"{k}={v:g}" for k, v in amounts.items()), lambda face: tool(face, box=WHOLE, **amounts)


def blocks(face: np.ndarray) -> np.ndarray:
    """The face in blocks with their mean colour."""
    small = face.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK, 3).mean((1, 3))
    return small.repeat(BLOCK, 0).repeat(BLOCK, 1).astype(np.float32)


def sheet(faces: list[np.ndarray], columns: list[tuple[str, Callable[[np.ndarray], np.ndarray]]]) -> np.ndarray:
    """A row for each face: itself, and what each column makes of it."""
    rows = [heading(["photo", *(text for text, _ in columns)])]
    return np.concatenate([*rows, *(np.concatenate([face, *(make(face) for _, make in columns)], 1) for face in faces)])


def heading(texts: list[str]) -> np.ndarray:
    """What each column was asked for, (16, W, 3)."""
    row = Image.new("RGB", (SIDE * len(texts), 16), "white")
    for i, text in enumerate(texts):
        ImageDraw.Draw(row).text((i * SIDE + 4, 2), text, fill="black")
    return np.asarray(row, np.float32) / np.float32(255)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
