"""Measurements of a style: how near painted photos come to its painting, and what of the photo they keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from imgen.engine.plugins import model as find_model
from imgen.image import guided
from imgen.inference.registry import Model
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.report import Report
from imgen.training.trainer import as_tensor

from ..networks.sight import JUDGED, Sight, gram, style_distance
from ..tools.brush import WORK, Hand, brushed, read
from ..tools.styling import ANY
from ..training.domains import STORED
from ..training.style import the_picture
from .pairs import Array, edges_kept

MOST = 24  # photos that are painted; or pictures whose styles are taken
EACH = 2  # photos that are painted in each of these
STYLE = 288  # shorter side of a picture whose style is taken
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
    photos = photos_of(model, folders[1:], MOST)
    report = Report(len(photos), "as the row says")
    compare(report, judge, painting, Hand(model), photos)
    time_it(report, Hand(model), photos[0])
    return report


def evaluate_any(folders: Sequence[Path]) -> Report:
    """All figures of the model of any style: a folder of pictures, then folders of photos, all unknown to it.

    Raises:
        DataError: one of them is missing.
    """
    if len(folders) < 2:
        raise DataError("give --data a folder of pictures whose styles are taken, then folders of photos")
    model, judge = find_model(ANY), Sight(JUDGED)
    pictures = Pictures(folders[:1], Decoding(side=STYLE))
    photos = photos_of(model, folders[1:], EACH)
    chosen = range(0, len(pictures), -(-len(pictures) // MOST))
    report = Report(len(chosen) * len(photos), "as the row says")
    for i in chosen:
        picture = as_floats(pictures[i])
        compare(report, judge, as_tensor(picture[None]), read(model, picture), photos)
    time_it(report, read(model, as_floats(pictures[0])), photos[0])
    return report


def photos_of(model: Model, folders: Sequence[Path], most: int) -> list[Array]:
    """At most so many of the photos, evenly chosen, at the size that broad strokes are painted on."""
    photos = Pictures(folders, Decoding(side=STORED))
    found = [as_floats(photos[i]) for i in range(0, len(photos), -(-len(photos) // most))]
    return [guided.reduced(one, *guided.size_near(one.shape, WORK, model.card["multiple"])) for one in found]


def compare(report: Report, judge: Sight, painting: Tensor, hand: Hand, photos: Sequence[Array]) -> None:
    """Paint photos, and tell how near they come to a painting (1, 3, H, W), and what of them is kept."""
    wanted = [gram(part) for part in judge(painting)]
    for photo in tqdm(photos, desc=hand.model.name, unit="picture"):
        made = brushed(photo, hand, 1.0)
        before, after = (style_distance(judge, as_tensor(picture[None]), wanted) for picture in (photo, made))
        report.add("distance to the painting's textures, the photo's is 1", "painted", after / before)
        report.add("edges kept: correlation of gradients", "painted", edges_kept(photo, made))


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


EVALUATIONS: dict[str, Callable[..., Any]] = {"cyclegan/style-*": evaluate_style, ANY: evaluate_any}
