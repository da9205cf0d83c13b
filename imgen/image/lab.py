"""CIE L*a*b* (1976) under D65: lightness apart from colour, in steps that look alike to the eye.

sRGB's transfer curve and primaries are those of IEC 61966-2-1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array

PRIMARIES = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]], np.float32
)
TO_XYZ = PRIMARIES / PRIMARIES.sum(1, keepdims=True)  # XYZ over that of white, so that white is (1, 1, 1)
TO_RGB = np.linalg.inv(TO_XYZ.astype(np.float64)).astype(np.float32)
EDGE = 6 / 29  # below its cube, the cube root gives way to a straight line


def linear(rgb: Array) -> Array:
    """Light of sRGB values 0..1 (any shape)."""
    curve = ((rgb + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(rgb <= 0.04045, rgb / np.float32(12.92), curve).astype(np.float32)


BYTES = linear(np.arange(256, dtype=np.float32) / np.float32(255))  # linear() of every 8-bit value, for training


def companded(light: Array) -> Array:
    """The sRGB values of linear light; the inverse of `linear`. Negative light stays on the straight part."""
    curve = np.float32(1.055) * np.maximum(light, 0) ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(light <= 0.0031308, light * np.float32(12.92), curve).astype(np.float32)


def rgb_to_lab(rgb: NDArray[Any]) -> Array:
    """Values of sRGB (..., 3), float 0..1 or uint8, as L 0..100 and a, b of about -100..100 (..., 3), float32."""
    light = BYTES[rgb] if rgb.dtype == np.uint8 else linear(np.asarray(rgb, np.float32))
    xyz = light @ TO_XYZ.T
    f = np.where(xyz > EDGE**3, np.cbrt(xyz), xyz / np.float32(3 * EDGE**2) + np.float32(4 / 29))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def lab_to_light(lab: Array) -> Array:
    """L, a, b (..., 3) as linear RGB; out of 0..1 where the colour is out of sRGB's gamut."""
    y = (lab[..., 0] + 16) / np.float32(116)
    f = np.stack([y + lab[..., 1] / np.float32(500), y, y - lab[..., 2] / np.float32(200)], -1)
    xyz = np.where(f > EDGE, f**3, np.float32(3 * EDGE**2) * (f - np.float32(4 / 29)))
    return (xyz @ TO_RGB.T).astype(np.float32)


def lab_to_rgb(lab: Array) -> Array:
    """L, a, b (..., 3) as sRGB 0..1, float32. A colour out of gamut loses chroma, never lightness or hue."""
    light = lab_to_light(lab)
    outside = ~shown(light, 1e-4)
    if outside.any():
        light[outside] = lab_to_light(into_gamut(lab[outside]))
    return companded(light.clip(0, 1)).astype(np.float32)


def shown(light: Array, slack: float = 0.0) -> NDArray[np.bool_]:
    """Which colours (..., 3) of linear light sRGB can show."""
    r, g, b = light[..., 0], light[..., 1], light[..., 2]  # a reduction over an axis of three would be far slower
    low, high = np.minimum(np.minimum(r, g), b), np.maximum(np.maximum(r, g), b)
    return (low >= -slack) & (high <= 1 + slack)


def into_gamut(lab: Array) -> Array:
    """Colours (N, 3) with as much of their chroma as sRGB can show at that lightness, by bisection."""
    low, high = np.zeros(len(lab), np.float32), np.ones(len(lab), np.float32)
    for _ in range(10):
        part = (low + high) * np.float32(0.5)
        inside = shown(lab_to_light(scaled(lab, part)))
        low, high = np.where(inside, part, low), np.where(inside, high, part)
    return scaled(lab, low)


def scaled(lab: Array, part: Array) -> Array:
    """Colours (N, 3) with that part (N) of their chroma."""
    return lab * np.stack([np.ones_like(part), part, part], -1)


def without_colour(lab: Array) -> Array:
    """The same lightness, and no chroma."""
    return lab * np.array([1, 0, 0], np.float32)
