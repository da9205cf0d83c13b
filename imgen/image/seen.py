"""What tools see of a photo, sRGB values without a trace of hidden pixels, and how what they change gets back into it.

A photo may hold what a tool is not shown: colours beyond sRGB, and what is under transparent pixels. Whatever the way
there and back loses is added again where the tool changed little, so nothing is lost that nobody asked to change.
"""

from __future__ import annotations

import numpy as np

from ..contract.arrays import Array
from ..contract.context import note
from .colour import ALIKE, LutSpace, Space, space_of
from .guided import enlarged, strips
from .light import stripwise
from .photo import Photo
from .profiles import srgb_profile

FAINT = 1 / 16  # a change as large as this is never a little one for a pixel that is nearly grey


def seen(photo: Photo) -> Array:
    """The pixels as tools get them: (H, W, 3), sRGB, colours continued below what is transparent; read-only.

    They are the photo's own array where it is opaque and sRGB.
    """
    space = space_of(photo.icc)
    alpha = photo.alpha if photo.alpha is not None and photo.alpha.min() <= 0 else None
    if space is None and alpha is None:
        return photo.pixels
    pixels = photo.pixels if space is None else stripwise(space.to_srgb, photo.pixels)
    if alpha is not None:
        pixels = continued(pixels, alpha)
    pixels.flags.writeable = False
    return pixels


def in_own_space(photo: Photo, srgb: Array) -> Photo:
    """The photo with an sRGB picture (H, W, 3) of any size in place of its pixels, alpha and selection."""
    alone = photo.replace(pixels=srgb, alpha=None, selection=None, frames=None)
    space = space_of(photo.icc)
    if space is None:
        return alone
    if not holds(space, srgb):
        return in_srgb(alone)
    return alone.replace(pixels=stripwise(space.from_srgb, srgb))


def holds(space: Space | LutSpace, srgb: Array) -> bool:
    """Whether a space can describe an sRGB picture at all, colours that are out of its gamut aside."""
    if not space.grey:
        return space.both_ways
    return all(grey_enough(srgb[rows]) for rows in strips(*srgb.shape[:2]))


def grey_enough(srgb: Array) -> bool:
    """Whether the channels of (h, w, 3) differ by less than anybody sees."""
    return all(float(np.abs(srgb[..., 0] - srgb[..., c]).max()) <= ALIKE for c in (1, 2))


def in_srgb(photo: Photo) -> Photo:
    """A photo whose pixels are sRGB values already, which its profile cannot describe: sRGB's takes its place."""
    note("the photo's colour profile cannot describe the result, so it is an sRGB picture now")
    return photo.replace(icc=srgb_profile())


def bring_back(photo: Photo, before: Array, after: Array) -> None:
    """Turn a tool's result into the photo's own values, in place.

    Pixels that the tool left alone, and hidden ones, become exactly the photo's. What the photo has beyond `before`
    is kept in full by pixels that hardly changed, and less the more of its colour a pixel lost.

    Args:
        photo: whose space describes the result; it has both ways.
        before: what the tool saw (H, W, 3).
        after: what it made of it, in 0..1.
    """
    space = space_of(photo.icc)
    for rows in strips(*after.shape[:2]):
        own, old, new = photo.pixels[rows], before[rows], after[rows]
        moved = np.abs(new - old).max(2)
        if space is not None and moved.any():
            mine = own - space.from_srgb(old)  # what is lost on the way there and back
            mine *= kept_part(old, new, moved)[..., None]
            mine += space.from_srgb(new)
            np.clip(mine, 0, 1, out=new)
        stays = moved == 0
        if photo.alpha is not None:
            stays |= photo.alpha[rows] <= 0
        np.copyto(new, own, where=stays[..., None])


def kept_part(old: Array, new: Array, moved: Array) -> Array:
    """How much of what was lost comes back (h, w): 1 where nothing changed, 0 where a change could have made it grey.

    Args:
        old: sRGB values before (h, w, 3).
        new: after.
        moved: the largest change of a channel (h, w).
    """
    before, after = chroma(old), chroma(new)
    part = (moved / np.maximum(before / 2, np.float32(FAINT))).clip(0, 1)
    duller = (after + np.float32(ALIKE)) / (before + np.float32(ALIKE))  # what has become grey is to be grey
    return (1 - part * part * (3 - 2 * part)) * np.minimum(duller, 1)


def chroma(srgb: Array) -> Array:
    """The difference of the largest and the smallest channel (h, w)."""
    r, g, b = srgb[..., 0], srgb[..., 1], srgb[..., 2]  # a reduction over an axis of three would be far slower
    return np.maximum(np.maximum(r, g), b) - np.minimum(np.minimum(r, g), b)


def continued(pixels: Array, alpha: Array) -> Array:
    """The picture with visible colours continued over what is transparent: a push-pull pyramid of means weighted by
    opacity (Gortler et al., The Lumigraph, SIGGRAPH 1996). What is partly transparent stays as it is.

    Args:
        pixels: (H, W, 3).
        alpha: (H, W), 0 transparent .. 1 opaque.
    """
    height, width = pixels.shape[:2]
    below = filled(*halved(pixels, alpha / np.float32(max(alpha.max(), 1e-6))))
    result = pixels.copy()
    for rows in strips(height, width):
        hidden = alpha[rows, :, None] <= 0
        if hidden.any():
            np.copyto(result[rows], doubled(below, rows, width), where=hidden)
    return result


def filled(colours: Array, weight: Array) -> Array:
    """One level (h, w, 3): its colours where they have weight (h, w), those of coarser levels elsewhere."""
    if max(weight.shape) == 1 or weight.min() >= 1:
        return colours
    below = filled(*halved(colours, weight))
    part = weight[..., None]
    return np.asarray(
        part * colours + (1 - part) * doubled(below, slice(0, len(colours)), colours.shape[1]), np.float32
    )


def halved(colours: Array, weight: Array) -> tuple[Array, Array]:
    """The next coarser level: means (ceil(h / 2), ceil(w / 2), 3) by weight, and the sums of weights, at most 1."""
    height, width = (-(-n // 2) for n in weight.shape)
    sums = np.zeros((height, width, 4), np.float32)
    for rows in strips(height, 2 * width):
        wide = slice(2 * rows.start, 2 * rows.stop)
        part = weight[wide, :, None]
        both = np.concatenate([colours[wide] * part, part], 2)
        both = np.pad(both, [(0, len(both) % 2), (0, both.shape[1] % 2), (0, 0)])
        tall = both[0::2] + both[1::2]
        sums[rows] = tall[:, 0::2] + tall[:, 1::2]
    total = sums[..., 3]
    means = sums[..., :3] / np.maximum(total, np.float32(1e-6))[..., None]
    return np.asarray(means, np.float32), np.asarray(total.clip(0, 1), np.float32)


def doubled(small: Array, rows: slice, width: int) -> Array:
    """Those rows of a level enlarged twice, `width` of its columns."""
    return enlarged(small, rows, 2 * small.shape[0], 2 * small.shape[1])[:, :width]
