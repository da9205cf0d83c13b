"""Measurements of core/faces: held-out faces pasted into photos that show nobody, and real people marked by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.data import lbp_frontal_face_cascade_filename
from skimage.feature import Cascade
from tqdm import tqdm

from ...contract.arrays import Array
from ...inference.registry import shipped
from ...io.door import open as open_photo
from ...training.augment import jitter
from ...training.data import DataError, find_pictures
from ...training.report import Report
from ..crop import EYES, SIZE, Face
from ..finder import SURE, find
from ..look import centre, distance
from .colours import COLOURS, evaluate_colours
from .data import aged, aligned, moved, paste
from .measures import PAGE as PAGE  # where the card is shown
from .measures import evaluate_attributes

HELD_OUT = 1000  # the last faces, which training never shows
PASTED = 200  # so many of them are pasted
ACROSS = (10.0, 40.0)  # eye distances in pixels
TURNED = 20  # degrees, at most
TURNED_ROUND = ", on its side or upside down"


def evaluate_faces(folders: Sequence[Path]) -> Report:
    """Recall, eye error and false finds; the first folder holds aligned faces, the others photos.

    Photos count if `faces-marks.json` beside the model names them.
    """
    shown = list(pictures(folders))
    report = Report(len(shown), "shares of 1; eye errors are parts of the eye distance")
    errors: dict[tuple[str, str], list[float]] = {}
    for label, make in tqdm(shown, unit="picture"):
        photo, eyes = make()
        for name, found in answers(photo, report, quick=TURNED_ROUND in label).items():
            if not len(eyes):
                report.add(label.replace("nobody", "false finds a picture"), name, len(found))
            for truth in eyes:
                error = min((eye_error(face, truth) for face in found), default=np.inf)
                report.add(f"{label}: found", name, float(error < np.inf))
                if error < np.inf:
                    errors.setdefault((label, name), []).append(error)
    for (label, name), values in errors.items():
        report.add_statistic(f"{label}: median eye error", name, np.array(values), lambda v: float(np.median(v)))
    return report


def pictures(folders: Sequence[Path]) -> Iterator[tuple[str, Callable[[], tuple[Array, NDArray[Any]]]]]:
    """What is shown: a label, and what makes the photo and the eyes in it (N, 4: x, y of the left and right one).

    Raises:
        DataError: `faces-marks.json` names no photo of these folders.
    """
    marks = json.loads((shipped("core") / "faces-marks.json").read_text(encoding="utf-8"))
    paths = {p.name: p for folder in folders[1:] for p in find_pictures(folder)}
    free = [paths[name] for name in marks["free"] if name in paths]
    real = {paths[name]: eyes for name, eyes in marks["faces"].items() if name in paths}
    if not free or not real:
        raise DataError("faces-marks.json names no photo of these; give --data FACES and the folders it was made for")
    for i, path in enumerate(free):
        yield "nobody", partial(marked, path, [])
        yield f"nobody{TURNED_ROUND}", partial(marked, path, [], turns=1 + i % 3)
    for path, eyes in real.items():
        label = "portraits" if path.name.startswith("person") else "people in scenes"
        yield label, partial(marked, path, eyes)
        for turns in (1, 2, 3):
            yield label + TURNED_ROUND, partial(marked, path, eyes, turns=turns)
    for i in range(PASTED):
        angle = TURNED * (2 * i / (PASTED - 1) - 1)
        label = f"pasted, turned by {'10° to 20°' if abs(angle) > TURNED / 2 else 'up to 10°'}"
        yield label, partial(pasted, folders[0], free[i % len(free)], i, angle)


def marked(path: Path, eyes: list[list[float]], turns: int = 0) -> tuple[Array, NDArray[Any]]:
    """A photo, turned to the left by so many quarters, and the eyes in it, given in parts of its size, in pixels."""
    photo, places = pixels(path), np.array(eyes).reshape(-1, 2, 2)
    for _ in range(turns):
        photo, places = np.rot90(photo), np.stack([places[..., 1], 1 - places[..., 0]], -1)
    return np.ascontiguousarray(photo), places.reshape(-1, 4) * np.tile(photo.shape[1::-1], 2)


def pixels(path: Path) -> Array:
    """A picture as (H, W, 3) in 0..1."""
    return np.ascontiguousarray(open_photo(path).pixels)


def pasted(folder: Path, path: Path, i: int, angle: float) -> tuple[Array, NDArray[Any]]:
    """The i-th of the held-out faces, turned by so many degrees, in a photo, and the places of its eyes (1, 4)."""
    rng = np.random.default_rng(i)
    faces, photo = aligned(folder), pixels(path).copy()
    crop = faces[len(faces) - HELD_OUT + i * HELD_OUT // PASTED]
    scale = float(np.exp(rng.uniform(*np.log(ACROSS)))) / (EYES[1][0] - EYES[0][0])
    turn = scale * np.exp(1j * np.radians(angle))
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    reach = 0.4 * scale * SIZE  # the face is in the photo, its hair may not be
    middle = rng.uniform(reach, np.maximum(reach + 1, np.array(photo.shape[1::-1]) - reach))
    matrix = np.column_stack([linear, middle - linear @ (SIZE / 2, SIZE / 2)]).astype(np.float32)
    paste(photo, jitter(crop, rng), matrix, rng)
    return aged(photo, rng), moved(matrix, np.array(EYES))[None]


@cache
def detector() -> Any:
    """scikit-image's cascade, loaded once."""
    return Cascade(lbp_frontal_face_cascade_filename())


def cascade(photo: Array) -> list[Face]:
    """scikit-image's cascade of local binary patterns, its eyes where they usually are in its boxes."""
    side = min(photo.shape[:2])
    boxes = detector().detect_multi_scale((photo * 255).astype(np.uint8), 1.1, 1, (24, 24), (side, side))
    return [
        Face((b["c"] + 0.31 * b["width"], y := b["r"] + 0.39 * b["height"]), (b["c"] + 0.69 * b["width"], y), 1.0)
        for b in boxes
    ]


def answers(photo: Array, report: Report, *, quick: bool) -> dict[str, list[Face]]:
    """What each method finds, and how long it takes; `quick` leaves out the cascade, which knows upright faces only."""
    started = time.perf_counter()
    found = find(photo)
    seconds = time.perf_counter() - started
    both = {"imgen": [face for face in found if face.score >= SURE], "imgen, doubtful ones too": found}
    if quick:
        return both
    report.add("seconds a picture", "imgen", seconds)
    started = time.perf_counter()
    boxes = cascade(photo)
    report.add("seconds a picture", "cascade", time.perf_counter() - started)
    return {**both, "cascade": boxes}


def eye_error(face: Face, truth: NDArray[Any]) -> float:
    """Mean distance of the two eyes from the truth by the true eye distance; infinite if it is not that face.

    It is, if the middle between the eyes is off by less than half an eye distance, and that is within a factor of 1.8.
    """
    eyes = truth.reshape(2, 2)
    across = float(np.hypot(*(eyes[0] - eyes[1])))
    if np.hypot(*(centre(face) - eyes.mean(0))) > across / 2 or not across / 1.8 < distance(face) < across * 1.8:
        return np.inf
    return float(np.hypot(*(np.array([face.left, face.right]) - eyes).T).mean() / across)


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "core/faces": evaluate_faces,
    "core/attributes": evaluate_attributes,
    COLOURS: evaluate_colours,
}
