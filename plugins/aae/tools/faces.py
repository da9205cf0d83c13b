"""Faces of a photo with other attributes, and faces guessed from damaged pictures."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.attributes import sliders

from . import codes

MOST = 1.5  # times an attribute
WHOLLY = 2.25  # of the label, at which an attribute is wholly there; faces have it from -1 to 1, but it is faint at 1

Amounts = Annotated[float, imgen.Sliders(partial(sliders, MOST))]
Blend = Annotated[float, Field(ge=0, le=1, description="0 the photo as it is, 1 the face as the model invents it")]
Usual = Annotated[float, Field(ge=0, le=1, description="How far the face is drawn towards the average one")]


@imgen.tool(group="Faces", synonyms=["smile", "hair", "glasses", "attributes"])
@imgen.uses("core/faces", "aae/faces")
def restyle_face(
    image: imgen.Image,
    *,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
    **amounts: Amounts,
) -> imgen.Image:
    """Keep a person's style code and change the attributes: 1 has one wholly, -1 not at all, 0 leaves it as it is.

    Style and attributes are apart in the code of an adversarial autoencoder (Makhzani et al., arXiv 1511.05644); only
    the difference of two drawings, as the face is and as it shall be, is added to the photo.
    """
    wanted = {name: value for name, value in amounts.items() if value}
    if not wanted:
        return image.copy()
    face = faces.choose(image, points, box)
    crop = faces.align(image, face)
    before, after = restyled(crop[None], wanted)
    faces.warn_if_strange(crop, before[0])
    return faces.put_back(image, face, before[0], after[0])


def restyled(crops: Array, wanted: dict[str, float]) -> tuple[Array, Array]:
    """Aligned faces (B, 64, 64, 3) as the model draws them, and with other attributes.

    Raises:
        ImgenError: the model in use knows no such attribute.
    """
    model = imgen.model("aae/faces")
    known = list(model.card["measured"]["attributes"])
    missing = [name for name in wanted if name not in known]
    if missing:
        raise imgen.ImgenError(f"your aae/faces knows no {', '.join(missing)}; it has {', '.join(known)}")
    code = codes.encoded("aae/faces", crops)
    other, first = code.copy(), codes.style(model)
    for name, value in wanted.items():
        column = first + known.index(name)
        goal = WHOLLY * np.sign(value)
        other[:, column] += abs(value) * (goal - other[:, column])
    made = codes.decoded("aae/faces", np.concatenate([code, other]))
    return made[: len(crops)], made[len(crops) :]


@imgen.tool(group="Faces", synonyms=["pixelated", "blurred face", "restore face", "sharpen face"])
@imgen.uses("core/faces", "aae/faces")
def clean_face(
    image: imgen.Image,
    *,
    amount: Blend = 1.0,
    usual: Usual = 0.0,
    points: faces.Clicks = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """INVENT the face behind pixels, blur, noise or dirt: the nearest one that the model knows, not the person's own.

    The encoder learned from damaged faces to give the code of the whole one, and codes are drawn towards the prior's
    middle by `usual`. The result is a plausible face, in 64x64 pixels, and no evidence of who it was.
    """
    face = faces.choose(image, points, box)
    side = faces.side_of(face)
    crop = faces.align(image, face, side)
    code = codes.encoded("aae/faces", faces.resized(crop, faces.SIZE)[None].clip(0, 1))
    code[:, : codes.style(imgen.model("aae/faces"))] *= np.float32(1 - usual)
    made = faces.resized(codes.decoded("aae/faces", code)[0], side)
    imgen.note("this face is invented: the likeliest one that the model knows, and no evidence of who was shown")
    return faces.put_back(image, face, crop, (crop + amount * faces.oval(side) * (made - crop)).astype(np.float32))
