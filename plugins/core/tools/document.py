"""The document: what is transparent, and which part of the photo there is."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from imgen.contract.context import note
from imgen.contract.declaration import tool
from imgen.contract.places import Share, box_pixels
from imgen.errors import ParameterError
from imgen.image.photo import Photo
from imgen.image.seen import in_own_space, seen

from .foreground import estimate_foreground
from .straighten import straightened

VISIBLE = 0.5 / 255  # opacity that a file of 8 bits still tells from none


@tool(group="Cut out", synonyms=["cut out", "remove background", "transparent", "transparency"])
def selection_to_alpha(
    photo: Photo,
    *,
    decontaminate: Annotated[
        bool, Field(description="Take the background's colour out of the soft edge; a wide fade stays as it is")
    ] = True,
) -> Photo:
    """Make everything outside the selection transparent.

    Along a soft edge the photo shows a mixture with the background; the subject's own colours are estimated there
    (Germer et al., arXiv 2006.14970), so that no rim is left on another background. Other pixels stay as they are.
    """
    if photo.selection is None:
        raise ParameterError("selection_to_alpha needs a selection; add a step that selects before it")
    old = 1.0 if photo.alpha is None else photo.alpha
    alpha = (photo.selection * old).astype(np.float32)
    if alpha.max() < VISIBLE:
        raise ParameterError(
            "selection_to_alpha: nothing is selected, so the picture would be empty; select something else, or mark it "
            "with box or points"
        )
    pixels = estimate_foreground(photo.pixels, photo.selection) if decontaminate else photo.pixels
    return photo.replace(pixels=pixels, alpha=alpha, selection=None)


@tool(group="Cut out", synonyms=["background colour", "white background", "remove transparency"])
def flatten(
    photo: Photo,
    *,
    background: Annotated[Share, Field(description="0 black, 1 white")] = 1.0,
) -> Photo:
    """Put the picture on a plain background, so that it has no transparency."""
    if photo.alpha is None:
        note("flatten: the photo has no transparency")
        return photo
    alpha = photo.alpha[..., None]
    plain = in_own_space(photo, np.full((1, 1, 3), background, np.float32))
    # some profiles cannot say what sRGB's grey is in their values; the photo becomes sRGB then
    pixels = photo.pixels if plain.icc == photo.icc else seen(photo.replace(alpha=None))
    return photo.replace(pixels=pixels * alpha + plain.pixels * (1 - alpha), alpha=None, icc=plain.icc)


@tool(group="Document", synonyms=["trim", "cut"])
def crop(
    photo: Photo,
    *,
    left: Annotated[Share, Field(description="Left edge, part of the width")] = 0.0,
    top: Annotated[Share, Field(description="Upper edge, part of the height")] = 0.0,
    width: Annotated[Share, Field(gt=0, description="Part of the width")] = 1.0,
    height: Annotated[Share, Field(gt=0, description="Part of the height")] = 1.0,
    angle: Annotated[float, Field(ge=-45, le=45, description="Degrees by which it is turned first, clockwise")] = 0.0,
) -> Photo:
    """Keep a rectangle of the photo, given in parts of its size.

    With an angle the photo is turned first, and cut to the largest rectangle of its own shape that has no empty corner;
    the parts are those of that rectangle.
    """
    photo = straightened(photo, angle)
    if left == 1 or top == 1:
        note("crop: it begins at the photo's far edge, so a single line of pixels is left; make left or top smaller")
    area = box_pixels((left, top, width, height), photo.pixels.shape)
    arrays = {"pixels": photo.pixels, "alpha": photo.alpha, "selection": photo.selection}
    return photo.replace(**{k: None if a is None else np.ascontiguousarray(a[area]) for k, a in arrays.items()})
