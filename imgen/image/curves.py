"""Curves from the values of pictures to light, by the codes of ITU-T H.273 too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[Any]], NDArray[Any]]
PQ, HLG, SRGB = 16, 18, 13
HDR_WHITE = 203.0  # cd/m² of a white sheet in HDR pictures (ITU-R BT.2408)


def power(gamma: float) -> Curve:
    """Light is the value to that power."""
    return lambda v: v**gamma


def srgb_curve(v: NDArray[Any]) -> NDArray[Any]:
    """IEC 61966-2-1."""
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def bt709_curve(v: NDArray[Any]) -> NDArray[Any]:
    """The inverse of the camera's curve of BT.709, BT.601 and BT.2020."""
    return np.where(v < 0.0812428583, v / 4.5, ((v + 0.0992968268) / 1.0992968268) ** (1 / 0.45))


def smpte240_curve(v: NDArray[Any]) -> NDArray[Any]:
    """SMPTE 240M."""
    return np.where(v < 0.0912863421, v / 4, ((v + 0.1115721959) / 1.1115721959) ** (1 / 0.45))


def pq_curve(v: NDArray[Any]) -> NDArray[Any]:
    """SMPTE ST 2084; 1 is a white sheet, what shines more is cut."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    p = v ** (1 / m2)
    return 10_000 * (np.maximum(p - c1, 0) / (c2 - c3 * p)) ** (1 / m1) / HDR_WHITE


def hlg_curve(v: NDArray[Any]) -> NDArray[Any]:
    """ARIB STD-B67 with the display's gamma of 1.2 on each channel; 1 is a white sheet, at the value 0.75."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073

    def scene(x: NDArray[Any]) -> NDArray[Any]:
        return np.where(x <= 0.5, x * x / 3, (np.exp((x - c) / a) + b) / 12)

    return (scene(v) / scene(np.asarray(0.75))) ** 1.2


CURVES: dict[int, Curve] = {  # ITU-T H.273 (2021), table 3
    1: bt709_curve, 4: power(2.2), 5: power(2.8), 6: bt709_curve, 7: smpte240_curve, 8: power(1.0),
    11: bt709_curve, 12: bt709_curve, SRGB: srgb_curve, 14: bt709_curve, 15: bt709_curve,
    PQ: pq_curve, 17: lambda v: 52.37 / 48 * v**2.6, HLG: hlg_curve,
}  # fmt: skip


def narrow(curve: Curve) -> Curve:
    """The curve of values between 16/255 and 235/255."""
    return lambda v: curve(((v * 255 - 16) / 219).clip(0, 1))
