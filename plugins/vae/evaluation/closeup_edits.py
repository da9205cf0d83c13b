"""Measurements of the close faces' sliders on FairFace's last 500 faces, by a judge that training has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.training.measures import put_back_all
from imgen.faces.training.referee import EDITED, TEST, UPRIGHT, judged, tested
from imgen.training.report import Report

from ..tools.codes import CLOSE
from ..tools.sliders import moves, replacing
from ..training.closeup_directions import SLIDERS
from .closeup import batched

AMOUNT = 2.5


def evaluate_sliders(folders: Sequence[Path]) -> Report:
    """What a judge sees before and after edits as the tool makes them, and whether it is the same person."""
    text = f"% of up to {EDITED} faces a row and direction for which {AMOUNT:g} of the slider is a change"
    report = Report(TEST, text)
    methods = f"seen after +{AMOUNT:g}", f"gone after -{AMOUNT:g}"
    judged(report, tested(folders), SLIDERS, lambda images, name, sign: changed(images, name, sign * AMOUNT), methods)
    return report


def changed(images: NDArray[np.uint8], name: str, amount: float) -> NDArray[np.uint8]:
    """Crops (N, 128, 128, 3) as edit_face changes them by so much of one slider."""
    crops = images.astype(np.float32) / np.float32(255)
    move = moves("vae/closeup-directions", CLOSE.model, {list(SLIDERS).index(name): amount})
    before, after = batched(crops), batched(crops, move)
    drawn = np.stack([placed(name, amount, *three) for three in zip(crops, before, after, strict=True)])
    return (put_back_all(crops, crops, drawn, UPRIGHT, CLOSE.crop) * 255).round().astype(np.uint8)


def placed(name: str, amount: float, photo: Array, before: Array, after: Array) -> Array:
    """A crop with what is drawn put into its own detail, all (128, 128, 3)."""
    after = faces.changed(before, after)
    return faces.detailed(photo, before, after, after if replacing({name: amount}) else before)


EVALUATIONS: dict[str, Callable[..., Any]] = {"vae/closeup-directions": evaluate_sliders}
