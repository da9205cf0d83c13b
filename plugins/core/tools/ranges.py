"""Selections by what a pixel looks like, and by what a hand paints."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image, Mask
from imgen.contract.places import Colour, Points, Share, point_pixels
from imgen.errors import ParameterError
from imgen.image.guided import strips
from imgen.image.lab import rgb_to_lab
from imgen.image.strokes import Stroke, in_pixels, painted

FARTHEST = 100.0  # CIELAB, between colours as different as tolerance 1 allows
SHADE = 0.4  # what a difference of lightness counts beside one of colour: a thing's shadow is the same thing
AROUND = 2  # pixels to each side of a point whose colour is taken

Softness = Annotated[float, Field(ge=0, le=1, description="How gradually it ends")]


@tool(group="Select", synonyms=["colour range", "color range", "magic wand", "sky", "similar", "chroma key"])
def select_colour(
    image: Image,
    *,
    points: Annotated[Points, Field(max_length=100, description="Where the photo has them")] = [],  # read only  # noqa: B006
    colour: Annotated[Colour | None, Field(description="A colour, beside those of the points")] = None,
    tolerance: Annotated[float, Field(ge=0, le=1, description="How different a colour may be")] = 0.2,
    softness: Softness = 0.3,
) -> Mask:
    """Select what has the colours of some places, or a given colour, wherever in the picture it is.

    Differences are CIE 1976's, those of lightness counting less, so that a colour's shades belong to it.
    """
    wanted = colours(image, points, colour)
    if not len(wanted):
        raise ParameterError("select_colour: click on the colour in the photo (points), or give one (colour)")
    mask = np.empty(image.shape[:2], np.float32)
    weights = np.array([SHADE, 1, 1], np.float32)
    for rows in strips(*image.shape[:2]):
        lab = rgb_to_lab(image[rows]) * weights
        mask[rows] = np.sqrt(np.min([((lab - one * weights) ** 2).sum(2) for one in wanted], 0))
    limit = np.float32(max(tolerance * FARTHEST, 1))  # a difference of 1 can just be seen
    return falling(mask, limit, np.float32(softness) * limit)


def colours(image: Array, points: Points, colour: Colour | None) -> Array:
    """The colours (n, 3) in L*a*b* at these points, each a mean of its surroundings, and the given one."""
    whole = (slice(0, image.shape[0]), slice(0, image.shape[1]))
    found = [around(image, y, x) for y, x in point_pixels(points, *whole, image.shape)]
    if colour is not None:
        found.append(np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)], np.float32))
    return rgb_to_lab(np.array(found, np.float32).reshape(-1, 3))


def around(image: Array, y: int, x: int) -> Array:
    """The mean colour (3,) near a pixel."""
    near = image[max(0, y - AROUND) : y + AROUND + 1, max(0, x - AROUND) : x + AROUND + 1]
    return np.asarray(near.mean((0, 1)), np.float32)


@tool(group="Select", synonyms=["luminosity", "luminance", "highlights", "shadows", "bright", "dark"])
def select_brightness(
    image: Image,
    *,
    darkest: Annotated[Share, Field(description="From this brightness on: 0 is black")] = 0.6,
    brightest: Annotated[Share, Field(description="Up to this one: 1 is white")] = 1.0,
    softness: Softness = 0.3,
) -> Mask:
    """Select what is as bright as that, in CIE lightness: 0.5 looks half as bright as white.

    Black and white are no ends: where the range reaches them, it does not fade there.
    """
    if darkest > brightest:
        raise ParameterError(f"select_brightness: darkest ({darkest:g}) is above brightest ({brightest:g}); swap them")
    mask = np.empty(image.shape[:2], np.float32)
    low = darkest if darkest > 0 else -1.0  # nothing is below black or above white, so there is nothing to fade to
    high = brightest if brightest < 1 else 2.0
    middle, half = np.float32((low + high) / 2), np.float32((high - low) / 2)
    for rows in strips(*image.shape[:2]):
        mask[rows] = np.abs(rgb_to_lab(image[rows])[..., 0] / 100 - middle)
    ends = np.float32(softness / 4)
    return falling(mask, half + ends / 2 + np.float32(1e-4), ends)


def falling(distance: Array, limit: np.float32, soft: np.float32) -> Array:
    """1 well within a limit of a distance (H, W), 0 beyond it, falling smoothly over the last `soft`; in place."""
    if soft <= 0:
        return (distance <= limit).astype(np.float32)
    part = np.clip((limit - distance) / soft, 0, 1, out=distance)
    return part * part * (3 - 2 * part)


@tool(group="Select", synonyms=["brush", "paint", "lasso", "draw", "box"])
def select_strokes(
    image: Image,
    *,
    strokes: Annotated[
        list[Stroke],
        Field(
            max_length=2000,
            description="Strokes: mode (paint, erase or box), radius in parts of the longer side, points [[x, y], ...]",
            json_schema_extra={"format": "painting"},
        ),
    ] = [],  # read only  # noqa: B006
) -> Mask:
    """Select what a brush went over, given in parts of the picture so that it fits a photo of any size."""
    height, width = image.shape[:2]
    mask = painted((in_pixels(stroke, width, height) for stroke in strokes), width, height)
    return np.zeros((height, width), np.float32) if mask is None else mask
