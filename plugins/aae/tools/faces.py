"""Faces of a photo with other attributes, and faces guessed from damaged pictures."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.arrays import Array
from imgen.engine.plugins import available
from imgen.faces.attributes import TEXTS

from . import codes

LOG = logging.getLogger("imgen.aae")
MOST = 1.5  # times an attribute
WHOLLY = 1.75  # of the label, at which an attribute is wholly there on new faces; on those learned from it is at 1
HAIR = ("blond", "black_hair", "bangs")  # which close crops do not hold, sliders of version 1
INNER = (0.125, 0.875, 0.125, 0.875)  # rows and columns, in parts of the side, in which the face should be drawn well
STRANGE = 17.0  # dB; ninety-nine in a hundred faces that it has never seen are reconstructed better than this there


def sliders() -> dict[str, imgen.Slider]:
    """A slider for each attribute that the model in use knows. Reads a card only."""
    model = available().get("aae/faces")
    known = model.card.get("measured", {}).get("attributes", {}) if model else {}
    return {name: imgen.Slider(TEXTS.get(str(name), str(name)), -MOST, MOST) for name in known}


Amounts = Annotated[float, imgen.Sliders(sliders)]
Blend = Annotated[float, Field(ge=0, le=1, description="0 the photo as it is, 1 the face as the model invents it")]
Usual = Annotated[float, Field(ge=0, le=1, description="How far the face is drawn towards the average one")]


def bald(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters of version 1 without hair, which `edit_face` changes, and that is told."""
    if any(parameters.get(name) for name in HAIR):
        LOG.warning("restyle_face no longer changes hair, which was left out; edit_face does")
    return {name: value for name, value in parameters.items() if name not in HAIR}


@imgen.tool(group="Faces", synonyms=["smile", "glasses", "attributes"], version=2, migrate={1: bald})
@imgen.uses("core/faces", "core/face-colours", "aae/faces")
def restyle_face(
    image: imgen.Image,
    *,
    points: faces.EachClick = [],  # read only  # noqa: B006
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
    for face in faces.choose_each(image, points, box):
        crop = faces.align(image, face, codes.FACE, faces.CLOSE)
        before, after = (made[0] for made in restyled(crop[None], wanted))
        faces.warn_if_strange(crop, before, INNER, STRANGE)
        image = faces.put_change(image, face, before, faces.changed(before, after), faces.CLOSE)
    return image


def restyled(crops: Array, wanted: Mapping[str, float]) -> tuple[Array, Array]:
    """Close faces (B, 128, 128, 3) as the model draws them, and with other attributes."""
    model = imgen.model("aae/faces")
    known = list(model.card["measured"]["attributes"])
    code = codes.encoded("aae/faces", crops)
    other, first = code.copy(), codes.style(model)
    for name, value in wanted.items():
        column = first + known.index(name)
        other[:, column] += abs(value) * (WHOLLY * np.sign(value) - other[:, column])
    made = codes.decoded("aae/faces", np.concatenate([code, other]))
    return made[: len(crops)], made[len(crops) :]


@imgen.tool(group="Faces", synonyms=["pixelated", "blurred face", "restore face", "sharpen face"])
@imgen.uses("core/faces", "aae/faces")
def clean_face(
    image: imgen.Image,
    *,
    amount: Blend = 1.0,
    usual: Usual = 0.0,
    points: faces.EachClick = [],  # read only  # noqa: B006
    box: faces.Frame = None,
) -> imgen.Image:
    """INVENT the face behind pixels, blur, noise or dirt: the nearest one that the model knows, not the person's own.

    The encoder learned from damaged faces to give the code of the whole one, and codes are drawn towards the prior's
    middle by `usual`. The result is a plausible face, in 128x128 pixels, and no evidence of who it was.
    """
    imgen.note("this face is invented: the likeliest one that the model knows, and no evidence of who was shown")
    for face in faces.choose_each(image, points, box):
        image = invented(image, face, amount, usual)
    return image


def invented(image: Array, face: faces.Face, amount: float, usual: float) -> Array:
    """The photo with that face cleaned; see `clean_face`."""
    side = faces.side_of(face, faces.CLOSE, codes.FACE)
    crop = faces.align(image, face, side, faces.CLOSE)
    code = codes.encoded("aae/faces", faces.resized(crop, codes.FACE)[None].clip(0, 1))
    code[:, : codes.style(imgen.model("aae/faces"))] *= np.float32(1 - usual)
    made = faces.resized(codes.decoded("aae/faces", code)[0], side)
    mended = crop + amount * faces.oval(side, faces.CLOSE) * (made - crop)
    return faces.put_back(image, face, crop, mended.astype(np.float32), faces.CLOSE)
