"""Pictures between two codes, and out of the prior."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.contract.places import box_pixels
from imgen.image.grid import sheet

from . import codes, handwriting
from .codes import DIGITS, Which
from .maps import PIXELS

Subject = Annotated[Which, Field(description="What the two pictures show")]
Amount = Annotated[float, Field(ge=0, le=1, description="0 the first picture, 1 the other one")]
Frames = Annotated[int, Field(ge=1, le=60, description="1 a picture; more an animation there and back")]
Other = Annotated[imgen.Image, Field(description="A photo of the other face or digit")]
Sampled = Annotated[Which, Field(description="Digits in random hands, or faces of nobody")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other pictures")]
Count = Annotated[int, Field(ge=1, le=20, description="Rows of digits, or of ten faces each")]
Temperature = Annotated[float, Field(ge=0, le=1.5, description="0 the middle of the prior, 1 as it is")]
Between = Annotated[float, Field(ge=0, le=0.5, description="How far each digit's label is mixed with the next one's")]


@imgen.tool(group="Lab", synonyms=["morph", "interpolation", "digits"])
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
    other_points: faces.OtherClicks = [],  # read only  # noqa: B006
    other_box: faces.OtherFrame = None,
) -> imgen.Animation:
    """Mix two faces or two digits by their codes.

    Digits with an autoencoder that a critic taught to draw mixtures well (ACAI, Berthelot et al., arXiv 1807.07543);
    faces by the codes of the adversarial autoencoder, in the photo at its full size. With more than one frame they turn
    into each other and back.
    """
    if kind == "digits":
        inks = [handwriting.digit(p[box_pixels(b, p.shape)]) for p, b in ((image, box), (other, other_box))]
        parts = np.linspace(0, amount, frames) if frames > 1 else np.array([amount])
        made = mixed_digits(inks[0], inks[1], parts)
        return np.concatenate([made, made[-2:0:-1]])
    chosen = faces.choose(image, points, box), faces.choose(other, other_points, other_box, "other")
    return faces.morph((image, other), chosen, amount, frames, mixed_faces, codes.FACE, faces.CLOSE)


def mixed_digits(first: Array, last: Array, parts: NDArray[np.float64]) -> Array:
    """Pictures (N, S, S, 3) between two digits (32, 32, 1), by parts (N,) from 0 to 1."""
    start, end = codes.encoded("aae/acaidigits", np.stack([first, last]))
    made = codes.shown(codes.decoded("aae/acaidigits", line(start, end, parts)))
    return np.stack([faces.resized(one, PIXELS).clip(0, 1) for one in made])


def mixed_faces(small: Array, parts: Array) -> tuple[Array, Array]:
    """Drawings (N, S, S, 3) between two faces (2, S, S, 3), by the parts (N,), and those of both as they are."""
    ends = codes.encoded("aae/faces", small)
    drawn = codes.decoded("aae/faces", np.concatenate([ends, line(ends[0], ends[1], parts)]))
    return drawn[2:], drawn[:2]


def line(start: Array, end: Array, parts: NDArray[np.floating[Any]]) -> Array:
    """Codes (N, D) on the straight line between two."""
    return (start + parts[:, None] * (end - start)).astype(np.float32)


@imgen.tool(group="Lab", synonyms=["digits", "random faces"])
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
    if kind == "faces":
        return sheet(codes.decoded(name, codes.sampled(model, rng, count * DIGITS, temperature)), DIGITS)
    style = np.repeat(rng.standard_normal((count, codes.style(model))), DIGITS, 0)
    label = (1 - between) * np.eye(DIGITS) + between * np.roll(np.eye(DIGITS), 1, 1)
    code = np.concatenate([temperature * style, np.tile(label, (count, 1))], 1).astype(np.float32)
    return sheet(codes.shown(codes.decoded(name, code)), DIGITS)
