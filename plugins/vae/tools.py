"""Faces edited, mixed and invented through their codes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import special

import imgen
from imgen import faces

from . import codes
from .sliders import declare, offsets

Array = NDArray[np.float32]

TILE = 64  # side of one face on a sheet, before it is enlarged
STEPS = 7  # pictures of a row of `latent_sheet`
LARGEST = 512  # side of a morph in pixels

Dimension = Annotated[int, Field(ge=0, le=255, description="Which one; the first tell most about a face")]
Shift = Annotated[float, Field(ge=-10, le=10, description="Standard deviations")]
First = Annotated[int, Field(ge=0, le=255, description="The first dimension that is shown")]
Rows = Annotated[int, Field(ge=1, le=256, description="How many dimensions are shown")]
Amount = Annotated[float, Field(ge=0, le=1, description="0 the photo's face, 1 the other one")]
Other = Annotated[imgen.Image, Field(description="A photo of the other person")]
OtherClicks = Annotated[imgen.Points, Field(description="Where in the other photo the face is that you mean")]
OtherFrame = Annotated[imgen.Box | None, Field(description="A rectangle around the face in the other photo")]
Frames = Annotated[int, Field(ge=1, le=60, description="1 the photo itself; more an animation of the faces")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="Other numbers give other pictures")]
Count = Annotated[int, Field(ge=1, le=100, description="How many faces")]
Temperature = Annotated[
    float, Field(ge=0, le=1.5, description="0 the average face, 1 as varied as the faces learned from")
]
Mixture = Annotated[bool, Field(description="Draw codes as faces have them, not from the plain normal distribution")]
Scale = Annotated[int, Field(ge=1, le=4, description="Times 64 pixels a face")]
Side = Annotated[int, Field(ge=2, le=40, description="Digits on each side")]


@declare
def edit_face(
    image: imgen.Image,
    *,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    **amounts: float,
) -> imgen.Image:
    """Change a face: smile, age, glasses and more, in standard deviations of the faces that the model learned from.

    The face is found, cut out upright (close at 128x128, with the head for hair at 64x64), encoded, moved along
    directions in the space of codes (InterFaceGAN, Shen et al., arXiv 1907.10786) and decoded; the difference to the
    plain reconstruction is added to the photo.
    """
    wanted = {name: value for name, value in amounts.items() if value}
    return codes.edited(image, points, box, offsets(wanted)) if wanted else image.copy()


@imgen.uses("core/faces", "vae/faces")
def perturb_latent(
    image: imgen.Image,
    *,
    dimension: Dimension = 0,
    amount: Shift = 2.0,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """Move one number of a face's code, to see what it stands for."""
    return codes.edited(image, points, box, {codes.HEAD.model: np.float32(amount) * unit(dimension)})


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
    return codes.sheet(np.concatenate(rows), STEPS)


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


@imgen.uses("core/faces", "vae/faces")
def morph_faces(
    image: imgen.Image,
    *,
    other: Other,
    amount: Amount = 0.5,
    frames: Frames = 1,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    other_points: OtherClicks = [],  # read only  # noqa: B006
    other_box: OtherFrame = None,
) -> imgen.Animation:
    """Mix the face with another person's: in the photo at its full size, or as an animation from one to the other.

    The codes are mixed, and what codes cannot hold (pores, single hairs) fades from one photo to the other; in the
    photo, head and hair stay. With more than one frame, the faces alone turn into each other up to `amount` and back;
    save that as .gif, .webp or .png.
    """
    face, second = faces.choose(image, points, box), faces.choose(other, other_points, other_box, "other")
    side = side_of(face) if frames == 1 else min(LARGEST, side_of(face))
    first, second = faces.align(image, face, side), faces.align(other, second, side)
    if frames == 1:
        mixed = mixtures(first, second, np.array([amount]))[0]
        return faces.put_back(image, face, first, first + faces.oval(side) * (mixed - first))[None]
    made = mixtures(first, second, np.linspace(0, amount, frames))
    return np.concatenate([made, made[-2:0:-1]])


def side_of(face: faces.Face) -> int:
    """Pixels of the photo on a side of the face's crop, at least 64 and at most 2048."""
    across = np.hypot(face.right[0] - face.left[0], face.right[1] - face.left[1])
    return int(np.clip(across * faces.SIZE / (faces.EYES[1][0] - faces.EYES[0][0]), faces.SIZE, 2048))


def mixtures(first: Array, second: Array, amounts: NDArray[np.float64]) -> Array:
    """Faces (N, S, S, 3) between two aligned ones (S, S, 3), by the amounts (N,) from 0 to 1."""
    small = np.stack([codes.resized(first, TILE), codes.resized(second, TILE)])
    plain, (start, end) = codes.reconstructed(small, np.zeros((2, codes.latent()), np.float32))
    parts = amounts.astype(np.float32)
    return crossfaded(first, second, parts, codes.decoded(start + parts[:, None] * (end - start)), plain)


def crossfaded(first: Array, second: Array, parts: Array, drawn: Array, plain: Array) -> Array:
    """Faces (N, S, S, 3): the photos fade into each other, and what is drawn moves from one to the other meanwhile.

    Args:
        first: aligned face (S, S, 3).
        second: the other one.
        parts: (N,) from 0 to 1.
        drawn: (N, 64, 64, 3), what the model makes of the mixed codes.
        plain: (2, 64, 64, 3), what it makes of those of both faces.
    """
    side = len(first)
    result = np.empty((len(parts), side, side, 3), np.float32)
    for i, (t, made) in enumerate(zip(parts, drawn, strict=True)):
        imgen.progress(i, len(parts))
        smooth = made - (1 - t) * plain[0] - t * plain[1]  # what the crossfade of the photos lacks
        result[i] = (1 - t) * first + t * second + codes.resized(smooth, side)
    return result.clip(0, 1)


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
        chances = np.array(network.card["facts"]["chances"])
        choice = rng.multinomial(1, chances / chances.sum(), count).astype(np.float32)
        noise = network(noise=noise, choice=choice)
    made = np.stack([codes.resized(face, TILE * scale).clip(0, 1) for face in codes.decoded(noise)])
    return codes.sheet(made, round(count**0.5))


@imgen.uses("vae/digits")
def vae_manifold(*, side: Side = 20) -> imgen.Image:
    """Draw the map of a two-dimensional VAE of handwritten digits: what each place in the code decodes to.

    Places are the quantiles of the normal distribution, so that every part of the prior has its share (Kingma &
    Welling, arXiv 1312.6114, figure 4).
    """
    quantiles = special.ndtri((np.arange(side) + 0.5) / side).astype(np.float32)
    y, x = np.meshgrid(-quantiles, quantiles, indexing="ij")
    places = np.stack([x.ravel(), y.ravel()], 1)  # (side², 2)
    blank = np.zeros((len(places), 1, 32, 32), np.float32)
    made, _, _ = imgen.model("vae/digits")(image=blank, keep=np.zeros((len(places), 1), np.float32), offset=places)
    ink = np.repeat(made[:, 0, 2:30, 2:30, None], 3, 3)  # (side², 28, 28, 3), without the margin
    return codes.sheet(1 - ink, side)
