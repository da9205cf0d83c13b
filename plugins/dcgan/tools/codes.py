"""Codes to faces and back: what all tools on faces share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.inference.registry import Model

GAP = 4  # pixels between the parts of a sheet, before it is enlarged
BATCH = 64
SHORT = 0.7  # of what random codes are long: their faces are nearer to the average one and have fewer defects


class Codes(NamedTuple):
    """What faces are drawn from.

    Attributes:
        code: (B, code), normal.
        extra: (B, features), what no code can say of a real face or of a learned change; zeros for made ones.
    """

    code: Array
    extra: Array

    def plus(self, other: Codes) -> Codes:
        """The sums of these and others, or one (1, ...)."""
        return Codes(self.code + other.code, self.extra + other.extra)


def network() -> Model:
    """Generator and critic."""
    return imgen.model("dcgan/faces")


def length() -> int:
    """Numbers in a code."""
    return int(network().settings["code"])


def crop() -> faces.Crop:
    """How faces lie in the pictures that the generator draws."""
    return faces.CLOSE if network().settings.get("crop") == "close" else faces.WIDE


def usual() -> float:
    """How long codes in sums of faces are; random ones are about the square root of their count of numbers."""
    return SHORT * length() ** 0.5


def features() -> int:
    """Numbers that the generator's first layer gives."""
    return int(network().settings["widths"][0]) * (faces.SIZE // 16) ** 2


def plain(code: Array) -> Codes:
    """Codes (B, code) and nothing beside."""
    return Codes(code, np.zeros((len(code), features()), np.float32))


def random_codes(seed: int, count: int) -> Array:
    """(count, code); the first ones are the same for every count."""
    return np.random.default_rng(seed).standard_normal((count, length()), dtype=np.float32)


def shortened(code: Array, length: float) -> Array:
    """Codes (B, code) no longer than `length`."""
    norms = np.maximum(1e-6, np.linalg.norm(code, axis=1, keepdims=True))
    return (code * np.minimum(1, length / norms)).astype(np.float32)


def drawn(codes: Codes) -> Array:
    """Faces (B, 64, 64, 3) in 0..1."""
    side, made = faces.SIZE, np.empty((len(codes.code), faces.SIZE, faces.SIZE, 3), np.float32)
    for start in range(0, len(made), BATCH):
        imgen.progress(start, len(made))
        part = np.s_[start : start + BATCH]
        count = len(made[part])
        picture, *_ = network()(
            code=codes.code[part],
            extra=codes.extra[part],
            target=np.zeros((count, 3, side, side), np.float32),
            weight=np.zeros((count, 1, side, side), np.float32),
            realism=np.zeros((count, 1), np.float32),
        )
        made[part] = picture.transpose(0, 2, 3, 1)
    return made


def encoded(crops: Array) -> Codes:
    """A first guess at the codes of aligned faces (B, 64, 64, 3).

    Raises:
        ImgenError: the encoder was trained for another generator.
    """
    encoder = imgen.model("dcgan/encoder")
    faces.check_codes(encoder, network())
    return plain(encoder(image=np.ascontiguousarray(crops.transpose(0, 3, 1, 2))))


def between(first: Array, last: Array, parts: NDArray[np.float64]) -> Array:
    """Codes (N, code) on the arc from one (code,) to another, by parts (N,) from 0 to 1 (slerp, Shoemake 1985).

    Normal codes all have about the same length, so a straight line would pass through codes that are too short, whose
    faces are too average (White, arXiv 1609.04468).
    """
    lengths = np.linalg.norm(first), np.linalg.norm(last)
    cosine = float(first @ last / max(1e-12, float(lengths[0] * lengths[1])))
    angle = np.arccos(np.clip(cosine, -1, 1))
    if np.sin(angle) < 1e-4:  # the same direction, or opposite ones, between which no arc is the shortest
        return (first + parts[:, None] * (last - first)).astype(np.float32)
    arcs = (np.sin((1 - parts) * angle)[:, None] * first + np.sin(parts * angle)[:, None] * last) / np.sin(angle)
    return arcs.astype(np.float32)


def enlarged(pictures: Array, scale: int) -> Array:
    """Pictures (N, S, S, C) smoothly at `scale` times the size, in 0..1."""
    return np.stack([faces.resized(one, scale * len(one)) for one in pictures]).clip(0, 1)


def beside(left: Array, right: Array, scale: int) -> Array:
    """Two pictures (h, w, 3) with a white gap, the lower one filled with white."""
    height = max(len(left), len(right))
    parts = [np.pad(p, [(0, height - len(p)), (0, 0), (0, 0)], constant_values=1) for p in (left, right)]
    gap = np.ones((height, GAP * scale, 3), np.float32)
    return np.concatenate([parts[0], gap, parts[1]], 1)
