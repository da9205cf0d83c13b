"""Measurements of what is done to real faces, the last ones, and of the sliders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces import Face
from imgen.faces.training.measures import psnrs, put_back_all
from imgen.faces.training.referee import compared, wanting
from imgen.training.metrics import psnr
from imgen.training.report import Report

from ..tools import attribute_words as words
from ..tools.codes import Codes, crop, drawn, encoded, plain, random_codes
from ..tools.completion import blended, completions
from ..tools.likely import guesses
from ..tools.search import Found, Goal, inverted, search
from .bench import Holes, bench

EVERY = 20  # of the last faces, one of so many is searched for; a search takes seconds
SOME, HOLED = 4, 8  # faces for what takes long
GUESSED = 5  # of the last faces, one of so many is guessed at
MOVED, SEARCHED = 40, 20  # made and real faces that the sliders move
EDIT = 2.5  # that a slider is moved by
BATCH = 50


def evaluate_encoder(folders: Sequence[Path]) -> Report:
    """How well real faces come back, and what is drawn into holes."""
    faces_of = bench(folders)
    test = faces_of.test[::EVERY]
    report = Report(len(test), "PSNR in dB")
    inversion(report, test)
    completion(report, test[:HOLED], faces_of.holes)
    return report


def evaluate_directions(folders: Sequence[Path]) -> Report:
    """How often the judge sees what a slider brought or no longer what it took, on made faces and on real ones."""
    faces_of = bench(folders)
    photos = faces_of.test[:SEARCHED]
    starts = {"made": plain(random_codes(0, MOVED)), "real": inverted_in_parts(photos).codes}
    drawn_ones = {where: drawn(start) for where, start in starts.items()}
    shown = {"made": faces_of.judge(drawn_ones["made"]), "real": faces_of.judge(photos)}
    kinds = ["male" if name == "gender" else name for name in faces_of.names]
    report = Report(
        MOVED, f"% of those of {MOVED} made and {SEARCHED} real faces for which {EDIT:g} of the slider is a change"
    )
    for name in tqdm([name for name in words.sliders() if name in faces_of.names], desc="sliders"):
        k = list(faces_of.names).index(name)
        for sign, (where, start) in product((1, -1), starts.items()):
            chosen = wanting(shown[where], kinds, name, k, sign)
            if not len(chosen):
                continue
            before, some = drawn_ones[where][chosen], Codes(*(part[chosen] for part in start))
            after = drawn(some.plus(words.change({name: sign * EDIT})))
            if where == "real":
                after = put_back_all(photos[chosen], before, after, Face(*crop().eyes, 1.0), crop())
            hits, flipped = compared(shown[where][chosen], faces_of.judge(after), kinds, k, sign)
            report.add_all(name, f"{'seen' if sign > 0 else 'gone'} after {sign * EDIT:+g}, {where}", 100.0 * hits)
            report.add_all(name, f"others flipped, {where}", 100.0 * flipped)
    return report


def inversion(report: Report, test: Array) -> None:
    """How well real faces come back; the parts of the method are taken away on the first of them."""
    report.add_all("inversion: PSNR", "encoder alone", psnrs(drawn(encoded_in_parts(test)), test))
    report.add_all("inversion: PSNR", "imgen", psnrs(inverted_in_parts(test).faces, test))
    some, start = test[:SOME], encoded(test[:SOME])
    zero = plain(np.zeros_like(start.code))
    ones = np.ones(some.shape[:3], np.float32)
    methods = {
        "imgen": (Goal(some, ones), start),
        "started at 0": (Goal(some, ones), zero),
        "codes alone": (Goal(some, ones, freedom=None), start),
        "codes alone, started at 0": (Goal(some, ones, freedom=None), zero),
        "codes alone, no pull": (Goal(some, ones, prior=0.0, freedom=None), start),
    }
    for method, (goal, begin) in tqdm(methods.items(), desc="inversion"):
        report.add_all(f"inversion of {SOME}: PSNR", method, psnrs(search(goal, begin).faces, some))


def completion(report: Report, test: Array, holes: Holes) -> None:
    """PSNR inside a hole over the mouth and over the eyes, of what is likeliest, against a smooth filling."""
    for name, hole in holes.items():
        known = np.ones((faces.SIZE, faces.SIZE), np.float32)
        known[hole] = 0
        for i in tqdm(range(len(test)), desc=name):
            made = blended(test[i], completions(test[i], known, 3, seed=i).faces[0], known)
            for method, filled in {"imgen": made, "smooth filling": smooth(test[i], known)}.items():
                report.add(f"completed {name}: PSNR in the hole", method, psnr(filled[hole], test[i][hole]))


def evaluate_likely(folders: Sequence[Path]) -> Report:
    """What is likely in a hole over the mouth and over the eyes, alone, against a smooth filling."""
    faces_of = bench(folders)
    test = faces_of.test[::GUESSED]
    report = Report(len(test), "PSNR in the hole in dB")
    for name, hole in faces_of.holes.items():
        known = np.ones((faces.SIZE, faces.SIZE), np.float32)
        known[hole] = 0
        for i, face in enumerate(tqdm(test, desc=name)):
            for method, made in zip(("the likeliest", "another guess"), guesses(face, known, 2, seed=i), strict=True):
                report.add(name, method, psnr(blended(face, made, known)[hole], face[hole]))
            report.add(name, "smooth filling", psnr(smooth(face, known)[hole], face[hole]))
    return report


def smooth(crop: Array, known: Array) -> Array:
    """The crop with its hole filled by biharmonic equations."""
    from skimage.restoration import inpaint_biharmonic

    filled: Any = inpaint_biharmonic(crop * known[..., None], known < 0.5, channel_axis=2)
    return filled.astype(np.float32)


def encoded_in_parts(pictures: Array) -> Codes:
    """The encoder's codes of many faces."""
    return joined([encoded(pictures[i : i + BATCH]) for i in range(0, len(pictures), BATCH)])


def inverted_in_parts(pictures: Array) -> Found:
    """The search on many faces."""
    parts = [inverted(pictures[i : i + BATCH]) for i in tqdm(range(0, len(pictures), BATCH), desc="inversion")]
    made, loss = (np.concatenate([getattr(p, name) for p in parts]) for name in ("faces", "loss"))
    return Found(joined([p.codes for p in parts]), made, loss)


def joined(parts: Sequence[Codes]) -> Codes:
    """Several batches of codes as one."""
    return Codes(*(np.concatenate(both) for both in zip(*parts, strict=True)))


EVALUATIONS: dict[str, Callable[..., Any]] = {
    "dcgan/encoder": evaluate_encoder,
    "dcgan/directions": evaluate_directions,
    "dcgan/likely": evaluate_likely,
}
