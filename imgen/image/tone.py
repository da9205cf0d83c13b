"""Toned photos, sepia prints and warm paper: one colour for each lightness, from black to white.

They count as grey. What a network draws into one takes the photo's tone at its lightness, as it takes grey in a grey
photo. This is asked for where such drawings are put into the photo, not after each tool: a tool may well be there to
change colours (colorize, saturation, stylize), and a plugin's author who puts faces back gets it without asking.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array
from ..lazy import ndimage
from .guided import reduced, size_near
from .lab import lab_to_rgb, rgb_to_lab

Flags = NDArray[np.bool_]

LOOKED = 48  # a photo is judged at about so many pixels squared: the chroma noise of JPEG is averaged away
SAMPLED = 192  # of its shorter side, which are looked at, whatever its size
GLANCED, PLAINLY = 64, 3  # so many first: a photo whose distances are so many times too large has colours, plainly
SMOOTH = 2.0  # of lightness, over which the curve is smoothed
# Distances from the curve, in a, b of Lab, within which so many percent of a toned photo are. In 938 photos of faces,
# 128 pixels wide, the first is at least 4.6, but for three that are toned.
MOST, NEAR = 95, 4.5
ALL, FAR = 99, 11.0  # where paper is overexposed, one lightness has many tones


class Tone(NamedTuple):
    """The one tone of a photo: a, b of Lab (101, 2) at each lightness from 0 to 100."""

    curve: Array

    def of(self, lightness: Array) -> Array:
        """The a, b (..., 2) of each lightness (...)."""
        return np.stack([np.interp(lightness, np.arange(101), self.curve[:, c]) for c in (0, 1)], -1).astype(np.float32)

    def painted(self, drawn: Array) -> Array:
        """A picture (h, w, 3) in this tone, at its own lightness."""
        lab = rgb_to_lab(drawn.clip(0, 1))
        lab[..., 1:] = self.of(lab[..., 0])
        return lab_to_rgb(lab)

    def kept(self, old: Array, new: Array) -> Array:
        """`new` (h, w, 3) with its own lightness and the colours of `old`, moved along the curve; pixels that are equal
        stay so.
        """
        before, after = rgb_to_lab(old), rgb_to_lab(new.clip(0, 1))
        after[..., 1:] = before[..., 1:] + self.of(after[..., 0]) - self.of(before[..., 0])
        return np.where((new == old).all(2, keepdims=True), old, lab_to_rgb(after))


def tone_of(image: Array, known: Flags | None = None) -> Tone | None:
    """The tone of a photo; None if it has colours.

    Args:
        image: (H, W, 3), sRGB, 0..1.
        known: (H, W), what counts; without, all does.
    """
    if sampled(image, known, GLANCED, PLAINLY) is None:
        return None
    return sampled(image, known, SAMPLED, 1)


def sampled(image: Array, known: Flags | None, count: int, loose: float) -> Tone | None:
    """The tone by about so many pixels of the shorter side, the limits being so many times as wide."""
    step = max(1, min(image.shape[:2]) // count)
    lab = rgb_to_lab(image[::step, ::step])
    counts = np.ones(lab.shape[:2], np.float32) if known is None else known[::step, ::step].astype(np.float32)
    if not counts.any():
        return None
    place = np.rint(lab[..., 0]).astype(np.intp).clip(0, 100)
    tone = Tone(fitted(place[counts > 0], lab[counts > 0][:, 1:]))
    away = averaged((lab[..., 1:] - tone.curve[place]), counts)
    most, every = np.percentile(away, (MOST, ALL))
    return tone if most < NEAR * loose and every < FAR * loose else None


def averaged(difference: Array, counts: Array) -> NDArray[Any]:
    """Lengths (N,) of the mean differences (h, w, 2) in the parts of a photo where something counts (h, w).

    Noise goes, colours of things stay. Colours themselves are not averaged: a mean of two tones may be none.
    """
    size = size_near(counts.shape, min(LOOKED, int(counts.size**0.5)))
    means = reduced(np.concatenate([difference * counts[..., None], counts[..., None]], 2), *size)
    there = means[..., 2] > 0.25
    return np.hypot(means[there, 0], means[there, 1]) / means[there, 2] if there.any() else np.zeros(1)


def fitted(place: NDArray[np.intp], ab: Array) -> Array:
    """The curve (101, 2) through colours (N, 2) at whole lightnesses (N,): means under a Gaussian window, continued."""
    count = ndimage.gaussian_filter1d(np.bincount(place, minlength=101).astype(np.float64), SMOOTH, mode="constant")
    sums = [np.bincount(place, ab[:, c], 101).astype(np.float64) for c in (0, 1)]
    there = np.flatnonzero(count > 1e-3)
    steps = np.arange(101)
    means = [ndimage.gaussian_filter1d(s, SMOOTH, mode="constant")[there] / count[there] for s in sums]
    return np.stack([np.interp(steps, there, mean) for mean in means], -1).astype(np.float32)
