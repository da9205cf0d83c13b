"""Maps to walk on, digits in another's hand, and pictures between and out of codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.places import box_pixels
from imgen.image.grid import sheet

from ..vae.codes import resized
from ..vae.tools import OtherClicks, OtherFrame, crossfaded, side_of
from . import codes, handwriting
from .codes import MAPS, Which

Array = NDArray[np.float32]

DIGITS = 10
PIXELS = 336  # side of the picture beside a map, and of the map
PLACES = 12  # pictures on each side of that map
LARGEST = 512  # side of an animation of faces

Kind = Annotated[Which, Field(description="A map of digits or of faces")]
Side = Annotated[int, Field(ge=2, le=40, description="Pictures on each side")]
Right = Annotated[
    float, Field(ge=0, le=1, description="0 the left border, 1 the right one", json_schema_extra={"pad": "x"})
]
Down = Annotated[
    float, Field(ge=0, le=1, description="0 the upper border, 1 the lower one", json_schema_extra={"pad": "y"})
]
WithMap = Annotated[bool, Field(description="Show the map beside the picture, with the place on it")]
Around = Annotated[imgen.Box | None, Field(description="A rectangle around the digit, if there is more in the photo")]
Drawn = Annotated[imgen.Mask, Field(description="The digit as the brush drew it; without, the photo shows it")] | None
Scale = Annotated[int, Field(ge=1, le=8, description="Times 28 pixels a digit")]
Subject = Annotated[Which, Field(description="What the two pictures show")]
Amount = Annotated[float, Field(ge=0, le=1, description="0 the first picture, 1 the other one")]
Frames = Annotated[int, Field(ge=1, le=60, description="1 a picture; more an animation there and back")]
Other = Annotated[imgen.Image, Field(description="A photo of the other face or digit")]
Sampled = Annotated[Which, Field(description="Digits in random hands, or faces of nobody")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other pictures")]
Count = Annotated[int, Field(ge=1, le=20, description="Rows of digits, or of ten faces each")]
Temperature = Annotated[float, Field(ge=0, le=1.5, description="0 the middle of the prior, 1 as it is")]
Between = Annotated[float, Field(ge=0, le=0.5, description="How far each digit's label is mixed with the next one's")]


@imgen.uses(kind={kind: (name,) for kind, name in MAPS.items()})
def latent_map(*, kind: Kind = "digits", side: Side = 16) -> imgen.Image:
    """Draw the map of an adversarial autoencoder: what each place of its two-dimensional code decodes to.

    The discriminator in the middle made codes have the distribution that the map is laid out by, so no part of it is
    empty (Makhzani et al., arXiv 1511.05644).
    """
    return sheet(codes.drawn_map(MAPS[kind], side), side)


@imgen.uses(kind={kind: (name,) for kind, name in MAPS.items()})
def walk_map(*, kind: Kind = "digits", x: Right = 0.5, y: Down = 0.5, show_map: WithMap = True) -> imgen.Image:
    """Walk on the map of digits or of faces: draw the place at x, y."""
    model = imgen.model(MAPS[kind])
    made = codes.shown(codes.decoded(MAPS[kind], codes.places(model, np.array([x]), np.array([y]))))[0]
    picture = resized(made, PIXELS).clip(0, 1)
    if not show_map:
        return picture
    plan = small_map(MAPS[kind], model.checksum).copy()
    mark(plan, x, y)
    return np.concatenate([plan, np.ones((PIXELS, 8, 3), np.float32), picture], 1)


@lru_cache(maxsize=4)
def small_map(name: str, checksum: str) -> Array:
    """The map (PIXELS, PIXELS, 3) as it is shown beside a place of it; drawn once for each version of a model."""
    return resized(sheet(codes.drawn_map(name, PLACES), PLACES), PIXELS).clip(0, 1)


def mark(plan: Array, x: float, y: float) -> None:
    """A ring at a place of a square picture (S, S, 3), in place: white around red, so that it is seen everywhere."""
    down, right = np.ogrid[: len(plan), : len(plan)]
    away = np.hypot(right + 0.5 - x * len(plan), down + 0.5 - y * len(plan))
    plan[np.abs(away - 7) < 3.5] = 1
    plan[np.abs(away - 7) < 1.8] = (0.85, 0.1, 0.1)


@imgen.uses("aae/digits")
def restyle_digit(image: imgen.Image, *, drawn: Drawn = None, box: Around = None, scale: Scale = 4) -> imgen.Image:
    """Write all ten digits in the hand that wrote one: a photo of a digit, or one drawn with the selection's brush.

    On the left, the digit as it was read, above what was drawn of its code; then the ten. Label and style are apart in
    the code (Makhzani et al., arXiv 1511.05644, section 5), so the style can be kept and the label exchanged.
    """
    rows, columns = box_pixels(box, image.shape)
    ink = handwriting.normal(drawn[rows, columns]) if drawn is not None else handwriting.digit(image[rows, columns])
    code = codes.encoded("aae/digits", ink[None])
    style = codes.style(imgen.model("aae/digits"))
    chance = code[0, style:]
    imgen.note(f"read as {chance.argmax()} with {chance.max():.0%}")
    ten = np.repeat(code, DIGITS, 0)
    ten[:, style:] = np.eye(DIGITS, dtype=np.float32)
    made = codes.shown(np.concatenate([ink[None], codes.decoded("aae/digits", np.concatenate([code, ten]))]))
    made = np.stack([resized(one, len(one) * scale).clip(0, 1) for one in made])
    half = DIGITS // 2
    return sheet(np.concatenate([made[:1], made[2 : 2 + half], made[1:2], made[2 + half :]]), half + 1)


@imgen.uses(kind={"faces": ("core/faces", "aae/faces"), "digits": ("aae/acaidigits",)})
def morph_codes(
    image: imgen.Image,
    *,
    other: Other,
    kind: Subject = "faces",
    amount: Amount = 0.5,
    frames: Frames = 1,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    other_points: OtherClicks = [],  # read only  # noqa: B006
    other_box: OtherFrame = None,
) -> imgen.Animation:
    """Mix two faces or two digits by their codes.

    Digits with an autoencoder that a critic taught to draw mixtures well (ACAI, Berthelot et al., arXiv 1807.07543);
    faces by the codes of the adversarial autoencoder, in the photo at its full size. With more than one frame they turn
    into each other and back.
    """
    parts = np.linspace(0, amount, frames) if frames > 1 else np.array([amount])
    if kind == "digits":
        inks = [handwriting.digit(p[box_pixels(b, p.shape)]) for p, b in ((image, box), (other, other_box))]
        made = mixed_digits(inks[0], inks[1], parts)
        return np.concatenate([made, made[-2:0:-1]])
    face, second = faces.choose(image, points, box), faces.choose(other, other_points, other_box, "other")
    side = side_of(face) if frames == 1 else min(LARGEST, side_of(face))
    start, end = faces.align(image, face, side), faces.align(other, second, side)
    made = mixed_faces(start, end, parts)
    if frames == 1:
        return faces.put_back(image, face, start, start + faces.oval(side) * (made[0] - start))[None]
    return np.concatenate([made, made[-2:0:-1]])


def mixed_digits(first: Array, last: Array, parts: NDArray[np.float64]) -> Array:
    """Pictures (N, S, S, 3) between two digits (32, 32, 1), by parts (N,) from 0 to 1."""
    start, end = codes.encoded("aae/acaidigits", np.stack([first, last]))
    made = codes.shown(codes.decoded("aae/acaidigits", way(start, end, parts)))
    return np.stack([resized(one, PIXELS).clip(0, 1) for one in made])


def mixed_faces(first: Array, last: Array, parts: NDArray[np.float64]) -> Array:
    """Faces (N, S, S, 3) between two aligned ones (S, S, 3), by parts (N,) from 0 to 1."""
    small = np.stack([resized(first, faces.SIZE), resized(last, faces.SIZE)])
    both = codes.encoded("aae/faces", small)
    drawn = codes.decoded("aae/faces", np.concatenate([both, way(both[0], both[1], parts)]))
    return crossfaded(first, last, parts.astype(np.float32), drawn[2:], drawn[:2])


def way(start: Array, end: Array, parts: NDArray[np.float64]) -> Array:
    """Codes (N, D) on the straight line between two."""
    return (start + parts[:, None] * (end - start)).astype(np.float32)


@imgen.uses(kind={"digits": ("aae/digits",), "faces": ("aae/faces",)})
def sample_prior(
    *,
    kind: Sampled = "digits",
    seed: Seed = 0,
    count: Count = 6,
    temperature: Temperature = 1.0,
    between: Between = 0.0,
) -> imgen.Image:
    """Draw codes from the prior and decode them: ten digits a row in one hand, or faces of nobody.

    With `between`, labels lie between those of two digits, where no code of a real digit is: such holes in the
    distribution of codes show as digits that are none.
    """
    name = f"aae/{kind}"
    model, rng = imgen.model(name), np.random.default_rng(seed)
    length = codes.style(model)
    if kind == "digits":
        style = np.repeat(rng.standard_normal((count, length)), DIGITS, 0)
        label = (1 - between) * np.eye(DIGITS) + between * np.roll(np.eye(DIGITS), 1, 1)
        label = np.tile(label, (count, 1))
    else:
        style = rng.standard_normal((count * DIGITS, length))
        usual = np.array(list(model.card["facts"]["attributes"].values()))  # how often faces have each attribute
        label = 2.0 * (rng.random((len(style), len(usual))) < usual) - 1
    made = codes.decoded(name, np.concatenate([temperature * style, label], 1).astype(np.float32))
    return sheet(codes.shown(made), DIGITS)
