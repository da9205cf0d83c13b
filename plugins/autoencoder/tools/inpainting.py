"""Inpainting: a network draws the structure of what is lost, pieces and trends bring texture and gradients back."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.image.resize import resize

from .continuation import continued
from .holes import Sides, connected, mirrored_out, scaled
from .texture import fill_texture, shrink

Texture = Annotated[bool, Field(description="Continue the surrounding texture into large holes")]
# Half-widths of holes in pixels: what the network fills begins to look blurred at the one, where it needs pieces or,
# at the photo's border, the trend of its surroundings; and from the other on it is filled at a smaller size first.
BLURRED, THICK = 7, 36
# Wide holes are filled at other sizes, too, and the mean counts: nothing tells which filling is the right one
WIDE = 14
SIZES = ((1.0, 0.4), (0.7, 0.3), (0.5, 0.3))  # scale, weight

# Pixels of all areas up to which they are looked at four times, mirrored: 0.15 dB for four times the work
SMALL = 300_000
NEARBY = 32  # pixels that decide what fills a scratch; four more for each of its half-width
MIRRORED: tuple[tuple[int, ...], ...] = ((), (1,), (0,), (0, 1))


@imgen.tool(group="Restore", synonyms=["remove object", "watermark", "scratches", "heal", "spot removal", "wires"])
@imgen.uses("autoencoder/inpaint")
def inpaint(image: imgen.Image, mask: imgen.Mask, *, texture: Texture = True) -> imgen.Image:
    """Fill the selection from its surroundings: scratches, wires, captions, unwanted objects.

    A network draws the structure; large holes are then filled with whole pieces of the surroundings that fit it and
    each other (shift-maps, Pritch et al. 2009; He and Sun 2012). Every pixel that is selected at all is filled; a soft
    edge fades when the selection is applied. Pixels outside stay as they are.
    """
    hole = mask > 0
    if not hole.any() or hole.all():
        why = "everything is selected, so there is nothing to fill it from" if hole.all() else "nothing is selected"
        imgen.note(f"inpaint: {why}; the photo stays as it is")
        return image.copy()
    result, left = image.copy(), hole.copy()
    regions = connected(hole)
    looks = len(MIRRORED) if sum(left[region.area].size for region in regions) <= SMALL else 1
    for i, region in enumerate(regions):
        with imgen.portion(i, len(regions)):
            filled = fill(result[region.area], left[region.area], region.thickness, texture, region.open, looks)
        np.copyto(result[region.area], filled, where=region.own[..., None])
        left[region.area] &= ~region.own
    return result


def fill(
    image: Array, hole: NDArray[np.bool_], thickness: float, texture: bool, open_sides: Sides, looks: int
) -> Array:
    """Fill one area, as its hole of that half-width needs it; see `Region` for the open sides."""
    open_hole = any(map(any, open_sides))
    wide, wide_hole, within = mirrored_out(image, hole, round(3 * thickness) + 16, open_sides)
    deep = thickness * (2 if open_hole else 1)  # a strip along the border and its mirror image
    if not texture or thickness <= BLURRED:
        filled = resize(structure(wide, wide_hole, deep, looks), wide.shape)[within]
        filled = np.where(hole[..., None], filled, image)
    else:
        with imgen.portion(0, 4):
            guide = resize(structure(wide, wide_hole, deep, looks), wide.shape)[within]
        with imgen.portion(3, 4):
            filled = fill_texture(image, hole, guide)
    if not open_hole or thickness <= BLURRED:
        return filled
    surface, worth = continued(image, hole)
    return filled + (hole * worth)[..., None] * (surface - filled)


def structure(image: Array, hole: NDArray[np.bool_], thickness: float, looks: int) -> Array:
    """What the network makes of it: thick holes at a smaller size, at which they are as thick as those it knows."""
    if thickness > THICK:
        image, hole = shrink(image, hole, scaled(hole, THICK / thickness))
        thickness = THICK
    if thickness <= WIDE:
        return reconstruct(image, hole, thickness, looks)
    filled = np.zeros(image.shape, np.float32)
    for i, (scale, weight) in enumerate(SIZES):
        with imgen.portion(i, len(SIZES)):
            small = shrink(image, hole, scaled(hole, scale)) if scale < 1 else (image, hole)
            filled += weight * resize(reconstruct(*small, thickness * scale, looks), hole.shape)
    return np.where(hole[..., None], filled, image)


def reconstruct(image: Array, hole: NDArray[np.bool_], thickness: float, looks: int) -> Array:
    """The network's filling at the size it is given: the mean of what it makes of so many mirror images."""
    lost = hole[..., None].astype(np.float32)
    damaged = np.concatenate([np.where(hole[..., None], np.float32(0.5), image), lost], 2)
    halo = round(NEARBY + 4 * thickness)
    filled = np.zeros(image.shape, np.float32)
    for i, axes in enumerate(MIRRORED[:looks]):
        with imgen.portion(i, looks):
            filled += np.flip(through_network(np.flip(damaged, axes), halo), axes) / np.float32(looks)
    return np.where(hole[..., None], filled.clip(0, 1), image)


def through_network(damaged: Array, halo: int) -> Array:
    """The network's picture (H, W, 3) of one whose last channel (H, W, 4) is 1 where it is lost."""
    model = imgen.model("autoencoder/inpaint")

    def run(tile: Array) -> Array:
        return model(image=tile[:, :3], condition=tile[:, 3:])

    card = model.card
    return imgen.tiled(run, damaged, halo=min(halo, card["halo"]), multiple=card["multiple"], where=damaged[..., 3])
