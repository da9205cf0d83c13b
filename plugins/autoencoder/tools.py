"""Denoising and inpainting: prepare the picture, run the model, put the result back."""

from __future__ import annotations

from typing import Annotated, Any

import imgen
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage

from .patches import fill_texture

Array = NDArray[np.float32]
Noise = Annotated[
    float | None, Field(ge=0, le=60, description="Standard deviation on the 0-255 scale; empty estimates it")
]
Detail = Annotated[float, Field(ge=0, le=1, description="How much of the original's fine grain to keep")]
Texture = Annotated[bool, Field(description="Continue the surrounding texture into large holes")]

THICK = 20  # holes wider than twice this are first filled at a smaller size, in pixels


@imgen.uses("autoencoder/denoise")
def denoise(image: imgen.Image, *, noise: Noise = None, detail: Detail = 0.0) -> imgen.Image:
    """Remove noise: sensor grain, colour blotches and JPEG blocks.

    The network is told how strong the noise is (as FFDNet, arXiv 1710.04026), so `noise` is the strength of the
    effect too. A grey picture stays grey.
    """
    sigma = estimate_noise(image) if noise is None else noise
    if noise is None:
        imgen.note(f"denoise: estimated noise {sigma:.1f} of 255")
    if sigma < 0.3:  # under a third of one 8-bit step there is nothing to remove
        return image.copy()
    model = imgen.model("autoencoder/denoise")

    def run(tile: Array) -> Array:
        level = np.full((1, 1, *tile.shape[2:]), sigma / 255, np.float32)
        return model(image=tile, condition=level)

    clean = imgen.tiled(run, image, halo=model.card["halo"], multiple=model.card["multiple"])
    if is_grey(image):
        clean[:] = clean.mean(2, keepdims=True)
    if detail:
        clean *= np.float32(1 - detail)
        for c in range(3):
            clean[..., c] += np.float32(detail) * image[..., c]
    return clean


def is_grey(image: Array) -> bool:
    """Whether the three channels are equal."""
    return bool(np.array_equal(image[..., 0], image[..., 1]) and np.array_equal(image[..., 0], image[..., 2]))


