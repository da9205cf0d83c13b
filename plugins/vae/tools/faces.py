"""Faces edited, mixed and invented through their codes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.image.grid import sheet

from . import codes
from .sliders import offsets, replacing, shown

STEPS = 7  # pictures of a row of `latent_sheet`

Amounts = Annotated[float, imgen.Sliders(shown)]
Dimension = Annotated[int, Field(ge=0, le=255, description="Which one; the first tell most about a face")]
Shift = Annotated[float, Field(ge=-10, le=10, description="Standard deviations")]
First = Annotated[int, Field(ge=0, le=255, description="The first dimension that is shown")]
Rows = Annotated[int, Field(ge=1, le=256, description="How many dimensions are shown")]
Amount = Annotated[float, Field(ge=0, le=1, description="0 the photo's face, 1 the other one")]
Other = Annotated[imgen.Image, Field(description="A photo of the other person")]
Frames = Annotated[int, Field(ge=1, le=60, description="1 the photo itself; more an animation of the faces")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other pictures")]
Count = Annotated[int, Field(ge=1, le=100, description="How many faces")]
Temperature = Annotated[
    float, Field(ge=0, le=1.5, description="0 the average face, 1 as varied as the faces learned from")
]
Mixture = Annotated[bool, Field(description="Draw codes as faces have them, not from the plain normal distribution")]
Scale = Annotated[int, Field(ge=1, le=4, description="Times 64 pixels a face")]


@imgen.tool(group="Faces", synonyms=["smile", "age", "glasses", "portrait", "make younger", "make older"])
@imgen.uses("core/faces", "core/face-colours", "vae/faces")
def edit_face(
    image: imgen.Image,
    *,
    points: faces.EachClick = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    **amounts: Amounts,
) -> imgen.Image:
    """Change a face: smile, age, glasses and more, in standard deviations of the faces that the model learned from.

    The face is found, cut out upright (close at 128x128, with the head for hair at 64x64), encoded, moved along
    directions in the space of codes (InterFaceGAN, Shen et al., arXiv 1907.10786) and decoded; the difference to the
    plain reconstruction is added to the photo.
    """
    wanted = {name: value for name, value in amounts.items() if value}
    if not wanted:
        return image.copy()
    return codes.edited(image, points, box, offsets(wanted), offsets(replacing(wanted)))


@imgen.tool(group="Lab", synonyms=["latent", "code"])
@imgen.uses("core/faces", "vae/faces")
def perturb_latent(
    image: imgen.Image,
    *,
    dimension: Dimension = 0,
    amount: Shift = 2.0,
    points: faces.EachClick = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """Move one number of a face's code, to see what it stands for."""
    return codes.edited(image, points, box, {codes.HEAD.model: np.float32(amount) * unit(dimension)})


@imgen.tool(group="Lab", synonyms=["latent", "code", "dimensions"])
@imgen.uses("core/faces", "vae/faces")
def latent_sheet(
    image: imgen.Image,
    *,
    first: First = 0,
    count: Rows = 16,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """Show what each number of a face's code does: a row for each, from -3 to 3 standard deviations."""
    crop = faces.align(image, faces.choose(image, points, box))
    rows: list[Array] = []
    last = min(first + count, codes.latent())
    for dimension in range(first, last):
        imgen.progress(dimension - first, last - first)
        shifts = np.linspace(-3, 3, STEPS, dtype=np.float32)[:, None] * unit(dimension)
        rows.append(codes.reconstructed(np.repeat(crop[None], STEPS, 0), shifts)[0])
    if not rows:
        raise imgen.ImgenError(f"latent_sheet: the code has {codes.latent()} numbers; choose a smaller first")
    return sheet(np.concatenate(rows), STEPS)


def unit(dimension: int) -> Array:
    """A step of 1 along one dimension (latent,).

    Raises:
        ImgenError: there is no such dimension.
    """
    if dimension >= codes.latent():
        raise imgen.ImgenError(f"the code has {codes.latent()} numbers, 0 to {codes.latent() - 1}; not {dimension}")
    step = np.zeros(codes.latent(), np.float32)
    step[dimension] = 1
    return step


@imgen.tool(group="Faces", synonyms=["morph", "mix faces", "blend faces", "animation"])
@imgen.uses("core/faces", "vae/faces")
def morph_faces(
    image: imgen.Image,
    *,
    other: Other,
    amount: Amount = 0.5,
    frames: Frames = 1,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    other_points: faces.OtherClicks = [],  # read only  # noqa: B006
    other_box: faces.OtherFrame = None,
) -> imgen.Animation:
    """Mix the face with another person's: in the photo at its full size, or as an animation from one to the other.

    The codes are mixed, and what codes cannot hold (pores, single hairs) fades from one photo to the other; in the
    photo, head and hair stay. With more than one frame, the faces alone turn into each other up to `amount` and back;
    save that as .gif, .webp or .png.
    """
    chosen = faces.choose(image, points, box), faces.choose(other, other_points, other_box, "other")
    return faces.morph((image, other), chosen, amount, frames, mixtures)


def mixtures(small: Array, parts: Array) -> tuple[Array, Array]:
    """Drawings (N, 64, 64, 3) between two faces (2, 64, 64, 3), by the parts (N,), and those of both as they are."""
    plain, (start, end) = codes.reconstructed(small, np.zeros((2, codes.latent()), np.float32))
    return codes.decoded(start + parts[:, None] * (end - start)), plain


@imgen.tool(group="Lab", synonyms=["generate faces", "random faces", "invent"])
@imgen.uses("vae/faces", "vae/mixture")
def sample_faces(
    *,
    seed: Seed = 0,
    count: Count = 16,
    temperature: Temperature = 0.8,
    mixture: Mixture = True,
    scale: Scale = 2,
) -> imgen.Image:
    """Invent faces: decode random codes, from a mixture of Gaussians fitted to the faces' codes or from N(0, I)."""
    rng = np.random.default_rng(seed)
    noise = np.float32(temperature) * rng.standard_normal((count, codes.latent()), dtype=np.float32)
    if mixture:
        network = imgen.model("vae/mixture")
        chances = np.array(network.card["measured"]["chances"])
        choice = rng.multinomial(1, chances / chances.sum(), count).astype(np.float32)
        noise = network(noise=noise, choice=choice)
    made = np.stack([faces.resized(face, faces.SIZE * scale).clip(0, 1) for face in codes.decoded(noise)])
    return sheet(made, round(count**0.5))
