"""Who says what edited faces show and took no part in training: by EfficientNet-Lite2, where training sees by Lite0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...contract.arrays import Array
from ...training.report import Report
from .marks import Classifier, marks, seen

TEST = 500  # the last faces, which nobody learns from
EDITED = 40  # faces a slider and direction
EVERY = 3  # of the faces that are trained on, for age and gender
OLDER = 0.1  # change of age, of 1 from the youngest to the oldest of nine groups, that counts as seen
GROWN = 0.3  # of the way from the youngest to the oldest group


class Referee(NamedTuple):
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


def referee(names: list[str], images: NDArray[np.uint8], who: dict[str, tuple[float, float, str]]) -> Referee:
    """Learned from faces (N, 128, 128, 3) other than the last ones, their names, and who they show."""
    kinds, rows = marks()
    learned = [i for i, name in enumerate(names[:-TEST]) if name in rows]
    marked = Classifier(seen(images[learned], "lite2"), np.array([rows[names[i]] for i in learned], np.float32))
    some = range(0, len(names) - TEST, EVERY)
    known = np.array([who[names[i]][:2] for i in some], np.float32)
    return Referee(
        [*kinds, "age", "male"], marked, Classifier(seen(images[some.start : some.stop : EVERY], "lite2"), known)
    )


def trusted(
    report: Report,
    judge: Referee,
    sliders: Mapping[str, str],
    names: list[str],
    before: Array,
    who: dict[str, tuple[float, float, str]],
) -> None:
    """How often the judge is right about marks, and about gender, beside the commoner answer."""
    rows = marks()[1]
    marked = [i for i, name in enumerate(names) if name in rows]
    truth = np.array([rows[names[i]] for i in marked]) > 0.5
    male = np.array([who[name][1] for name in names]) > 0.5
    answers = {mark: (before[marked, k] > 0.5, truth[:, k]) for k, mark in enumerate(judge.kinds[:-2])}
    answers["male"] = before[:, -1] > 0.5, male
    for name, mark in sliders.items():
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
