"""Masks from pictures: what did the person who drew this mean to select?

A mask may be white on black, painted in a colour, painted on transparency, off-white, or saved as JPEG. The one reader
here serves `mask=` on the command line, `load_selection` and the editor. What it had to guess, it says in a note.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract.arrays import Array
from ..contract.context import note
from .levels import as_float, as_integers
from .photo import Photo

COLOURED = 0.15  # from this difference of the channels on, a pixel has a colour
FEW = 0.0005  # parts of a picture below this are dirt
NEAR = 0.06  # around a tone, what counts as that tone
MOST = 0.6  # of the pixels on one side of the middle, so many share a tone, or there is none
DARK, BRIGHT = 0.35, 0.7  # tones between these are half selected, and meant so
INFORMS = 0.1  # transparency that varies by less says nothing
FAINT = 0.05  # a mask with nothing brighter holds numbers of classes, 0 and 1 say, and no brightness
NOISE = (0.01, 0.2)  # least and most that is snapped to a tone


def read_mask(photo: Photo) -> Array:
    """The mask (H, W) in 0..1 that a picture means: what is meant is exactly 1, the rest exactly 0, soft edges soft.

    - Transparency that varies is the mask, as what is painted is selected; but a black-and-white picture on
      transparency counts by its brightness.
    - Grey pictures select where they are white. Off-white and off-black count as white and black if the picture has
      two tones; tones between `DARK` and `BRIGHT` stay partly selected.
    - Colour on black selects the colour, whatever its brightness. So does colour on white; and of two colours, that
      which is not at the border is selected; both with a note.
    - Noise of JPEG around the two tones is cut off.

    A mask that is exactly black and white, with soft edges or without, comes back as it is. Values are rounded to the
    photo's bit depth, so that the mask inside a recipe is the same.
    """
    values, coloured = (photo.alpha, False) if by_alpha(photo) else brightness(photo.pixels)
    assert values is not None
    mask = toned(values, coloured)
    if not mask.any():
        note("the mask selects nothing: it is black all over")
    return as_float(as_integers(mask, photo.depth))


def by_alpha(photo: Photo) -> bool:
    """Whether transparency says what is selected, and not brightness."""
    if photo.alpha is None or photo.alpha.min() == 1:
        return False
    if np.ptp(photo.alpha) < INFORMS:
        note("the mask is about equally transparent everywhere, so its brightness was read")
        return False
    visible = photo.pixels[photo.alpha > 0.5]
    if not visible.size:
        return True
    dark, white = float((visible.max(1) < 0.1).mean()), float((visible.min(1) > 0.9).mean())
    if min(dark, white) > 0.01 and dark + white > 0.9:
        note("the mask is black and white on transparency; its white was read as selected")
        return False
    if visible.std(0).max() > 0.1:
        note("the mask has transparency, which was read as not selected; its brightness was not looked at")
    return True


def brightness(pixels: Array) -> tuple[Array, bool]:
    """How much each pixel of (H, W, 3) is selected, before tones are considered, and whether colours say so."""
    red, green, blue = (pixels[..., c] for c in range(3))
    low, high = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    colour = high - low > COLOURED
    share = float(colour.mean())
    if share < FEW:
        return (red + green + blue) / np.float32(3) if np.any(high != low) else high, False
    pair = two_colours(pixels)
    if pair is not None:
        return between(pixels, *ordered(*pair)), True
    neutral = high[~colour]
    if neutral.size > FEW * high.size and np.median(neutral) > BRIGHT and float((neutral < DARK).mean()) < FEW:
        note("the mask was read as painted in colour on white; invert_selection gives the other way round")
        return 1 - low, True
    if float((high < 0.1).mean()) < 0.1:
        note("the mask has many colours and looks like a photo; its brightness was read")
        return (red + green + blue) / np.float32(3), False
    if float((neutral > DARK).mean()) > 0.01:
        note("the mask shows colours, black and white; everything but black was read as selected")
    return high, True


def two_colours(pixels: Array) -> tuple[Array, Array] | None:
    """The colour at the border and the other one, where the picture consists of these two and their mixtures."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = np.median(border, 0)
    far = np.abs(pixels - ground).max(2)
    other = np.median(pixels[far >= 0.95 * far.max()], 0)
    axis = other - ground
    if float(np.abs(axis).max()) < COLOURED:
        return None
    part = (pixels - ground) @ (axis / (axis @ axis))
    beside = np.abs(pixels - ground - part[..., None] * axis).max(2)
    return (ground, other) if float((beside < 2 * NEAR).mean()) > 0.95 else None


