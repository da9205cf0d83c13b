"""What a hand marks on a photo, points, strokes and boxes, as the clicks and boxes that a selection is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import imgen
from imgen.contract.places import point_pixels
from imgen.image.strokes import Stroke

from .clicks import Area, Click, extent

APART = 0.03  # of the longer side: between the places on a stroke that count
MOST = 8  # places on one stroke


def marked(
    points: imgen.Points,
    background_points: imgen.Points,
    strokes: Sequence[Stroke],
    area: Area,
    shape: tuple[int, ...],
    size: tuple[int, ...],
) -> tuple[list[Click], list[Area]]:
    """Clicks and boxes in a picture of `size` that shows an area of a photo of `shape`; those elsewhere are left out.

    Points, and those of strokes, are in parts of the whole photo.
    """
    places = [(place, True) for place in points]
    places += [(place, True) for stroke in strokes if stroke.mode == "paint" for place in along(stroke)]
    places += [(place, False) for place in background_points]
    places += [(place, False) for stroke in strokes if stroke.mode == "erase" for place in along(stroke)]
    clicks = [
        Click(min(int(down * size[0]), size[0] - 1), min(int(across * size[1]), size[1] - 1), adds)
        for (x, y), adds in places
        for down, across in point_in(x, y, area, shape)
    ]
    boxes = [box_in(stroke, area, shape, size) for stroke in strokes if stroke.mode == "box"]
    return clicks, [box for box in boxes if box is not None]


def point_in(x: float, y: float, area: Area, shape: tuple[int, ...]) -> list[tuple[float, float]]:
    """How far down and across an area of a photo of `shape` a point of the whole lies, in parts; none elsewhere."""
    inside = 0 <= x <= 1 and 0 <= y <= 1  # strokes may leave the photo
    pixels = point_pixels([(x, y)], *area, shape) if inside else []
    return [((row + 0.5) / extent(area)[0], (column + 0.5) / extent(area)[1]) for row, column in pixels]


def box_in(stroke: Stroke, area: Area, shape: tuple[int, ...], size: tuple[int, ...]) -> Area | None:
    """A box that was drawn on a photo of `shape`, in a picture of `size` that shows its area; None outside of it."""
    spans: list[slice] = []
    for axis in (0, 1):
        ends = [(point[1 - axis] * shape[axis] - area[axis].start) / extent(area)[axis] for point in stroke.points]
        first, last = max(0.0, min(ends[0], ends[-1])), min(1.0, max(ends[0], ends[-1]))
        spans.append(slice(int(first * size[axis]), math.ceil(last * size[axis])))
    box = spans[0], spans[1]
    return box if min(extent(box)) > 0 else None


def along(stroke: Stroke) -> list[tuple[float, float]]:
    """Places on a stroke that are not close to each other: where it began, and on its way."""
    points = np.array(stroke.points)
    if len(points) == 1:
        return [(float(points[0, 0]), float(points[0, 1]))]
    way = np.concatenate([[0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    count = int(np.clip(way[-1] // APART + 1, 1, MOST))
    at = (np.arange(count) + 0.5) / count * way[-1]
    return list(zip(np.interp(at, way, points[:, 0]).tolist(), np.interp(at, way, points[:, 1]).tolist(), strict=True))
