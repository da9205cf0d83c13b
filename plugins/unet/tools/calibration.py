"""Colours as strong as photos have them, where a network makes some of them too strong and others too weak.

How strong colours of each hue and lightness are on 659 photos that the network learned from, relative to what it makes
of these: E[true · made] / E[made²], the factor with the least square error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array

RED_TO_GREEN = 1.67, 1.35, 1.06, 1.06, 1.14, 1.14, 1.06, 1.00, 0.92, 0.72, 1.27, 1.03
CYAN_TO_RED = 1.01, 0.94, 1.07, 1.40, 1.30, 0.93, 0.79, 1.41, 1.46, 1.61, 1.64, 1.77
HUES = np.array((*RED_TO_GREEN, *CYAN_TO_RED), np.float32)  # from each 15° of the angle of a, b to the next
LIGHTS = np.array((0.80, 0.92, 1.02, 1.06, 1.04, 1.04, 1.03, 1.04, 1.06, 1.19), np.float32)  # from each 10 of L
TINT = 0.75  # of a picture's mean colour is kept: on photos that it has not seen the network is too sure of it
USUAL = np.array((0.75, 5.5), np.float32)  # a, b that take the rest's place: half of the mean of all photos
MORE = 1.084  # times as strong is the whole then, for pictures as colourful as before


def calibrated(ab: Array, light: Array) -> Array:
    """Colours a, b (h, w, 2) that a network makes for a picture's lightness (h, w) in 0..1, made stronger or weaker."""
    angle = np.arctan2(ab[..., 1], ab[..., 0]) / (2 * np.pi) * len(HUES) - 0.5
    stronger = between(np.append(HUES, HUES[0]), angle % len(HUES)) * between(LIGHTS, light * 10 - 0.5)
    made = ab * stronger[..., None]
    return np.asarray(MORE * (made + (1 - TINT) * (USUAL - made.mean((0, 1)))), np.float32)


def between(values: NDArray[Any], places: NDArray[Any]) -> Array:
    """Values (N,) at places (...) from 0 to N - 1, linearly between them, the first and last beyond."""
    return np.interp(places, np.arange(len(values)), values).astype(np.float32)
