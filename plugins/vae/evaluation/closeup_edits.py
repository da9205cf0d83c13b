"""Measurements of the close faces' sliders on FairFace's last 500 faces, by a judge that training has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.training.measures import classified, put_back_all
from imgen.faces.training.referee import EDITED, TEST, compared, referee, trusted, wanting
from imgen.training.report import Report

from ..tools.codes import CLOSE
from ..tools.codes import changed as inside
from ..tools.sliders import moves
from ..training.closeup_directions import SLIDERS
from .closeup import batched, faces_of, groups

AMOUNT = 2.5
FALSE = 0.01  # part of pairs of other people that are taken for one person
UPRIGHT = faces.Face((41.0, 38.4), (87.0, 38.4), 1.0)  # in a crop, the face is where crops have it


def evaluate_sliders(folders: Sequence[Path]) -> Report:
    """What a judge sees before and after edits as the tool makes them, and whether it is the same person."""
    names, images, who = faces_of(folders)
    judge, test = referee(names, images, who), images[-TEST:]
    before = judge(test)
    report = Report(
        TEST, f"% of up to {EDITED} faces a row and direction for which {AMOUNT:g} of the slider is a change"
    )
    trusted(report, judge, SLIDERS, names[-TEST:], before, who)
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
