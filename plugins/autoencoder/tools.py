"""Denoising and inpainting: prepare the picture, run the model, put the result back."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage

import imgen
from imgen.image import guided

from .continuation import continued
from .noise import Estimate, examine
from .texture import fill_texture, resize, shrink

Array = NDArray[np.float32]
Noise = Annotated[
    float | None, Field(ge=0, le=60, description="Standard deviation on the 0-255 scale; empty estimates it")
]
Detail = Annotated[float, Field(ge=0, le=1, description="How much of the original's fine grain to keep")]
Quality = Annotated[
    Literal["fast", "best"],
    Field(
        description="best runs a larger network: a little more detail, some eleven times the time",
        json_schema_extra={"preview": "fast"},
    ),
]
Texture = Annotated[bool, Field(description="Continue the surrounding texture into large holes")]

# Half-widths of holes in pixels: what the network fills begins to look blurred at the one, and from the other on it
# is filled at a smaller size first.
BLURRED, THICK = 7, 20
START = 8  # half-width of a hole at the size at which the search for texture starts,
FEWEST = 40  # and the shorter side of that size at least: there must be something to choose from

SPREAD = 4.0  # coarse colour noise by what an eighth of the size shows of it; measured on blotches of 2 to 8 pixels
LIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)
MODELS = {"fast": "autoencoder/denoise", "best": "autoencoder/denoise-best"}


@imgen.uses(quality={quality: (model,) for quality, model in MODELS.items()})
def denoise(
    image: imgen.Image,
    mask: imgen.Mask | None = None,
    *,
    noise: Noise = None,
    detail: Detail = 0.0,
    quality: Quality = "fast",
) -> imgen.Image:
    """Remove noise: sensor grain, colour blotches and JPEG blocks.

    The network is told how strong the noise is (as FFDNet, arXiv 1710.04026), so `noise` is the strength of the
    effect too. Where it is estimated, texture is not taken for noise, and coarse blotches of colour are removed first.
    A grey picture stays grey. Where there is a selection, only that part is computed.
    """
    found = examine(image) if noise is None else Estimate(noise, doubtful=False, blotches=0.0)
    if noise is None:
        tell(found)
    sigma = min(60.0, found.level)
    even = without_blotches(image, min(60.0, SPREAD * found.blotches), quality, mask) if found.blotches else image
    if sigma < 0.3:  # under a third of one 8-bit step there is nothing to remove
        return even.copy()
    clean = through_network(even, sigma, quality, mask)
    if is_grey(image):
        clean[:] = clean.mean(2, keepdims=True)
    if detail:
        clean *= np.float32(1 - detail)
        for c in range(3):
            clean[..., c] += np.float32(detail) * even[..., c]
    return clean


def tell(found: Estimate) -> None:
    """Notes on an estimate."""
    imgen.note(f"denoise: estimated noise {found.level:.1f} of 255")
    if found.doubtful:
        imgen.note("denoise: most of the fine detail looks like texture and is kept; set noise where it is noise")
    if found.blotches:
        imgen.note(f"denoise: estimated coarse colour noise {SPREAD * found.blotches:.0f} of 255, removed first")


def through_network(image: Array, sigma: float, quality: Quality, mask: Array | None) -> Array:
    """The picture (H, W, 3) without noise of `sigma` on the 0-255 scale; where `mask` is 0 it is the same."""
    model = imgen.model(MODELS[quality])

    def run(tile: Array) -> Array:
        return model(image=tile, condition=np.full((1, 1, *tile.shape[2:]), sigma / 255, np.float32))

    clean = imgen.tiled(run, image, halo=model.card["halo"], multiple=model.card["multiple"], where=mask)
    if mask is not None:
        np.copyto(clean, image, where=mask[..., None] == 0)
    return clean


def without_blotches(image: Array, sigma: float, quality: Quality, mask: Array | None) -> Array:
    """The picture (H, W, 3) without coarse noise of the colours; its lightness stays.

    At half the size blotches are what the network knows as noise, and edges of the lightness, which is clean, show it
    where colours end. The change of the colours is enlarged, so that no detail is lost.
    """
    height, width = image.shape[:2]
    half = [max(1, -(-n // 2)) for n in (height, width)]
    small = guided.reduced(image, *half)
    chosen = None if mask is None else guided.reduced(mask[..., None], *half)[..., 0]
    change = through_network(small, sigma, quality, chosen) - small
    change -= (change @ LIGHTNESS)[..., None]
    result = np.empty_like(image)
    for rows in guided.strips(height, width):
        np.clip(image[rows] + guided.enlarged(change, rows, height, width), 0, 1, out=result[rows])
    if mask is not None:
        np.copyto(result, image, where=mask[..., None] == 0)
    return result


def is_grey(image: Array) -> bool:
    """Whether the three channels are equal."""
    return bool(np.array_equal(image[..., 0], image[..., 1]) and np.array_equal(image[..., 0], image[..., 2]))


@imgen.uses("autoencoder/inpaint")
def inpaint(image: imgen.Image, mask: imgen.Mask, *, texture: Texture = True) -> imgen.Image:
    """Fill the selection from its surroundings: scratches, wires, captions, unwanted objects.

    A network draws the structure; in large holes it does so at a smaller size, and patches of the surroundings
    (PatchMatch, Barnes et al. 2009) bring back the texture at full size. Every pixel that is selected at all is
    filled; a soft edge fades when the selection is applied. Pixels outside stay as they are.
    """
    hole = mask > 0
    if not hole.any() or hole.all():
        if hole.all():
            imgen.note("inpaint: everything is selected, so there is nothing to fill it from")
        return image.copy()
    result, left = image.copy(), hole.copy()
    regions = connected(hole)
    for i, region in enumerate(regions):
        with imgen.portion(i, len(regions)):
            filled = fill(result[region.area], left[region.area], region.thickness, texture, region.open)
        np.copyto(result[region.area], filled, where=region.own[..., None])
        left[region.area] &= ~region.own
    return result


Sides = tuple[tuple[bool, bool], tuple[bool, bool]]


class Region(NamedTuple):
    """One hole: a box with the context that it needs, its own pixels in the box, its half-width, and whether it
    reaches the photo's border above, below, left and right.
    """

    area: tuple[slice, slice]
    own: NDArray[np.bool_]
    thickness: float
    open: Sides


def connected(hole: NDArray[np.bool_]) -> list[Region]:
    """The holes, thin ones first: what they repair is context for the others. Near ones count as one."""
    thick = depth(hole)
    labelled: Any = ndimage.label(ndimage.binary_dilation(hole, iterations=8))
    labels, count = labelled
    regions: list[Region] = []
    for number, box in enumerate(ndimage.find_objects(labels, count), 1):
        thickness = float(thick[box][labels[box] == number].max())
        area = grown(box, thickness, hole.shape)
        own = (labels[area] == number) & hole[area]
        regions.append(Region(area, own, thickness, reached(own, area, hole.shape)))
    return sorted(regions, key=lambda region: region.thickness)


def reached(own: NDArray[np.bool_], area: tuple[slice, slice], shape: tuple[int, ...]) -> Sides:
    """Which sides of the photo the hole in this box touches: (above, below), (left, right)."""
    (top, left), (bottom, right) = (s.start for s in area), (s.stop for s in area)
    rows = top == 0 and bool(own[0].any()), bottom == shape[0] and bool(own[-1].any())
    return rows, (left == 0 and bool(own[:, 0].any()), right == shape[1] and bool(own[:, -1].any()))


def depth(hole: NDArray[np.bool_]) -> Array:
    """How far each lost pixel is from a known one."""
    return np.asarray(ndimage.distance_transform_edt(hole), np.float32)


def grown(area: tuple[slice, slice], thickness: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """A box widened by enough context for holes of that half-width."""
    margin = int(64 + min(4 * thickness, 768))
    rows, columns = (slice(max(0, s.start - margin), min(n, s.stop + margin)) for s, n in zip(area, shape, strict=True))
    return rows, columns


def fill(image: Array, hole: NDArray[np.bool_], thickness: float, texture: bool, open_sides: Sides) -> Array:
    """Fill one area, as its hole of that half-width needs it; see `Region` for the open sides."""
    open_hole = any(map(any, open_sides))
    wide, wide_hole, within = mirrored_out(image, hole, round(3 * thickness) + 16, open_sides)
    deep = thickness * (2 if open_hole else 1)  # a strip along the border and its mirror image
    if not texture or thickness <= BLURRED:
        filled = resize(structure(wide, wide_hole, deep), wide.shape)[within]
        filled = np.where(hole[..., None], filled, image)
    else:
        with imgen.portion(0, 4):
            guide = resize(structure(wide, wide_hole, deep), wide.shape)[within]
        with imgen.portion(3, 4):
            # begun at a size at which patches see across the hole, the search does not copy the guide's blur
            coarse = min(0.5, max(START / thickness, FEWEST / min(hole.shape)))
            filled = fill_texture(image, hole, resize(guide, scaled(hole, coarse)))
    if not open_hole:
        return filled
    surface, worth = continued(image, hole)
    return filled + (hole * worth)[..., None] * (surface - filled)


def structure(image: Array, hole: NDArray[np.bool_], thickness: float) -> Array:
    """What the network makes of it: thick holes at a smaller size, at which they are as thick as those it knows."""
    if thickness <= THICK:
        return reconstruct(image, hole)
    return reconstruct(*shrink(image, hole, scaled(hole, THICK / thickness)))


def mirrored_out(
    image: Array, hole: NDArray[np.bool_], margin: int, open_sides: Sides
) -> tuple[Array, NDArray[np.bool_], tuple[slice, slice]]:
    """Picture and hole mirrored beyond the sides that the hole touches, so that the network sees the known part on
    both sides of it; and where the picture itself is in that.
    """
    rows, columns = (
        tuple(min(n, margin) if side else 0 for side in sides) for n, sides in zip(hole.shape, open_sides, strict=True)
    )
    within = slice(rows[0], rows[0] + hole.shape[0]), slice(columns[0], columns[0] + hole.shape[1])
    wide = np.pad(image, (rows, columns, (0, 0)), mode="symmetric")
    return wide, np.pad(hole, (rows, columns), mode="symmetric"), within


def scaled(hole: NDArray[np.bool_], scale: float) -> tuple[int, int]:
    """Height and width at that scale."""
    return max(8, round(hole.shape[0] * scale)), max(8, round(hole.shape[1] * scale))


def reconstruct(image: Array, hole: NDArray[np.bool_]) -> Array:
    """The network's filling at the size it is given."""
    model = imgen.model("autoencoder/inpaint")
    lost = hole[..., None].astype(np.float32)
    damaged = np.concatenate([np.where(hole[..., None], np.float32(0.5), image), lost], 2)

    def run(tile: Array) -> Array:
        return model(image=tile[:, :3], condition=tile[:, 3:])

    filled = imgen.tiled(run, damaged, halo=model.card["halo"], multiple=model.card["multiple"], where=lost[..., 0])
    return np.where(hole[..., None], filled.clip(0, 1), image)
