"""Clicks of a user who knows what is meant, to measure how soon a selection is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen.lazy import ndimage

Mask = NDArray[np.bool_]


def overlap(found: Mask, truth: Mask) -> float:
    """Intersection over union; 1 where both are empty."""
    return float((found & truth).sum() / max(1, (found | truth).sum())) if (found | truth).any() else 1.0


def two_clicks(photo: NDArray[np.float32], truth: Mask) -> list[float]:
    """The IoU after one and after two clicks, each in the middle of the part that is wrong by most."""
    points: list[tuple[float, float]] = []
    background: list[tuple[float, float]] = []
    values: list[float] = []
    select = imgen.tools()["select_subject"]
    found = select(photo, refine=False) > 0.5
    for _ in range(2):
        place = worst(found, truth)
        if place is not None:
            (y, x), adds = place
            (points if adds else background).append(((x + 0.5) / truth.shape[1], (y + 0.5) / truth.shape[0]))
            found = select(photo, points=points, background_points=background, refine=False) > 0.5
        values.append(overlap(found, truth))
    return values


def worst(found: Mask, truth: Mask) -> tuple[tuple[int, int], bool] | None:
    """The middle (row, column) of the largest wrong part, and whether it is missing; None where nothing is wrong."""
    deepest, best = 1.0, None
    for wrong, adds in ((truth & ~found, True), (found & ~truth, False)):
        away = np.asarray(ndimage.distance_transform_edt(np.pad(wrong, 1)))[1:-1, 1:-1]
        if away.max() > deepest:
            row, column = np.unravel_index(int(away.argmax()), away.shape)
            deepest, best = float(away.max()), ((int(row), int(column)), adds)
    return best
