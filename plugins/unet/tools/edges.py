"""From what a network finds at a working size to a selection at the photo's full size, strand by strand along its edge.

Only the surroundings of what is found are worked on, so that something small is seen as closely as something large.
Along its outline the matte is solved for (`matting.py`), at up to `FINE` squared pixels; each window's linear map
from colour to alpha then carries it to the full size (He & Sun, arXiv 1505.00996), as the photo's own strands have it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.lazy import ndimage

from .matting import Problem, solved
from .working import FINE, fine_size

FAINT = 0.05  # probability below which nothing is looked for
REACH = 14.0  # pixels of FINE squared on both sides of an outline in which a selection may be soft
CLOSER = 2.0  # how much closer something small is looked at
DOUBT = 0.15  # mean probability from which on what is enclosed by a subject is a part of it
GUESSED = 1e-2  # how much the network's word counts beside the colours
CUT = 0.15  # alpha this near to 0 or 1 is that

Bools = NDArray[np.bool_]
Area = tuple[slice, slice]


def refined(image: Array, found: Array) -> Array:
    """The matte (H, W) of a photo (H, W, 3) in which probabilities (h, w) were found; exactly 0 and 1 off its edge."""
    matte = np.zeros(image.shape[:2], np.float32)
    area = surroundings(found, image.shape)
    if area is None:
        return matte
    inside = image[area]
    guide = guided.reduced(inside, *fine_size(inside.shape))
    likely = cropped(found, area, image.shape, guide.shape)
    # how much larger things are shown here than if the whole photo were worked on
    closer = guide.shape[0] / inside.shape[0] / min(1.0, FINE / (image.shape[0] * image.shape[1]) ** 0.5)
    alpha = solved(asked(guide, likely, REACH * closer))[..., None]
    if guide.shape != inside.shape:
        alpha = guided.transferred(inside, guide, alpha, radius=2, eps=1e-5)
    matte[area] = np.clip((alpha[..., 0] - np.float32(CUT)) / np.float32(1 - 2 * CUT), 0, 1)
    return matte


def surroundings(found: Array, shape: tuple[int, ...]) -> Area | None:
    """The part of a photo of that shape in which something is found, with a margin; None where nothing is."""
    rows, columns = (np.flatnonzero((found > FAINT).any(axis)) for axis in (1, 0))
    if not rows.size:
        return None
    margin = 2 * REACH / FINE * (found.shape[0] * found.shape[1]) ** 0.5 + 1
    spans: list[slice] = []
    for places, size, full in zip((rows, columns), found.shape, shape, strict=False):
        least = size / CLOSER  # a smaller part would not be seen closer than that
        first, last = float(places[0]) - margin, float(places[-1]) + 1 + margin
        wider = max(0.0, least - (last - first)) / 2
        spans.append(slice(max(0, int((first - wider) * full / size)), min(full, round((last + wider) * full / size))))
    return spans[0], spans[1]


def cropped(found: Array, area: Area, shape: tuple[int, ...], size: tuple[int, ...]) -> Array:
    """The part of probabilities (h, w) that belongs to an area of a photo of that shape, at another size."""
    down, across = found.shape[0] / shape[0], found.shape[1] / shape[1]
    rows, columns = area
    box = (columns.start * across, rows.start * down, columns.stop * across, rows.stop * down)
    part = Pillow.fromarray(found).resize((size[1], size[0]), Pillow.Resampling.BILINEAR, box=box)
    return np.asarray(part)


def asked(guide: Array, likely: Array, reach: float) -> Problem:
    """Which pixels are to be solved for: those within `reach` of the outline; the others are in or out."""
    solid = decided(likely)
    away = np.full(likely.shape, np.inf)  # where there is no outline at all
    if solid.any() and not solid.all():
        inner, outer = (np.asarray(ndimage.distance_transform_edt(part)) for part in (solid, ~solid))
        away = inner + outer
    free = away < reach
    trust = np.full(free.shape, GUESSED, np.float32)
    return Problem(guide, np.where(free, likely, solid).astype(np.float32), trust, free)


def decided(likely: Array) -> Bools:
    """What belongs to the subject: what is likely, and what that encloses without being surely outside."""
    solid = likely > 0.5
    enclosed: Any = ndimage.binary_fill_holes(solid)
    labelled: Any = ndimage.label(enclosed & ~solid)
    number, count = labelled
    doubt = ndimage.mean(likely, number, np.arange(1, count + 1)) if count else np.zeros(0)
    return solid | np.isin(number, np.flatnonzero(np.asarray(doubt) > DOUBT) + 1)