def ordered(border: Array, other: Array) -> tuple[Array, Array]:
    """Of two colours, the one that is not selected and the one that is: black is not, then white, then the border."""
    first, second = (border, other) if border.max() <= other.max() else (other, border)
    if first.max() < DARK / 2:
        return first, second
    first, second = (border, other) if border.min() >= other.min() else (other, border)
    if first.min() > 1 - DARK / 2:
        note("the mask was read as painted in colour on white; invert_selection gives the other way round")
        return first, second
    note("the mask has two colours; the one that is not at the border was read as selected")
    return border, other


def between(pixels: Array, ground: Array, colour: Array) -> Array:
    """How far each pixel is on the way from one colour to the other, 0..1."""
    axis = colour - ground
    return ((pixels - ground) @ (axis / (axis @ axis))).clip(0, 1).astype(np.float32)


def toned(values: Array, coloured: bool) -> Array:
    """The values stretched so that the two tones of a mask are 0 and 1; as they are where it has no two tones."""
    bottom, top = float(values.min()), float(values.max())
    if bottom == top:
        return values
    if top < FAINT:
        note("the mask is almost black; what is not quite black was read as selected")
        return values / np.float32(top)
    found = tones(values, bottom, top)
    if found is None:
        return values
    low, high = found
    if not coloured:
        if high < BRIGHT:
            note(f"the mask is grey where it is brightest, so it selects by {100 * high:.0f} % at most")
            high = 1.0
        low = low if low < DARK else 0.0
        if low > 0.1 or high < 0.9:
            note(f"the mask's tones {255 * low:.0f} and {255 * high:.0f} of 255 were read as not and fully selected")
    margin = noise(values, low, high) * (high - low)
    if (low, high, margin) == (0, 1, 0):
        return values
    return ((values - np.float32(low + margin)) / np.float32(high - low - 2 * margin)).clip(0, 1)


def tones(values: Array, bottom: float, top: float) -> tuple[float, float] | None:
    """The tones of what is not and what is selected, 0..1; None if the picture does not consist of two."""
    counts = np.bincount(np.rint(values.ravel() * np.float32(255)).astype(np.intp), minlength=256)
    middle = round(255 * (bottom + top) / 2)
    dark, bright = tone(counts[:middle]), tone(counts[middle:])
    if dark is not None and bright is not None:
        return dark / 255, (middle + bright) / 255
    if dark is not None and counts[:middle].sum() > values.size / 2:  # thin lines, hardly a pixel of them whole
        return dark / 255, top
    if bright is not None and counts[middle:].sum() > values.size / 2:
        return bottom, (middle + bright) / 255
    return None


def tone(counts: NDArray[np.intp]) -> int | None:
    """The commonest value of a part of a histogram if most of the part is near to it, else None."""
    best = int(counts.argmax())
    reach = round(NEAR * 255)
    near = counts[max(0, best - reach) : best + reach + 1].sum()
    return best if near > 0 and near >= MOST * counts.sum() else None


def noise(values: Array, low: float, high: float) -> float:
    """How far noise reaches from the two tones, as a part of their distance; 0 for a clean picture.

    A soft edge rises steadily from one tone to the other; noise goes up and down beside them. So its size shows in
    single pixels near a tone that are farther from it than all their neighbours.
    """
    parts = (values - np.float32(low)) / np.float32(high - low)
    away = np.minimum(np.abs(parts), np.abs(1 - parts))
    beside = (away > 0.5 / 255) & (away < NOISE[1])
    if beside.sum() < 3:
        return 0.0
    extreme = beside & peaks(away)
    if extreme.sum() < max(3, 0.002 * beside.sum()):
        return 0.0
    return float(np.clip(np.quantile(away[extreme], 0.99) + 1 / 255, *NOISE))


def peaks(values: Array) -> NDArray[np.bool_]:
    """Where (H, W) is greater than at all eight neighbours."""
    padded = np.pad(values, 1, constant_values=-1)
    height, width = values.shape
    greater = np.ones(values.shape, np.bool_)
    for y in range(3):
        for x in range(3):
            if (y, x) != (1, 1):
                greater &= values > padded[y : y + height, x : x + width]
    return greater
