"""Maps of digits and of faces to walk on."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.image.grid import sheet

from . import codes
from .codes import MAPS, NEEDED, Which

PIXELS = 336  # side of the picture beside a map, and of the map
PLACES = 12  # pictures on each side of that map

Kind = Annotated[Which, Field(description="A map of digits or of faces")]
Side = Annotated[int, Field(ge=2, le=40, description="Pictures on each side")]
Right = Annotated[
    float, Field(ge=0, le=1, description="0 the left border, 1 the right one", json_schema_extra={"pad": "x"})
]
Down = Annotated[
    float, Field(ge=0, le=1, description="0 the upper border, 1 the lower one", json_schema_extra={"pad": "y"})
]
WithMap = Annotated[bool, Field(description="Show the map beside the picture, with the place on it")]


@imgen.tool(group="Lab", synonyms=["map", "digits"])
@imgen.uses(kind=NEEDED)
def latent_map(*, kind: Kind = "digits", side: Side = 16) -> imgen.Image:
    """Draw the map of an adversarial autoencoder: what each place of its two-dimensional code decodes to.

    The discriminator in the middle made codes have the distribution that the map is laid out by, so no part of it is
    empty (Makhzani et al., arXiv 1511.05644).
    """
    return sheet(codes.drawn_map(MAPS[kind], side), side)


@imgen.uses(kind=NEEDED)
def walk_map(*, kind: Kind = "digits", x: Right = 0.5, y: Down = 0.5, show_map: WithMap = True) -> imgen.Image:
    """Walk on the map of digits or of faces: draw the place at x, y."""
    model = imgen.model(MAPS[kind])
    made = codes.shown(codes.at(MAPS[kind], np.array([x]), np.array([y])))[0]
    picture = faces.resized(made, PIXELS).clip(0, 1)
    if not show_map:
        return picture
    plan = small_map(MAPS[kind], model.checksum).copy()
    mark(plan, x, y)
    return np.concatenate([plan, np.ones((PIXELS, 8, 3), np.float32), picture], 1)


@lru_cache(maxsize=4)
def small_map(name: str, checksum: str) -> Array:
    """The map (PIXELS, PIXELS, 3) as it is shown beside a place of it; drawn once for each version of a model."""
    return faces.resized(sheet(codes.drawn_map(name, PLACES), PLACES), PIXELS).clip(0, 1)


def mark(plan: Array, x: float, y: float) -> None:
    """A ring at a place of a square picture (S, S, 3), in place: white around red, so that it is seen everywhere."""
    down, right = np.ogrid[: len(plan), : len(plan)]
    away = np.hypot(right + 0.5 - x * len(plan), down + 0.5 - y * len(plan))
    plan[np.abs(away - 7) < 3.5] = 1
    plan[np.abs(away - 7) < 1.8] = (0.85, 0.1, 0.1)
