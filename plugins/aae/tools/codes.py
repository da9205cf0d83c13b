"""From pictures to codes and back, with any model of this plugin: what all tools share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.inference.registry import Model
from imgen.lazy import special

Which = Literal["digits", "faces"]

MAPS: dict[str, str] = {"digits": "aae/map", "faces": "aae/facemap"}
NEEDED = {"digits": ("aae/map",), "faces": ("aae/facemap", "aae/faces")}
DIGITS = 10
GRADED = ("age",)  # attributes that are no matter of yes or no
MIDDLE = 0.7  # from the middle of their range on, how far most faces are
FACE = 128  # side in pixels of the faces that aae/faces draws
BATCH = 50  # pictures that are drawn at once
FAR = 2.0  # from the middle of a map to its border, where its prior is no Gaussian
MARGIN = 2  # pixels around a digit, of 32


def encoded(name: str, pictures: Array) -> Array:
    """Codes (B, N), style before label, of pictures (B, S, S, C) in 0..1."""
    model = imgen.model(name)
    image = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
    nothing = np.zeros((len(image), numbers(model)), np.float32)
    return model(image=image, keep=nothing, offset=nothing)[1]


def decoded(name: str, codes: NDArray[np.floating[Any]]) -> Array:
    """Pictures (B, S, S, C) in 0..1 of codes (B, N)."""
    model = imgen.model(name)
    shape = model.card["measured"]["shape"]  # (C, S, S)
    made: list[Array] = []
    for start in range(0, len(codes), BATCH):
        imgen.progress(start, len(codes))
        part = np.asarray(codes[start : start + BATCH], np.float32)
        blank = np.zeros((len(part), *shape), np.float32)
        made.append(model(image=blank, keep=np.zeros_like(part), offset=part)[0].transpose(0, 2, 3, 1))
    return np.concatenate(made)


def numbers(model: Model) -> int:
    """In a code: style and label."""
    return style(model) + int(model.card["measured"]["labels"])


def style(model: Model) -> int:
    """In a code, without the label, which follows."""
    return int(model.settings["style"])


def sampled(model: Model, rng: np.random.Generator, count: int, temperature: float = 1.0) -> Array:
    """Codes (count, N) of faces of nobody: styles from the prior, attributes as often as faces have them."""
    noise = temperature * rng.standard_normal((count, style(model)))
    usual: dict[str, float] = model.card["measured"]["attributes"]
    label = 2.0 * (rng.random((count, len(usual))) < list(usual.values())) - 1
    for k, name in enumerate(usual):
        if name in GRADED:
            label[:, k] = rng.uniform(-MIDDLE, MIDDLE, count)
    return np.concatenate([noise, label], 1).astype(np.float32)


def shown(pictures: Array) -> Array:
    """As they are shown, (B, s, s, 3): digits without their margin, dark ink on white paper; faces as they are."""
    if pictures.shape[-1] == 3:
        return pictures
    inner = pictures[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    return 1 - np.repeat(inner, 3, 3)


def places(model: Model, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> Array:
    """Codes (N, 2) at places of a map, in parts of its width and height (N,) from the upper left corner.

    With a Gaussian prior places are its quantiles, so that every part of it has its share of the map (Kingma &
    Welling, arXiv 1312.6114, figure 4).
    """
    both = np.stack([x, 1 - y], 1)
    if model.card["measured"]["prior"] == "gaussian":
        return special.ndtri(both.clip(0.01, 0.99)).astype(np.float32)
    return (FAR * (2 * both - 1)).astype(np.float32)


def at(name: str, x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]) -> Array:
    """What places of a map decode to (N, S, S, C); of faces, what `aae/faces` draws of the codes there.

    Raises:
        ImgenError: the map was learned from another aae/faces.
    """
    model = imgen.model(name)
    there = places(model, x, y)
    if name != MAPS["faces"]:
        return decoded(name, there)
    faces.check_codes(model, imgen.model("aae/faces"))
    code, _ = model(code=np.zeros((len(there), int(model.settings["code"])), np.float32), place=there)
    return decoded("aae/faces", code)


def drawn_map(name: str, side: int) -> Array:
    """The map: what `side` times `side` places decode to, (side², s, s, 3), as they are shown."""
    return map_of(name, imgen.model(name).checksum, side)


@lru_cache(maxsize=8)
def map_of(name: str, checksum: str, side: int) -> Array:
    """See `drawn_map`; drawn once for each version of a model."""
    parts = (np.arange(side) + 0.5) / side
    y, x = np.meshgrid(parts, parts, indexing="ij")
    made = shown(at(name, x.ravel(), y.ravel()))
    made.setflags(write=False)
    return made
