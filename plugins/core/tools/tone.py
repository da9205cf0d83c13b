"""Light and colour of the whole picture: exposure, contrast, white balance, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image
from imgen.contract.parameters import Curve
from imgen.image import guided
from imgen.image.light import light_of, looked_up, srgb_of, stripwise
from imgen.lazy import interpolate

from .adjust import LUMA

LEVELS = 65536  # entries of a curve's table
SHAPE = 512  # pixels of the shorter side at which it is told what lies in shadow
STEEP = 6.0  # of the contrast curve at its strongest
TO_XYZ = np.array(  # of sRGB's light (IEC 61966-2-1)
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
NEUTRAL = 1e6 / 6504  # mireds of D65
SPAN = 80.0  # mireds at the end of the slider
GREEN = 0.03  # in v of CIE 1976 at the end of the slider


def between(text: str) -> Any:
    """A number between -1 and 1 with that help."""
    return Field(ge=-1, le=1, description=text)


@tool(group="Adjust", synonyms=["brightness", "exposure", "darken", "brighten", "shadows", "highlights", "dark photo"])
def light(
    image: Image,
    *,
    exposure: Annotated[float, Field(ge=-4, le=4, description="Stops: 1 doubles the light, -1 halves it")] = 0.0,
    shadows: Annotated[float, between("Brighter or darker shadows")] = 0.0,
    highlights: Annotated[float, between("Brighter or darker highlights")] = 0.0,
) -> Image:
    """Change the light as a camera would, and that of shadows and highlights by themselves.

    More light bends towards white (x g / (1 + x (g - 1))), so that nothing is clipped. Shadows and highlights are told
    apart by what lies around a pixel, along edges (guided filter, He et al., TPAMI 2013), so their details stay.
    """
    gain = 2.0**exposure
    if shadows == highlights == 0:
        return stripwise(lambda part: srgb_of(brightened(light_of(part), gain)), image)
    stops = local_stops(image, shadows, highlights)
    result = np.empty_like(image)
    height, width = image.shape[:2]
    for rows in guided.strips(height, width):
        change = guided.predict(guided.enlarged(stops, rows, height, width), luma(image[rows]))
        result[rows] = srgb_of(brightened(light_of(image[rows]), gain * np.exp2(change)))
    return result


def brightened(part: Array, factor: Any) -> Array:
    """Light times a factor, one for all or (H, W, 1); more of it bends towards white."""
    if np.ndim(factor):
        return np.where(factor > 1, part * factor / (1 + part * (factor - 1)), part * factor)
    return part * factor / (1 + part * (factor - 1)) if factor > 1 else part * factor


def luma(image: Array) -> Array:
    """(H, W, 1) of sRGB values."""
    return (image @ LUMA)[..., None]


def local_stops(image: Array, shadows: float, highlights: float) -> Array:
    """Coefficients of the guided filter, from a pixel's luma to the stops by which its light changes."""
    small = guided.reduced(image, *guided.size_near(image.shape, SHAPE))
    tones = luma(small)
    dark, bright = (1 - tones) ** 3, tones**3
    wanted = (2 * (shadows * dark + highlights * bright)).astype(np.float32)
    return guided.fit(tones, wanted, radius=16, eps=1e-2)


@tool(group="Adjust", synonyms=["punch", "flat", "haze", "tone"], local=True)
def contrast(image: Image, *, amount: Annotated[float, between("Weaker or stronger")] = 0.3) -> Image:
    """Make dark and bright differ more, or less; black, white and the middle stay where they are.

    A logistic curve through sRGB's values, and its inverse for less (sigmoidal contrast).
    """
    x = np.linspace(0, 1, LEVELS)
    steep = STEEP * abs(amount)
    if steep < 1e-3:
        return image.copy()
    ends = 1 / (1 + np.exp(np.array([steep / 2, -steep / 2])))
    y = (1 / (1 + np.exp(-steep * (x - 0.5))) - ends[0]) / (ends[1] - ends[0])
    return tabled(image, np.interp(x, y, x) if amount < 0 else y)


