"""The light of another domain, found small and carried to the full size: dark photos too, no neon, nothing clipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen.image import guided
from imgen.image.lab import lab_to_rgb, rgb_to_lab

Array = NDArray[np.float32]

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
USUAL = 0.9  # of the mean luma of training pictures, which a photo is brightened to
DARKEST = 0.4  # the smallest exponent that a dark photo is shown brighter by
CALM, LOUD = 35.0, 64.0  # chroma up to which colours are as the network made them, and that none reaches
MORE = 10.0  # by which a colour that was loud already may grow louder
FAINT = 5.0  # a mean change of colour and light, in units of CIE Lab, that hardly shows


def lit(image: Array, small: Array, level: float | None, network: Callable[[Array], Array]) -> Array:
    """The photo (H, W, 3) in the light that a network makes of it small; beyond 0..1 in places.

    Args:
        image: 0..1.
        small: the same, small.
        level: mean luma of the network's training pictures, at least which a photo is shown to it; None as it is.
        network: what it makes of (h, w, 3).
    """
    exponent = brightening(small, level)
    made = network(np.asarray(small.clip(0, 1) ** exponent, np.float32)).clip(0, 1) ** np.float32(1 / exponent)
    made = calmed(np.asarray(made, np.float32), small)
    if float(np.linalg.norm(rgb_to_lab(made) - rgb_to_lab(small.clip(0, 1)), axis=2).mean()) < FAINT:
        imgen.note(
            "translate: it needs a sky or a landscape, as in what it learned from, and hardly changes this "
            "photo; try a strength of 2, or the tools light and temperature"
        )
    return guided.transferred(image, small, made, radius=2, eps=1e-3)


def brightening(small: Array, level: float | None) -> float:
    """The exponent that lifts a dark photo (h, w, 3) to about that mean luma; 1 for one that is as light already."""
    mean, wanted = float((small @ LUMA).mean().clip(1e-3, 0.99)), USUAL * (level or 0)
    return 1.0 if mean >= wanted else max(DARKEST, float(np.log(wanted) / np.log(mean)))


def calmed(made: Array, small: Array) -> Array:
    """What a network made (h, w, 3) of a photo, its colours no louder than a sky can be, or the photo was."""
    lab, before = rgb_to_lab(made), np.linalg.norm(rgb_to_lab(small.clip(0, 1))[..., 1:], axis=2, keepdims=True)
    chroma = np.linalg.norm(lab[..., 1:], axis=2, keepdims=True)
    calm, loud = np.maximum(CALM, before), np.maximum(LOUD, before + MORE)
    bent = calm + (loud - calm) * np.tanh((chroma - calm) / (loud - calm))
    lab[..., 1:] *= np.where(chroma > calm, bent / np.maximum(chroma, 1e-6), 1)
    return np.asarray(lab_to_rgb(lab), np.float32)


def fitted(picture: Array) -> Array:
    """Colours (H, W, 3) beyond 0..1 paled until they are inside, in place; luma and hue stay, which clipping bends."""
    for rows in guided.strips(*picture.shape[:2]):
        part = picture[rows]
        luma = (part @ LUMA).clip(0, 1)
        high, low = part.max(2) - luma, luma - part.min(2)
        keep = np.minimum((1 - luma) / np.maximum(high, 1e-6), luma / np.maximum(low, 1e-6)).clip(0, 1)[..., None]
        picture[rows] = luma[..., None] + keep * (part - luma[..., None])
    return picture.clip(0, 1, out=picture)
