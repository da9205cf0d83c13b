"""Colour spaces of photos: from the values of an ICC profile to sRGB's, in which tools work, and back.

What a profile does is measured with littleCMS in floating point, on ramps of its channels, and kept as tables of
65,536 entries, which hold every 8- and 16-bit value exactly; the tables are ten times as fast as littleCMS itself.
Profiles that no curves and matrix describe go through littleCMS, strip by strip. Pillow's ImageCms has 8 bits only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array
from ..contract.context import note
from .lab import linear
from .light import ENTRIES, light_of, looked_up, rooted, srgb_of

ALIKE = 1 / 1024  # a profile that changes no value by more is taken for sRGB's
EXACT = 1e-4  # of full light, within which curves and a matrix must agree with littleCMS
RELATIVE = 1  # relative colorimetric: white stays white, and other colours what they are


@lru_cache(maxsize=1)
def light_profile() -> bytes:
    """A profile of sRGB's primaries with linear light; it takes values below 0 and above 1 too."""
    import imagecodecs

    primaries = [0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1]
    return imagecodecs.cms_profile("rgb", whitepoint=[0.3127, 0.3290, 1], primaries=primaries, gamma=1.0)


@dataclass(frozen=True, eq=False)
class Space:
    """The space of a profile with curves and a matrix, or of a grey one with a curve.

    Attributes:
        decode: light of each value (3, ENTRIES), 0..1.
        encode: the value by the square root of light (3, ENTRIES).
        matrix: own light (3,) @ matrix is light of sRGB's primaries; None where they are the same.
        back: the inverse.
        black: light (3,) of sRGB's primaries where all values are 0.
        grey: a grey profile; it describes no colours.
        neutral: equal channels are grey in sRGB, too.
    """

    decode: Array
    encode: Array
    matrix: Array | None
    back: Array | None
    black: Array
    grey: bool
    neutral: bool

    both_ways = True

    def to_srgb(self, own: Array) -> Array:
        """Values of sRGB (..., 3) in 0..1 of the photo's own ones; colours that sRGB cannot show are clipped."""
        light = np.stack([looked_up(self.decode[c], own[..., c]) for c in range(3)], -1)
        if self.matrix is not None:
            light = light @ self.matrix
        return self.still_grey(own, srgb_of(light + self.black))

    def from_srgb(self, srgb: Array) -> Array:
        """The photo's own values (..., 3) in 0..1 of sRGB ones."""
        if self.grey:
            srgb = np.repeat(srgb.mean(-1, keepdims=True), 3, -1)
        light = light_of(srgb) - self.black
        if self.back is not None:
            light = light @ self.back
        root = rooted(light)
        own = np.stack([looked_up(self.encode[c], root[..., c]) for c in range(3)], -1)
        return self.still_grey(srgb, own)

    def still_grey(self, before: Array, after: Array) -> Array:
        """`after`, its channels exactly equal where those of `before` are: rounding must not tint a grey photo."""
        if self.neutral:
            equal = (before[..., 0] == before[..., 1]) & (before[..., 0] == before[..., 2])
            if equal.any():
                after[equal] = after[equal][..., 1:2]
        return after


@dataclass(frozen=True, eq=False)
class LutSpace:
    """The space of any other RGB profile, such as a printer's or scanner's with a table of colours.

    Attributes:
        icc: the profile.
        both_ways: whether it says how its values are made of colours, too; profiles of scanners and cameras may not.
    """

    icc: bytes = field(repr=False)
    both_ways: bool

    grey = False

    def to_srgb(self, own: Array) -> Array:
        """As `Space.to_srgb`."""
        return srgb_of(transformed(own, self.icc, light_profile()))

    def from_srgb(self, srgb: Array) -> Array:
        """As `Space.from_srgb`; only where `both_ways`."""
        return transformed(light_of(srgb), light_profile(), self.icc).clip(0, 1)


def space_of(icc: bytes | None) -> Space | LutSpace | None:
    """The space that a profile describes; None is sRGB: no profile, one that does what sRGB's does, a damaged one."""
    if not icc:
        return None
    space = measured(icc)
    if isinstance(space, str):
        note(f"the photo's colour profile cannot be used ({space}); its values are taken for sRGB's")
        return None
    return space


@lru_cache(maxsize=8)
def measured(icc: bytes) -> Space | LutSpace | str | None:
    """The space, None for sRGB, or what is wrong with the profile."""
    import imagecodecs

    kind = icc[16:20]
    if kind not in (b"RGB ", b"GRAY"):
        return f"it describes {kind.decode('ascii', 'replace').strip()} values"
    try:
        return grey_space(icc) if kind == b"GRAY" else rgb_space(icc)
    except (imagecodecs.CmsError, ValueError) as error:
        return str(error)


