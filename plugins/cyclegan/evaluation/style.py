"""Measurements of a style: how near painted photos come to its textures, and what of the photo they keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from imgen.engine.plugins import model as find_model
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.report import Report
from imgen.training.trainer import as_tensor

from ..networks.features import FeatureNetwork
from ..tools.choices import Way
from ..training.domains import STORED
from ..training.style import distance, patches_of, relative
from .classifier import middle
from .pairs import Array, edges_kept, timed


def evaluate_style(name: str, folders: Sequence[Path]) -> Report:
    """All figures of one style: DIR with its picture, then folders of photos that it was not trained on.

    Raises:
        DataError: no photos are given.
    """
    if len(folders) < 2:
        raise DataError("give --data the folder with the style's picture, then folders of photos")
    side = find_model(name).card["training"]["settings"]["painting"]
    painting = Pictures(folders[:1], Decoding(side=side))[0].astype(np.float32) / np.float32(255)
    photos = Pictures(folders[1:], Decoding(side=STORED))
    report, features = Report(len(photos), "as the row says"), FeatureNetwork()
    wanted = seen(features, painting)
    for i in tqdm(range(len(photos)), desc=name, unit="picture"):
        photo = middle(photos[i])
        made = timed(report, "painted", Way(name, False), photo)
        for method, picture in (("photo", photo), ("painted", made)):
            errors = [float(relative(a, b)) for a, b in zip(seen(features, picture), wanted, strict=True)]
            report.add("patches: distance to the style's", method, patches(picture, painting))
            report.add("textures: relative square error to the style's", method, float(np.mean(errors)))
        report.add("edges kept: correlation of gradients", "painted", edges_kept(photo, made))
    return report


def patches(picture: Array, painting: Array) -> float:
    """What training minimises, always on the same random directions."""
    wanted = patches_of(as_tensor(painting[None]))
    return float(distance(as_tensor(picture[None]), wanted, torch.Generator().manual_seed(0)))


@torch.no_grad()
def seen(features: FeatureNetwork, picture: Array) -> list[Tensor]:
    """The textures of a picture (H, W, 3) in 0..1."""
    return [texture(part) for part in features(as_tensor(picture[None]))]


def texture(features: Tensor) -> Tensor:
    """Correlations (B, C, C) of the channels of (B, C, h, w) over all places (Gram matrices, arXiv 1508.06576)."""
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


EVALUATIONS: dict[str, Callable[..., Any]] = {"cyclegan/style-*": evaluate_style}
