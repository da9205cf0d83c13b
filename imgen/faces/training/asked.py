"""What an edit is asked for: which slider of which face, what the face shall show then, and where it may change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ...contract.arrays import Array

OLDER, YOUNGER = 0.38, -0.33  # parts of the way from the youngest to the oldest group
ASKED, OTHERS = 8.0, 0.3  # what a wrong answer costs, about what was asked for and about the rest
FREE = {
    "smile": {"teeth", "mouth_open"},
    "sunglasses": {"glasses", "eyes_closed"},
    "beard": {"moustache", "male"},
    "moustache": {"male"},
    "makeup": {"male"},
}
OF_MEN, OF_WOMEN = ("beard", "moustache"), ("makeup",)
USUAL = 0.7  # part of the faces that get a beard or make-up who are of those that have them
SOFT = 13  # pixels of 128 over which a region fades

# rows and columns, in parts of the side, from first to last, and what a change inside costs beside one outside
REGIONS = {
    "smile": (0.41, 0.95, 0.11, 0.89, 0.15),
    "mouth_open": (0.56, 0.98, 0.17, 0.83, 0.15),
    "glasses": (0.14, 0.53, 0.03, 0.97, 0.15),
    "sunglasses": (0.14, 0.53, 0.03, 0.97, 0.15),
    "beard": (0.52, 1.0, 0.06, 0.94, 0.1),
    "moustache": (0.48, 0.75, 0.2, 0.8, 0.15),
    "eyes_closed": (0.17, 0.48, 0.08, 0.92, 0.15),
    "age": (0.0, 1.0, 0.0, 1.0, 0.12),
    "gender": (0.0, 1.0, 0.0, 1.0, 0.1),
    "makeup": (0.0, 1.0, 0.0, 1.0, 0.2),
}


class Asked(NamedTuple):
    """Edits of a batch.

    Attributes:
        faces: (B,) numbers of faces.
        others: (B,) faces that show what is asked for.
        slider: (B,) numbers of sliders.
        more: (B,) whether there shall be more of it.
        target: (B, K) what the face shall show, 0 to 1.
        weight: (B, K) what each wrong answer costs.
    """

    faces: NDArray[np.int64]
    others: NDArray[np.int64]
    slider: NDArray[np.int64]
    more: NDArray[np.bool_]
    target: Array
    weight: Array


class Sliders:
    """Faces, and what they show.

    Args:
        names: of the sliders.
        marks: for each, the name of what it changes among `kinds`.
        kinds: names of what is known of faces, with age and male.
        shown: (N, K), 0 to 1.
    """

    def __init__(self, names: list[str], marks: list[str], kinds: list[str], shown: Array) -> None:
        self.names, self.kinds, self.shown = names, kinds, shown
        self.columns = [kinds.index(mark) for mark in marks]
        values = shown[:, self.columns].T
        ages = np.array([mark == "age" for mark in marks])[:, None]
        self.lacking = values < np.where(ages, 0.7, 0.35)  # (sliders, N)
        self.having = values > np.where(ages, 0.25, 0.65)

    def draw(self, rng: np.random.Generator, count: int) -> Asked:
        """`count` sliders at random, up or down, each of a face for which that is a change."""
        slider, more = rng.integers(len(self.names), size=count), rng.random(count) < 0.65
        pairs = [self.pair(rng, int(k), bool(up)) for k, up in zip(slider, more, strict=True)]
        faces, others = np.array(pairs).T
        answers = [self.answer(int(i), int(k), bool(up)) for i, k, up in zip(faces, slider, more, strict=True)]
        target, weight = (np.stack(part) for part in zip(*answers, strict=True))
        return Asked(faces, others, slider, more, target, weight)

    def pair(self, rng: np.random.Generator, slider: int, more: bool) -> tuple[int, int]:
        """A face to change, and another one that shows what it shall."""
        lacking, having = self.lacking[slider], self.having[slider]
        first, second = (lacking, having) if more else (having, lacking)
        usual = self.usual(self.names[slider]) if more and rng.random() < USUAL else None
        if usual is not None and (first & usual).any():
            first = first & usual
        return chosen(rng, first), chosen(rng, second)

    def usual(self, name: str) -> NDArray[np.bool_] | None:
        """The faces for which it is usual to have that; None if for all."""
        if name not in (*OF_MEN, *OF_WOMEN) or not {"male", "age"} <= {*self.kinds}:
            return None
        male, grown = self.shown[:, self.kinds.index("male")] > 0.5, self.shown[:, self.kinds.index("age")] > 0.25
        return (male if name in OF_MEN else ~male) & grown

    def answer(self, face: int, slider: int, more: bool) -> tuple[Array, Array]:
        """What the face shall show, and what counts how much (K,)."""
        name, column = self.names[slider], self.columns[slider]
        target, weight = self.shown[face].copy(), np.full(len(self.kinds), OTHERS, np.float32)
        weight[[self.kinds.index(kind) for kind in FREE.get(name, ()) if kind in self.kinds]] = 0
        if name == "gender":
            gone = OF_WOMEN if more else OF_MEN
            target[[self.kinds.index(kind) for kind in gone if kind in self.kinds]] = 0
        age = self.kinds[column] == "age"
        target[column] = np.clip(target[column] + (OLDER if more else YOUNGER), 0, 1) if age else float(more)
        weight[column] = ASKED
        return target, weight


def chosen(rng: np.random.Generator, which: NDArray[np.bool_]) -> int:
    """One of the faces that are marked; any, if none is."""
    found = np.flatnonzero(which)
    return int(rng.choice(found)) if len(found) else int(rng.integers(len(which)))


def regions(names: list[str], size: int) -> Tensor:
    """What a change costs at each place, for each slider (sliders, 1, size, size)."""
    cost = torch.ones(len(names), 1, size, size)
    for one, name in zip(cost, names, strict=True):
        top, bottom, left, right, inside = REGIONS.get(name, REGIONS["age"])
        rows, columns = (slice(round(a * size), round(b * size)) for a, b in ((top, bottom), (left, right)))
        one[:, rows, columns] = inside
    wide = SOFT * size // 128 | 1
    return F.avg_pool2d(F.pad(cost, (wide // 2,) * 4, mode="replicate"), wide, 1)
