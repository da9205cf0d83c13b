"""Who says what edited faces show and took no part in training: by EfficientNet-Lite2, where training sees by Lite0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ...contract.arrays import Array
from ...training.data import DataError, Pictures
from ...training.report import Report
from ..crop import Face, align
from .marks import SHOWN, Classifier, marks, people, seen
from .measures import classified
from .portraits import portraits

Edit = Callable[[NDArray[np.uint8], str, int], NDArray[np.uint8]]
Who = dict[str, tuple[float, float, str]]
"""For each picture's name, age, gender and origin, see `marks.people`."""

TEST = 500  # the last faces, which nobody learns from
EDITED = 40  # faces a slider and direction
EVERY = 3  # of the faces that are trained on, for age and gender
YOUNG, OLD = 0.3, 0.55  # parts of the way from the youngest to the oldest group
OLDER = 0.1  # change of age, of 1 from the youngest to the oldest of nine groups, that counts as seen
FALSE = 0.01  # part of pairs of other people that are taken for one person
UPRIGHT = Face((41.0, 38.4), (87.0, 38.4), 1.0)  # in a crop, the face is where crops have it
GROWN = 0.3  # of the way from the youngest to the oldest group


def groups(age: float, male: float, origin: str) -> tuple[str, str, str]:
    """A person's origin, gender and age group."""
    years = "children, 0 to 19" if age < YOUNG else "50 and older" if age > OLD else "20 to 49"
    return origin, "men" if male else "women", years


def faces_of(folders: Sequence[Path]) -> tuple[list[str], NDArray[np.uint8], Who]:
    """Names, pictures (N, 128, 128, 3), and who they show."""
    if len(folders) != 1:
        raise DataError(f"give --data one folder, fairface_128; got {len(folders)}")
    names = [path.name for path in Pictures([folders[0] / "images"]).paths]
    return names, portraits(folders, SHOWN).images, people(folders[0])


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


def referee(names: list[str], images: NDArray[np.uint8], who: Who) -> Referee:
    """Learned from faces (N, 128, 128, 3) other than the last ones, their names, and who they show."""
    kinds, rows = marks()
    learned = [i for i, name in enumerate(names[:-TEST]) if name in rows]
    marked = Classifier(seen(images[learned], "lite2"), np.array([rows[names[i]] for i in learned], np.float32))
    some = range(0, len(names) - TEST, EVERY)
    known = np.array([who[names[i]][:2] for i in some], np.float32)
    return Referee(
        [*kinds, "age", "male"], marked, Classifier(seen(images[some.start : some.stop : EVERY], "lite2"), known)
    )


class Tested(NamedTuple):
    """The last faces and what is known of them.

    Attributes:
        names: of their pictures.
        images: (TEST, 128, 128, 3).
        who: they show, see `marks.people`.
        referee: who looks at them.
        before: what it says of them (TEST, K).
        vectors: of the persons (TEST, 64), of length 1.
        level: the cosine of two vectors above which they count as one person's.
    """

    names: list[str]
    images: NDArray[np.uint8]
    who: Who
    referee: Referee
    before: Array
    vectors: Array
    level: float


def tested(folders: Sequence[Path]) -> Tested:
    """The last faces, looked at."""
    names, images, who = faces_of(folders)
    judge, last = referee(names, images, who), images[-TEST:]
    return Tested(names[-TEST:], last, who, judge, judge(last), *persons(last))


def judged(report: Report, faces: Tested, sliders: Mapping[str, str], edit: Edit, methods: tuple[str, str]) -> None:
    """What a referee sees before and after edits as a tool makes them, and whether it is the same person.

    Args:
        report: gets a row for each slider and group of people.
        faces: that are edited.
        sliders: and what each changes among the referee's kinds.
        edit: faces (N, 128, 128, 3), edited by one slider, upward (1) or downward (-1).
        methods: names of the columns for what is seen after the one and gone after the other.
    """
    kinds = faces.referee.kinds
    trusted(report, faces, sliders)
    for name, mark in tqdm(sliders.items(), desc="edits"):
        for sign, method in zip((1, -1), methods, strict=True):
            k = kinds.index(mark)
            chosen = wanting(faces.before, kinds, name, k, sign)
            edited = edit(faces.images[chosen], name, sign)
            hits, flipped = compared(faces.before[chosen], faces.referee(edited), kinds, k, sign)
            same = (persons(edited)[0] * faces.vectors[chosen]).sum(1) > faces.level
            report.add_all(name, method, 100.0 * hits)
            report.add_all(name, "others flipped", 100.0 * flipped)
            report.add_all(name, "same person", 100.0 * same)
            for i, hit in zip(chosen, hits, strict=True):
                for group in groups(*faces.who[faces.names[i]]):
                    report.add(group, method, 100.0 * float(hit))


def trusted(report: Report, faces: Tested, sliders: Mapping[str, str]) -> None:
    """How often the referee is right about marks, and about gender, beside the commoner answer."""
    rows, before = marks()[1], faces.before
    marked = [i for i, name in enumerate(faces.names) if name in rows]
    truth = np.array([rows[faces.names[i]] for i in marked]) > 0.5
    male = np.array([faces.who[name][1] for name in faces.names]) > 0.5
    answers = {mark: (before[marked, k] > 0.5, truth[:, k]) for k, mark in enumerate(faces.referee.kinds[:-2])}
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


def persons(images: NDArray[np.uint8]) -> tuple[Array, float]:
    """Unit vectors of the persons (N, 64), and the cosine that one pair of others in a hundred exceeds."""
    crops = images.astype(np.float32) / np.float32(255)
    vectors = classified(np.stack([align(crop, UPRIGHT) for crop in crops]))[1]
    pairs = np.concatenate([(vectors * np.roll(vectors, i, 0)).sum(1) for i in range(1, 20)])
    return vectors, float(np.quantile(pairs, 1 - FALSE))