def transformed(values: Array, source: bytes, target: bytes) -> Array:
    """Values (..., C) from one profile's to another's with littleCMS, float32 and unbounded where profiles allow it."""
    import imagecodecs

    flat = np.ascontiguousarray(values, np.float32).reshape(1, -1, values.shape[-1])
    result: Any = imagecodecs.cms_transform(
        flat if flat.shape[2] == 3 else flat[..., 0],
        source,
        target,
        colorspace="rgb" if flat.shape[2] == 3 else "gray",
        outcolorspace="rgb",
        outdtype="float32",
        intent=RELATIVE,
    )
    result = result.reshape(*values.shape[:-1], 3)
    if not np.isfinite(result).all():
        raise ValueError("it gives values that are not finite")
    return result


def grey_space(icc: bytes) -> Space | None:
    """The space of a grey profile; None if its tones are sRGB's."""
    ramp = np.linspace(0, 1, ENTRIES, dtype=np.float32)
    light = transformed(ramp[:, None], icc, light_profile()).mean(1)
    light = rising(light / near_one(light[-1]))
    if np.abs(srgb_of(light) - ramp).max() <= ALIKE:
        return None
    decode, encode = np.stack([light] * 3), np.stack([inverse(light)] * 3)
    return Space(decode, encode, None, None, np.zeros(3, np.float32), grey=True, neutral=True)


def rgb_space(icc: bytes) -> Space | LutSpace | None:
    """The space of an RGB profile; None if it does what sRGB's does."""
    axis = np.linspace(0, 1, 9, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    light = transformed(grid, icc, light_profile())
    if np.abs(srgb_of(light) - grid).max() <= ALIKE and np.abs(light - linear(grid)).max() <= 2 * ALIKE:
        return None
    space = shaped(icc)
    if np.abs(as_light(space, grid) - light).max() <= EXACT:
        return space
    return LutSpace(icc, goes_back(icc))


def shaped(icc: bytes) -> Space:
    """The curves and the matrix that explain what a profile makes of each channel alone.

    Raises:
        ValueError: none do.
    """
    ramp = np.linspace(0, 1, ENTRIES, dtype=np.float32)
    one = np.zeros((3, ENTRIES, 3), np.float32)
    for c in range(3):
        one[c, :, c] = ramp
    light = transformed(one, icc, light_profile()).astype(np.float64)
    black = light[0, 0]
    light /= near_one(light[:, -1].sum(0) - 2 * black)
    matrix = light[:, -1] - black  # row c: full light of channel c
    if abs(np.linalg.det(matrix)) < 1e-6:
        raise ValueError("its primaries are no three colours")
    along = np.einsum("cnk,ck->cn", light - black, matrix) / (matrix**2).sum(1, keepdims=True)
    decode = np.stack([rising(curve) for curve in along])
    encode = np.stack([inverse(curve) for curve in decode])
    grey = decode.T.astype(np.float64) @ matrix + black  # equal channels
    neutral = bool(np.ptp(grey, axis=1).max() < EXACT)
    back = np.linalg.inv(matrix).astype(np.float32)
    return Space(decode, encode, matrix.astype(np.float32), back, black.astype(np.float32), False, neutral)


def as_light(space: Space, own: Array) -> Array:
    """Unclipped light of sRGB's primaries, to be compared with littleCMS's."""
    light = np.stack([looked_up(space.decode[c], own[..., c]) for c in range(3)], -1)
    return light @ space.matrix + space.black if space.matrix is not None else light


def near_one(white: Any) -> NDArray[np.float64]:
    """The light of white where only the rounding of profiles' numbers keeps it from 1; else 1, for a tinted paper."""
    return np.where(np.abs(np.asarray(white) - 1) < EXACT, white, 1.0)


def rising(curve: NDArray[Any]) -> Array:
    """A measured curve without its noise: never falling, from 0 to 1."""
    return np.maximum.accumulate(curve).clip(0, 1).astype(np.float32)


def inverse(decode: Array) -> Array:
    """The value by the square root of light, of the light by the value (ENTRIES,)."""
    steps = np.linspace(0, 1, ENTRIES)
    return np.interp(steps * steps, decode.astype(np.float64), steps).astype(np.float32)


def goes_back(icc: bytes) -> bool:
    """Whether littleCMS can make values of the profile."""
    import imagecodecs

    try:
        transformed(np.zeros((1, 3), np.float32), light_profile(), icc)
    except (imagecodecs.CmsError, ValueError):
        return False
    return True