def estimate_noise(image: Array) -> float:
    """Standard deviation of the noise, on the 0-255 scale, from the picture's smoothest blocks.

    Immerkaer's operator (1996) cancels planes, so what it leaves in a flat block is noise. It looks at the full
    size and at half of it, because cameras and JPEG smooth the finest scale.
    """
    step = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / 4e6)))
    rows = image[: 2048 * step : 1] if step == 1 else np.concatenate(np.array_split(image, 3 * step)[:: max(1, step)])
    fine = blocks_noise(rows)
    half = rows[: rows.shape[0] // 2 * 2, : rows.shape[1] // 2 * 2]
    half = (half[::2, ::2] + half[1::2, ::2] + half[::2, 1::2] + half[1::2, 1::2]) / 4
    coarse = 2 * blocks_noise(half) if min(half.shape[:2]) >= 32 else 0.0
    return float(min(60.0, 255 * max(fine, min(coarse, 2 * fine + 2 / 255) * 0.9)))


def blocks_noise(image: Array, side: int = 16) -> float:
    """Noise of the smoothest tenth of the blocks, leaving out those that are clipped to black or white."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6  # unit gain for white noise
    found: list[float] = []
    for c in range(3):
        residual = ndimage.convolve(image[..., c], kernel, mode="reflect")
        tall, wide = (max(1, n // side) for n in residual.shape)
        cut = np.s_[: tall * side, : wide * side]
        energy = blocks(residual[cut] ** 2, tall, wide)
        light = blocks(image[..., c][cut], tall, wide)
        usable = energy[(light > 0.03) & (light < 0.97)]
        if usable.size:
            # the mean over the 5th..20th percentile: low enough to miss texture, wide enough to be steady
            low = np.sort(usable)[int(usable.size * 0.05) : max(1, int(np.ceil(usable.size * 0.2)))]
            found.append(float(np.sqrt(low.mean())) if low.size else 0.0)
    return float(np.sqrt(np.mean(np.square(found)))) if found else 0.0


def blocks(values: Array, tall: int, wide: int) -> Array:
    """Mean of each of tall x wide equal blocks."""
    shape = (tall, values.shape[0] // tall, wide, values.shape[1] // wide)
    return values.reshape(shape).mean((1, 3))


@imgen.uses("autoencoder/inpaint")
def inpaint(image: imgen.Image, mask: imgen.Mask, *, texture: Texture = True) -> imgen.Image:
    """Fill the selection from its surroundings: scratches, wires, captions, unwanted objects.

    A network draws the structure; in large holes it does so at a smaller size, and patches of the surroundings
    (PatchMatch, Barnes et al. 2009) bring back the texture at full size. Pixels outside stay as they are.
    """
    hole = mask > 0
    if not hole.any() or hole.all():
        if hole.all():
            imgen.note("inpaint: everything is selected, so there is nothing to fill it from")
        return image.copy()
    result = image.copy()
    regions = connected(hole)
    for i, area in enumerate(regions):
        imgen.progress(i, len(regions))
        result[area] = fill(result[area], hole[area], texture)
    soft = mask[..., None]
    return np.where(soft > 0, result * soft + image * (1 - soft), image) if (soft < 1).any() else result


def connected(hole: NDArray[np.bool_]) -> list[tuple[slice, slice]]:
    """Areas that hold the holes with as much context as they need; areas that would overlap become one."""
    thick = ndimage.distance_transform_edt(hole)
    labels, count = ndimage.label(ndimage.binary_dilation(hole, iterations=8))
    return [] if not count else [grown(a, thick[a].max(), hole.shape) for a in ndimage.find_objects(labels)]


def grown(area: tuple[slice, slice], thickness: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """A box widened by enough context for holes of that half-width."""
    margin = int(64 + 4 * thickness)
    rows, columns = (
        slice(max(0, s.start - margin), min(n, s.stop + margin)) for s, n in zip(area, shape, strict=True)
    )
    return rows, columns


def fill(image: Array, hole: NDArray[np.bool_], texture: bool) -> Array:
    """Fill one area."""
    thickness = float(np.max(ndimage.distance_transform_edt(hole)))
    if thickness <= THICK:
        return reconstruct(image, hole)
    small, small_hole = shrink(image, hole, THICK / thickness)
    guide = reconstruct(small, small_hole)
    if texture:
        return fill_texture(image, hole, guide)
    return np.where(hole[..., None], resize(guide, image.shape), image)


def reconstruct(image: Array, hole: NDArray[np.bool_]) -> Array:
    """The network's filling at the size it is given."""
    model = imgen.model("autoencoder/inpaint")
    lost = hole[..., None].astype(np.float32)
    damaged = np.concatenate([np.where(hole[..., None], np.float32(0.5), image), lost], 2)

    def run(tile: Array) -> Array:
        return model(image=tile[:, :3], condition=tile[:, 3:])

    filled = imgen.tiled(run, damaged, halo=model.card["halo"], multiple=model.card["multiple"], where=lost[..., 0])
    return np.where(hole[..., None], filled.clip(0, 1), image)


def shrink(image: Array, hole: NDArray[np.bool_], scale: float) -> tuple[Array, NDArray[np.bool_]]:
    """Both at `scale`, known pixels averaged without what is in the hole."""
    shape = tuple(max(8, round(n * scale)) for n in hole.shape)
    known = (~hole).astype(np.float32)
    weight = resize(known[..., None], shape)
    mean = resize(image * known[..., None], shape) / np.maximum(weight, 1e-3)
    return np.where(weight > 0.5, mean, 0.5).astype(np.float32), weight[..., 0] <= 0.5


def resize(image: Array, shape: tuple[int, ...]) -> Array:
    """Area averaging down, bicubic up, by Pillow, channel by channel."""
    from PIL import Image as Pillow

    way = Pillow.Resampling.BOX if shape[0] < image.shape[0] else Pillow.Resampling.BICUBIC
    size: Any = (shape[1], shape[0])
    channels = [np.asarray(Pillow.fromarray(image[..., c]).resize(size, way)) for c in range(image.shape[2])]
    return np.stack(channels, 2)
