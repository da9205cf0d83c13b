"""The core's own tools: selections, adjustments, the document. They come through the same door as any plugin's."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from scipy import ndimage

from imgen.contract.context import note
from imgen.contract.kinds import Image, Mask
from imgen.errors import ParameterError
from imgen.image.photo import Photo
from imgen.image.seen import in_own_space, seen

from .foreground import estimate_foreground

Share = Annotated[float, Field(ge=0, le=1)]
Radius = Annotated[float, Field(ge=0, le=500, description="Pixels", json_schema_extra={"unit": "px"})]

VISIBLE = 0.5 / 255  # opacity that a file of 8 bits still tells from none


def select_rectangle(
    image: Image,
    *,
    left: Annotated[Share, Field(description="Left edge, part of the width")] = 0.0,
    top: Annotated[Share, Field(description="Upper edge, part of the height")] = 0.0,
    width: Annotated[Share, Field(description="Part of the width")] = 1.0,
    height: Annotated[Share, Field(description="Part of the height")] = 1.0,
) -> Mask:
    """Select a rectangle, given in parts of the picture so that it fits a photo of any size."""
    rows, columns = image.shape[:2]
    mask = np.zeros((rows, columns), np.float32)
    y, x = round(top * rows), round(left * columns)
    mask[y : y + max(1, round(height * rows)), x : x + max(1, round(width * columns))] = 1
    return mask


def load_selection(image: Image, *, file: Mask) -> Mask:
    """Select what a picture of the same size means: its white, its colour on black, or what is painted on transparency.

    Off-white counts as white, and noise of JPEG is cut off; a note says so where that is a guess.
    """
    return file


def invert_selection(mask: Mask) -> Mask:
    """Select everything that was not selected."""
    return 1 - mask


def feather_selection(mask: Mask, *, radius: Radius = 8.0) -> Mask:
    """Soften the selection's edge with a Gaussian of that radius."""
    return np.asarray(ndimage.gaussian_filter(mask, radius, mode="nearest", truncate=3), np.float32)


def grow_selection(
    mask: Mask,
    *,
    pixels: Annotated[
        int, Field(ge=-500, le=500, description="Negative shrinks", json_schema_extra={"unit": "px"})
    ] = 8,
) -> Mask:
    """Make the selection larger on every side, or smaller with a negative number."""
    if pixels == 0:
        return mask
    # distances to the nearest (un)selected pixel: any radius at the same cost
    if pixels > 0:
        return np.maximum(mask, near(mask >= 0.5, pixels))
    return np.minimum(mask, 1 - near(mask < 0.5, -pixels))


def near(inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], pixels: int) -> Mask:
    """1 within `pixels` of `inside`, fading over one more pixel; 0 where there is no inside at all."""
    if not inside.any():
        return np.zeros(inside.shape, np.float32)
    distance = ndimage.distance_transform_edt(~inside)
    return np.clip(pixels + 1 - np.asarray(distance), 0, 1).astype(np.float32)


def clear_selection(photo: Photo) -> Photo:
    """Forget the selection: the next steps act everywhere."""
    return photo.replace(selection=None)


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


def crop(
    photo: Photo,
    *,
    left: Annotated[Share, Field(description="Left edge, part of the width")] = 0.0,
    top: Annotated[Share, Field(description="Upper edge, part of the height")] = 0.0,
    width: Annotated[Share, Field(gt=0, description="Part of the width")] = 1.0,
    height: Annotated[Share, Field(gt=0, description="Part of the height")] = 1.0,
) -> Photo:
    """Keep a rectangle of the photo, given in parts of its size."""
    y, x = (min(round(a * n), n - 1) for a, n in ((top, photo.height), (left, photo.width)))
    area = np.s_[y : y + max(1, round(height * photo.height)), x : x + max(1, round(width * photo.width))]
    arrays = {"pixels": photo.pixels, "alpha": photo.alpha, "selection": photo.selection}
    return photo.replace(**{k: None if a is None else np.ascontiguousarray(a[area]) for k, a in arrays.items()})