@tool(
    group="Adjust",
    synonyms=["white balance", "colour temperature", "warm", "cold", "tint", "kelvin", "colour cast"],
    local=True,
)
def temperature(
    image: Image,
    *,
    warmth: Annotated[float, between("Colder, as in the shade, or warmer, as by a lamp")] = 0.0,
    tint: Annotated[float, between("Greener or more magenta")] = 0.0,
) -> Image:
    """Move the white of the picture between cold and warm, and between green and magenta.

    Light is adapted as an eye adapts (Bradford) to another daylight of CIE's, whose temperature changes evenly in
    mireds; the luminance of white stays.
    """
    if warmth == tint == 0:
        return image.copy()
    matrix = adapted(warmth, tint).T.astype(np.float32)
    return stripwise(lambda part: srgb_of(light_of(part) @ matrix), image)


def adapted(warmth: float, tint: float) -> NDArray[np.float64]:
    """The matrix (3, 3) from light of sRGB to light whose white is that warm."""
    neutral, other = white(0, 0), white(warmth, tint)
    gains = (BRADFORD @ other) / (BRADFORD @ neutral)
    made = np.linalg.inv(TO_XYZ) @ np.linalg.inv(BRADFORD) @ np.diag(gains) @ BRADFORD @ TO_XYZ
    return made / (TO_XYZ[1] @ made @ np.ones(3))


def white(warmth: float, tint: float) -> NDArray[np.float64]:
    """X, Y, Z of a daylight (CIE 015:2018), moved in v' (CIE 1976) towards green or magenta; Y is 1."""
    t = 1e6 / (NEUTRAL + SPAN * warmth)
    low = t <= 7000
    x = (-4.6070e9 if low else -2.0064e9) / t**3 + (2.9678e6 if low else 1.9018e6) / t**2
    x += (0.09911e3 if low else 0.24748e3) / t + (0.244063 if low else 0.237040)
    y = -3 * x * x + 2.87 * x - 0.275
    u, v = 4 * x / (12 * y - 2 * x + 3), 9 * y / (12 * y - 2 * x + 3)
    v -= GREEN * tint
    return np.array([9 * u / (4 * v), 1, (12 - 3 * u - 20 * v) / (4 * v)])


STRAIGHT: list[tuple[float, float]] = [(0, 0), (1, 1)]


@tool(group="Adjust", synonyms=["tone curve", "levels", "gradation", "rgb"], local=True)
def curves(
    image: Image,
    *,
    curve: Annotated[Curve, Field(description="Of all three channels")] = STRAIGHT,
    red: Annotated[Curve, Field(description="Of red, after the first")] = STRAIGHT,
    green: Annotated[Curve, Field(description="Of green, after the first")] = STRAIGHT,
    blue: Annotated[Curve, Field(description="Of blue, after the first")] = STRAIGHT,
) -> Image:
    """Bend the tones by curves through points, smooth and never beyond them (PCHIP, Fritsch & Carlson 1980)."""
    whole = table_of(curve)
    tables = [whole, *(bent(whole, part) for part in (red, green, blue))]
    result = np.empty_like(image)
    for c in range(3):
        result[..., c] = tabled(image[..., c], tables[c + 1])
    return result


def table_of(points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """The curve at LEVELS places; level before the first point and after the last."""
    x, y = np.array(points, np.float64).T
    curve: Callable[[Any], Any] = interpolate.PchipInterpolator(x, y)
    return curve(np.linspace(0, 1, LEVELS).clip(x[0], x[-1])).clip(0, 1)


def bent(table: NDArray[np.float64], points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """The table after a further curve."""
    return table if [*map(tuple, points)] == STRAIGHT else np.interp(table, np.linspace(0, 1, LEVELS), table_of(points))


def tabled(values: Array, table: NDArray[np.float64]) -> Array:
    """Values (H, W) or (H, W, 3) in 0..1, each replaced by the table's."""
    entries = table.astype(np.float32)
    return stripwise(lambda part: looked_up(entries, part), values)
