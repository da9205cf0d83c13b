"""CIE L*a*b* (1976) under D65: lightness apart from colour, in steps that look alike to the eye.

sRGB's transfer curve and primaries are those of IEC 61966-2-1.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    f = root(light @ TO_XYZ.T)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)


def lightness(rgb: Array) -> Array:
    """L alone (..., 1) of sRGB values (..., 3) in 0..1, in half the time."""
    return 116 * root(linear(rgb) @ TO_XYZ[1])[..., None] - 16


def root(xyz: Array) -> Array:
    """What Lab makes of X, Y and Z: the cube root, and a straight line where that would be too steep."""
    return np.where(xyz > EDGE**3, np.cbrt(xyz), xyz / np.float32(3 * EDGE**2) + np.float32(4 / 29))


def lab_to_light(lab: Array) -> Array:
    """L, a, b (..., 3) as linear RGB; out of 0..1 where the colour is out of sRGB's gamut."""
    light = np.empty(lab.shape, np.float32)
    for i, plane in enumerate(light_planes(lab[..., 0], lab[..., 1], lab[..., 2])):
        light[..., i] = plane
    return light


def light_planes(lightness: Array, a: Array, b: Array) -> list[Array]:
    """The same of three planes, as three planes, which is quicker."""
    y = (lightness + np.float32(16)) / np.float32(116)
    xyz: list[Array] = []
    for f in (y + a / np.float32(500), y, y - b / np.float32(200)):
        cube = np.asarray(f * f * f, np.float32)
        np.copyto(cube, np.float32(3 * EDGE**2) * (f - np.float32(4 / 29)), where=f <= EDGE)
        xyz.append(cube)
    x, y, z = xyz
    return [np.asarray(row[0] * x + row[1] * y + row[2] * z, np.float32) for row in TO_RGB]


def lab_to_rgb(lab: Array) -> Array:
    """L, a, b (..., 3) as sRGB 0..1, float32. A colour out of gamut loses chroma, never lightness or hue."""
    planes = light_planes(lab[..., 0], lab[..., 1], lab[..., 2])
    outside = ~shown(planes, 1e-4)
    if outside.any():
        for plane, inside in zip(planes, light_planes(*into_gamut(lab[outside]).T), strict=True):
            plane[outside] = inside
    rgb = np.empty(lab.shape, np.float32)
    for i, plane in enumerate(planes):
        rgb[..., i] = companded(plane.clip(0, 1, out=plane))
    return rgb


def shown(light: Sequence[Array], slack: float = 0.0) -> NDArray[np.bool_]:
    """Which colours of linear light, three planes, sRGB can show."""
    r, g, b = light
    low, high = np.minimum(np.minimum(r, g), b), np.maximum(np.maximum(r, g), b)
    return (low >= -slack) & (high <= 1 + slack)


def into_gamut(lab: Array) -> Array:
    """Colours (N, 3) with as much of their chroma as sRGB can show at that lightness, by bisection."""
    lightness, a, b = np.ascontiguousarray(lab.T)
    low, high = np.zeros(len(lab), np.float32), np.ones(len(lab), np.float32)
    for _ in range(10):
        part = (low + high) * np.float32(0.5)
        inside = shown(light_planes(lightness, part * a, part * b))
        low, high = np.where(inside, part, low), np.where(inside, high, part)
    return np.stack([lightness, low * a, low * b], -1)


def without_colour(lab: Array) -> Array:
    """The same lightness, and no chroma."""
    return lab * np.array([1, 0, 0], np.float32)
