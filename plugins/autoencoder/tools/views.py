"""Noise that a camera has smoothed, by several views of the photo, whose results are averaged.

What a network makes of such noise differs from view to view, and what differs averages out (geometric self-ensemble,
Timofte et al., arXiv 1511.02228). At a smaller size it is nearly white noise, which the network knows best; what that
size cannot show is left out of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import imgen
from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.image.resize import resize
from imgen.lazy import ndimage

MODELS = {"fast": "autoencoder/denoise", "best": "autoencoder/denoise-best"}
SMALLER = 0.6  # times the size of the photo is what the last view sees, turned by 90°
TRUST = 0.3  # its part where it differs from the others by less than the noise
AROUND = 2.0  # pixels over which it is asked how far it differs,
ALIKE = 1.6  # and so many times the noise it may;
SHARP, SOFT = 0.7, 0.85  # where it agrees with the others no more than that, as in small sharp photos, it has no part


class View(NamedTuple):
    """A way to look at a photo at its size.

    Attributes:
        model: that looks.
        turns: by 90° that it is turned.
        part: of the whole.
    """

    model: str
    turns: int
    part: float


# Chosen, as the numbers above, on 8 pairs of a camera that nothing is learned from, SHARP and SOFT on web photos too
VIEWS = {
    "fast": (View(MODELS["fast"], 0, 1.0),),
    "best": (View(MODELS["best"], 0, 0.4), View(MODELS["best"], 2, 0.4), View(MODELS["fast"], 0, 0.2)),
}


def models_of(views: tuple[View, ...]) -> tuple[str, ...]:
    """The models that look, each once."""
    return tuple({view.model: None for view in views})


def without_camera_noise(image: Array, sigma: float, quality: str, mask: Array | None, sure: float) -> Array:
    """The picture (H, W, 3) without a camera's noise; where `mask` is 0 it is the same.

    Args:
        image: the noisy one.
        sigma: what the networks are told of the noise, on the 0-255 scale.
        quality: one of `VIEWS`.
        mask: (H, W), or None for all of it.
        sure: how sure it is, 0..1, that the noise is a camera's; 0 leaves the first view alone.
    """
    first, *others = VIEWS[quality]
    clean = without_noise(image, sigma, first.model, mask)
    clean *= np.float32(1 - sure * (1 - first.part))
    for view in others:
        turned = without_noise(np.rot90(image, view.turns), sigma, view.model, chosen(mask, view.turns))
        clean += np.float32(sure * view.part) * np.rot90(turned, -view.turns)
    small = smaller(image, sigma, first.model, mask)
    alike = agreement(clean, small, sigma)
    part = np.float32(sure * TRUST * softness(alike, mask))
    for rows in guided.strips(*image.shape[:2]):
        clean[rows] += part * alike[rows] * (guided.enlarged(small, rows, *image.shape[:2]) - clean[rows])
    if mask is not None:
        np.copyto(clean, image, where=mask[..., None] == 0)  # not what sums of parts make of it
    return clean


def smaller(image: Array, sigma: float, name: str, mask: Array | None) -> Array:
    """What a model makes of the picture at a smaller size (h, w, 3)."""
    size = max(1, round(image.shape[0] * SMALLER)), max(1, round(image.shape[1] * SMALLER))
    part = None if mask is None else resize(mask[..., None], size)[..., 0]
    clean = without_noise(np.rot90(resize(image, size)), sigma, name, chosen(part, 1))
    return np.rot90(clean, -1)


def chosen(mask: Array | None, turns: int) -> Array | None:
    """A selection turned as the picture is."""
    return None if mask is None else np.rot90(mask, turns)


def agreement(clean: Array, small: Array, sigma: float) -> Array:
    """How far a smaller picture (h, w, 3) shows what (H, W, 3) does but for noise of `sigma`: (H, W, 1) in 0..1."""
    squares = np.empty(clean.shape[:2], np.float32)
    for rows in guided.strips(*clean.shape[:2]):
        squares[rows] = ((clean[rows] - guided.enlarged(small, rows, *clean.shape[:2])) ** 2).mean(2)
    ndimage.gaussian_filter(squares, AROUND, mode="nearest", output=squares)
    squares *= np.float32(-((255 / (ALIKE * sigma)) ** 2))
    return np.exp(squares, out=squares)[..., None]


def softness(alike: Array, mask: Array | None) -> float:
    """How far a smaller size can show a photo, 0..1, by how alike (H, W, 1) both are where it is selected."""
    seen = alike if mask is None else alike[mask > 0]
    return float(np.clip((seen.mean() - SHARP) / (SOFT - SHARP), 0, 1)) if seen.size else 0.0


def without_noise(image: Array, sigma: float, name: str, mask: Array | None) -> Array:
    """What a model makes of the picture (H, W, 3), told noise of `sigma`; where `mask` is 0 it is the same."""
    model = imgen.model(name)

    def run(tile: Array) -> Array:
        return model(image=tile, condition=np.full((1, 1, *tile.shape[2:]), sigma / 255, np.float32))

    clean = imgen.tiled(run, image, halo=model.card["halo"], multiple=model.card["multiple"], where=mask)
    if mask is not None:
        np.copyto(clean, image, where=mask[..., None] == 0)
    return clean
