"""Ten digits in the hand that wrote one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen import faces
from imgen.contract.places import box_pixels
from imgen.image.grid import sheet

from . import codes, handwriting
from .codes import DIGITS

Around = Annotated[imgen.Box | None, Field(description="A rectangle around the digit, if there is more in the photo")]
Drawn = Annotated[imgen.Mask, Field(description="The digit as the brush drew it; without, the photo shows it")] | None
Scale = Annotated[int, Field(ge=1, le=8, description="Times 28 pixels a digit")]


@imgen.tool(group="Lab", synonyms=["handwriting", "digits"])
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
    made = np.stack([faces.resized(one, len(one) * scale).clip(0, 1) for one in made])
    half = DIGITS // 2
    return sheet(np.concatenate([made[:1], made[2 : 2 + half], made[1:2], made[2 + half :]]), half + 1)
