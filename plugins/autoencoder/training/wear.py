"""Marks laid over a photo, and where a person would see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from imgen.training import corrupt

from . import marks
from .marks import Array, Layer, Sheet, blurred

KINDS: dict[str, tuple[Callable[[np.random.Generator, Sheet], None], float]] = {  # how often each is on a crop
    "scratches": (marks.scratches, 0.4),
    "fibres": (marks.fibres, 0.3),
    "specks": (marks.specks, 0.5),
    "spots": (marks.spots, 0.2),
    "cracks": (marks.cracks, 0.12),
}
CREASED, TORN, STAINED, WHOLE = 0.15, 0.1, 0.12, 0.25  # likewise; WHOLE is without any damage
COVERED, FAINT = 0.35, 0.05  # from which share on a pixel counts as lost, and to which as untouched
SEEN = 0.06  # the least change that a person sees in a mark, beside the grain


class Worn(NamedTuple):
    """A damaged photo.

    Attributes:
        image: (H, W, 3) in 0..1.
        damage: (H, W), 1 where a person would see damage.
        counts: (H, W), 0 where it is a matter of taste: at the rim of marks, and where they can hardly be seen.
    """

    image: Array
    damage: Array
    counts: Array


def worn(rng: np.random.Generator, photo: Array, grain: float = 0.0, unit: float = 1.0, damaged: bool = True) -> Worn:
    """A photo (H, W, 3) in 0..1 as an old print of it might be scanned.

    Args:
        rng: where its dice come from.
        photo: with its grain.
        grain: standard deviation of that grain, 0..1; marks that are weaker cannot be seen.
        unit: pixels to a unit of a mark's size; 1 for about 1.5 megapixels.
        damaged: False only soils it.
    """
    image, covered, gone = photo, np.zeros(photo.shape[:2], np.float32), np.zeros(photo.shape[:2], bool)
    if rng.random() < STAINED:
        image = stained(rng, image)
    clean = image
    if damaged:
        shade, layers = drawn(rng, image.shape[:2], unit)
        image = (image + shade[..., None]).clip(0, 1)
        for alpha, colour, torn in layers:
            image = image + alpha[..., None] * (colour - image)
            covered = np.maximum(covered, alpha)
            gone |= torn & (alpha > COVERED)
    scanned = image + np.float32(rng.uniform(0, 3) / 255) * rng.standard_normal(image.shape, dtype=np.float32)
    scanned = corrupt.quantise(scanned)
    if rng.random() < 0.35:
        scanned = corrupt.jpeg(scanned, int(rng.integers(50, 96)), bool(rng.random() < 0.5))
    change = np.abs(image - clean).max(2)
    damage = gone | ((covered > COVERED) & (change > SEEN + grain))
    return Worn(scanned, damage.astype(np.float32), (damage | (covered < FAINT)).astype(np.float32))


def drawn(rng: np.random.Generator, shape: tuple[int, int], unit: float) -> tuple[Array, list[Layer]]:
    """Light and shadow of creases (H, W), and the layers of marks."""
    layers: list[Layer] = []
    shade = np.zeros(shape, np.float32)
    for draw, often in KINDS.values():
        if rng.random() < often:
            sheet = Sheet(shape, unit)
            draw(rng, sheet)
            layers.append(Layer(uneven(rng, sheet), tint(rng)))
    if rng.random() < CREASED:
        sheet = Sheet(shape, unit)
        shade += marks.crease(rng, sheet)
        layers.append(Layer(uneven(rng, sheet), tint(rng)))
    if rng.random() < TORN:
        sheet, rim = Sheet(shape, unit), Sheet(shape, unit)
        marks.torn(rng, sheet, rim)
        layers.append(Layer(sheet.alpha(), tint(rng), torn=True))
        layers.append(Layer(rim.alpha(), np.float32(rng.uniform(0.75, 1)) * np.ones(3, np.float32)))
    return shade, layers


def uneven(rng: np.random.Generator, sheet: Sheet) -> Array:
    """What was drawn, often with gaps and weak parts, as sharp as a scanner sees it."""
    alpha = sheet.alpha()
    if rng.random() < 0.5:
        alpha = alpha * (1.9 * smooth(rng, sheet.shape, rng.uniform(10, 60) * sheet.unit) - 0.2).clip(0, 1)
    softness = rng.uniform(0, 0.7) * max(1.0, sheet.unit / 2)
    return blurred(alpha, softness) if softness > 0.3 else alpha


def smooth(rng: np.random.Generator, shape: tuple[int, int], period: float) -> Array:
    """Random values (H, W) in 0..1 that change over so many pixels."""
    height, width = (max(2, round(n / period) + 1) for n in shape)
    field = Pillow.fromarray(rng.random((height, width), dtype=np.float32))
    return np.asarray(field.resize((shape[1], shape[0]), Pillow.Resampling.BICUBIC)).clip(0, 1)


def tint(rng: np.random.Generator) -> Array:
    """White of bare paper, or dark of dirt, with a hint of colour."""
    value = rng.uniform(0.75, 1.0) if rng.random() < 0.68 else rng.uniform(0.0, 0.25)
    return np.clip(value + rng.normal(0, 0.03, 3) * (rng.random() < 0.4), 0, 1).astype(np.float32)


def stained(rng: np.random.Generator, image: Array) -> Array:
    """A large faint stain with a darker rim: the photo is seen through it, so it is nothing to be filled."""
    field = smooth(rng, image.shape[:2], max(image.shape[:2]) / rng.uniform(1, 3))
    level = rng.uniform(0.4, 0.7)
    inside = ((field - level) * 20).clip(0, 1)[..., None]
    rim = np.exp(-(((field - level) * 40) ** 2))[..., None]
    colour = np.array([1.0, rng.uniform(0.85, 1), rng.uniform(0.6, 0.95)], np.float32)
    strength = rng.uniform(0.2, 0.9)
    return image * (1 + strength * inside * (colour - 1)) * (1 - np.float32(rng.uniform(0, 0.25)) * rim)
