"""Measurements of a style: how near painted photos come to its painting, and what of the photo they keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imgen.engine.plugins import model as find_model
from imgen.image import guided
from imgen.training.data import Decoding, Pictures
from imgen.training.report import Report
from imgen.training.trainer import as_tensor

from ..networks.sight import JUDGED, Sight, gram, style_distance
from ..tools.brush import WORK, Hand, brushed
from ..training.domains import STORED
from ..training.style import the_picture
from .pairs import Array, edges_kept

MOST = 24  # photos that are painted
MEGAPIXEL = (832, 1216)  # of the picture whose time is taken
TIMES = 2


def evaluate_style(name: str, folders: Sequence[Path]) -> Report:
    """All figures of one style: its picture, then folders of photos that it was not trained on.

    The distance is that of Gram matrices at depths of Lite0 that no training looks at; the photo's own is 1.

    Raises:
        DataError: no photos are given, or several pictures where one should be.
    """
    model, judge = find_model(name), Sight(JUDGED)
    painting = as_tensor(np.stack([the_picture(folders, model.card["training"]["settings"]["painting"])]))
    wanted = [gram(part) for part in judge(painting)]
    photos = Pictures(folders[1:], Decoding(side=STORED))
    chosen = range(0, len(photos), -(-len(photos) // MOST))
    report = Report(len(chosen), "as the row says")
    for i in tqdm(chosen, desc=name, unit="picture"):
        photo = as_floats(photos[i])
        photo = guided.reduced(photo, *guided.size_near(photo.shape, WORK, model.card["multiple"]))
        made = brushed(photo, Hand(model), 1.0)
        before, after = (style_distance(judge, as_tensor(picture[None]), wanted) for picture in (photo, made))
        report.add("distance to the painting's textures, the photo's is 1", "painted", after / before)
        report.add("edges kept: correlation of gradients", "painted", edges_kept(photo, made))
    time_it(report, Hand(model), as_floats(photos[0]))
    return report


def as_floats(picture: NDArray[np.uint8]) -> Array:
    """Bytes as 0..1."""
    return picture.astype(np.float32) / np.float32(255)


def time_it(report: Report, hand: Hand, photo: Array) -> None:
    """What a photo of a megapixel takes of all threads together, however busy the machine is."""
    large = guided.reduced(photo, *MEGAPIXEL)
    for _ in range(TIMES):
        started = time.process_time()
        brushed(large, hand, 1.0)
        report.add("processor seconds for a megapixel, all threads together", "painted", time.process_time() - started)


EVALUATIONS: dict[str, Callable[..., Any]] = {"cyclegan/style-*": evaluate_style}
