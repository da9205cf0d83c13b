"""Measurements of the close faces' sliders on FairFace's last 500 faces, by a judge that training has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.training.marks import Classifier, marks, seen
from imgen.faces.training.measures import classified, put_back_all
from imgen.training.report import Report

from ..tools.codes import CLOSE
from ..tools.codes import changed as inside
from ..tools.sliders import moves
from ..training.closeup_directions import SLIDERS
from .closeup import TEST, batched, faces_of, groups

AMOUNT = 2.5
EDITED = 40  # faces a slider and direction
EVERY = 3  # of the faces that are trained on, for age and gender
OLDER = 0.1  # change of age, of 1 from the youngest to the oldest of nine groups, that counts as seen
FALSE = 0.01  # part of pairs of other people that are taken for one person
UPRIGHT = faces.Face((41.0, 38.4), (87.0, 38.4), 1.0)  # in a crop, the face is where crops have it
GROWN = 0.3  # of the way from the youngest to the oldest group


class Judge(NamedTuple):
    """What faces show, by EfficientNet-Lite2's features: marks, then age and male.

    Attributes:
        kinds: names of what it tells.
        marked: learned from marks by eye.
        people: learned from FairFace's ages and genders.
    """

    kinds: list[str]
    marked: Classifier
    people: Classifier

    def __call__(self, images: NDArray[np.uint8]) -> Array:
        """Chances, and age from 0 to 1, (N, K) of faces (N, 128, 128, 3)."""
        features = seen(images, "lite2")
        return np.concatenate([self.marked(features), self.people(features)], 1)


def judge_of(names: list[str], images: NDArray[np.uint8], who: dict[str, tuple[float, float, str]]) -> Judge:
    """The judge, from faces other than the last ones."""
    kinds, rows = marks()
    learned = [i for i, name in enumerate(names[:-TEST]) if name in rows]
    marked = Classifier(seen(images[learned], "lite2"), np.array([rows[names[i]] for i in learned], np.float32))
    some = range(0, len(names) - TEST, EVERY)
    known = np.array([who[names[i]][:2] for i in some], np.float32)
    return Judge(
        [*kinds, "age", "male"], marked, Classifier(seen(images[some.start : some.stop : EVERY], "lite2"), known)
    )


def evaluate_sliders(folders: Sequence[Path]) -> Report:
    """What a judge sees before and after edits as the tool makes them, and whether it is the same person."""
    names, images, who = faces_of(folders)
    judge, test = judge_of(names, images, who), images[-TEST:]
    before = judge(test)
    report = Report(
        TEST, f"% of up to {EDITED} faces a row and direction for which {AMOUNT:g} of the slider is a change"
    )
    trusted(report, judge, names[-TEST:], before, who)
    vectors, level = persons(test)
    for name, mark in tqdm(SLIDERS.items(), desc="edits"):
        for sign, method in ((1, f"seen after +{AMOUNT:g}"), (-1, f"gone after -{AMOUNT:g}")):
            k = judge.kinds.index(mark)
            chosen = wanting(before, judge.kinds, name, k, sign)
            edited = changed(test[chosen], name, sign * AMOUNT)
            hits, flipped = compared(before[chosen], judge(edited), judge.kinds, k, sign)
            same = (persons(edited)[0] * vectors[chosen]).sum(1) > level
            report.add_all(name, method, 100.0 * hits)
            report.add_all(name, "others flipped", 100.0 * flipped)
            report.add_all(name, "same person", 100.0 * same)
            for i, hit in zip(chosen, hits, strict=True):
                for group in groups(*who[names[-TEST:][i]]):
                    report.add(group, method, 100.0 * float(hit))
    return report


def trusted(
    report: Report, judge: Judge, names: list[str], before: Array, who: dict[str, tuple[float, float, str]]
) -> None:
    """How often the judge is right about marks, and about gender, beside the commoner answer."""
    rows = marks()[1]
    marked = [i for i, name in enumerate(names) if name in rows]
    truth = np.array([rows[names[i]] for i in marked]) > 0.5
    male = np.array([who[name][1] for name in names]) > 0.5
    answers = {mark: (before[marked, k] > 0.5, truth[:, k]) for k, mark in enumerate(judge.kinds[:-2])}
    answers["male"] = before[:, -1] > 0.5, male
    for name, mark in SLIDERS.items():
        if mark in answers:
            said, true = answers[mark]
            report.add_all(name, "judge right", 100.0 * (said == true))
            report.add_all(name, "commoner answer right", 100.0 * (true == (true.mean() > 0.5)))


def wanting(before: Array, kinds: list[str], name: str, k: int, sign: int) -> NDArray[np.intp]:
    """The first faces that have not, or have, what a slider is about; beards for men, make-up for women, grown ones."""
    value = before[:, k]
    if name == "age":
        return np.flatnonzero(value < 0.6 if sign > 0 else value > 0.35)[:EDITED]
    can = value < 0.4 if sign > 0 else value > 0.6
    if sign > 0 and name in ("beard", "moustache", "makeup"):
        male, age = before[:, kinds.index("male")], before[:, kinds.index("age")]
        can &= ((male < 0.5) if name == "makeup" else (male > 0.5)) & (age > GROWN)
    return np.flatnonzero(can)[:EDITED]


def compared(before: Array, after: Array, kinds: list[str], k: int, sign: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Whether each face shows what was asked for (N,), and the part of the others that changed (N,)."""
    age, teeth = kinds.index("age"), kinds.index("teeth")
    hits = (after[:, k] - before[:, k]) * sign > OLDER if k == age else (after[:, k] > 0.5) == (sign > 0)
    others = [i for i in range(len(kinds)) if i not in (k, age, teeth)]
    return hits, ((after > 0.5) != (before > 0.5))[:, others].mean(1)


def persons(images: NDArray[np.uint8]) -> tuple[Array, float]:
    """Unit vectors of the persons (N, 64), and the cosine that one pair of others in a hundred exceeds."""
    crops = images.astype(np.float32) / np.float32(255)
    vectors = classified(np.stack([faces.align(crop, UPRIGHT) for crop in crops]))[1]
    pairs = np.concatenate([(vectors * np.roll(vectors, i, 0)).sum(1) for i in range(1, 20)])
    return vectors, float(np.quantile(pairs, 1 - FALSE))


def changed(images: NDArray[np.uint8], name: str, amount: float) -> NDArray[np.uint8]:
    """Crops (N, 128, 128, 3) as edit_face changes them by so much of one slider."""
    crops = images.astype(np.float32) / np.float32(255)
    move = moves("vae/closeup-directions", CLOSE.model, {list(SLIDERS).index(name): amount})
    before, after = batched(crops), batched(crops, move)
    pairs = zip(crops, before, after, strict=True)
    drawn = np.stack([faces.detailed(crop, old, inside(old, new, CLOSE)) for crop, old, new in pairs])
    return (put_back_all(crops, crops, drawn, UPRIGHT, CLOSE.crop) * 255).round().astype(np.uint8)


EVALUATIONS: dict[str, Callable[..., Any]] = {"vae/closeup-directions": evaluate_sliders}
