"""Denoising: how strong the noise is, and a network that is told so."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.contract.context import current
from imgen.image import guided

from .noise import Estimate, examine
from .views import MODELS, VIEWS, models_of, without_camera_noise, without_noise

Noise = Annotated[
    float | None, Field(ge=0, le=60, description="Standard deviation on the 0-255 scale; empty estimates it")
]
Detail = Annotated[float, Field(ge=0, le=1, description="How much of the original's fine grain to keep")]
Quality = Annotated[
    Literal["auto", "fast", "best"],
    Field(
        description="best runs a larger network: a little more detail, some ten to twenty times the time; "
        "auto takes it for photos of up to a megapixel, and fast for larger ones and previews",
        json_schema_extra={"preview": "fast"},
    ),
]
SECONDS = 1 << 20  # pixels: photos up to here take best a few seconds of two cores
SPREAD = 4.0  # coarse colour noise by what an eighth of the size shows of it; measured on blotches of 2 to 8 pixels
LIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)


def from_version_1(parameters: dict[str, Any]) -> dict[str, Any]:
    """The default was fast."""
    return {"quality": "fast", **parameters}


@imgen.tool(
    group="Restore",
    synonyms=["noise", "grain", "jpeg", "artefacts", "high iso", "old photo"],
    version=2,
    migrate={1: from_version_1},
    local=True,
)
@imgen.uses(quality={"auto": tuple(MODELS.values()), **{name: models_of(views) for name, views in VIEWS.items()}})
def denoise(
    image: imgen.Image,
    mask: imgen.Mask | None = None,
    *,
    noise: Noise = None,
    detail: Detail = 0.0,
    quality: Quality = "auto",
) -> imgen.Image:
    """Remove noise: sensor grain, colour blotches and JPEG blocks.

    The network is told how strong the noise is (as FFDNet, arXiv 1710.04026), so `noise` is the strength of the
    effect too. Where it is estimated, texture is not taken for noise, coarse blotches of colour are removed first, and
    what a camera has smoothed is looked at in several ways, whose results are averaged.
    A grey picture stays grey. Where there is a selection, only that part is computed.
    """
    found = examine(image) if noise is None else Estimate(noise)
    if noise is None:
        tell(found)
    sigma = min(60.0, found.level)
    effort = quality if quality != "auto" else affordable(image)
    even = image
    if found.blotches:
        even = without_blotches(even, min(60.0, SPREAD * found.blotches), effort, mask)
    if sigma < 0.3:  # under a third of one 8-bit step there is nothing to remove
        return even.copy()
    if found.camera:
        clean = without_camera_noise(even, sigma, effort, mask, found.camera)
    else:
        clean = without_noise(even, sigma, MODELS[effort], mask)
    if is_grey(image):
        clean[:] = clean.mean(2, keepdims=True)
    if detail:
        clean *= np.float32(1 - detail)
        for c in range(3):
            clean[..., c] += np.float32(detail) * even[..., c]
    return clean


def affordable(image: Array) -> Literal["fast", "best"]:
    """Best where it takes seconds; fast for large photos and previews, and where the user has a model of it alone."""
    own = {effort for effort, name in MODELS.items() if imgen.model(name).origin == "user"}
    if current().preview or own == {"fast"} or image.shape[0] * image.shape[1] > SECONDS:
        return "fast"
    return "best"


def tell(found: Estimate) -> None:
    """Notes on an estimate."""
    where = " at the size of this preview" if current().preview else ""
    imgen.note(f"denoise: estimated noise {found.level:.1f} of 255{where}")
    if found.doubtful:
        imgen.note("denoise: most of the fine detail looks like texture and is kept; set noise where it is noise")
    if found.blotches:
        imgen.note(f"denoise: estimated coarse colour noise {SPREAD * found.blotches:.0f} of 255, removed first")


def without_blotches(image: Array, sigma: float, quality: str, mask: Array | None) -> Array:
    """The picture (H, W, 3) without coarse noise of its colours; its lightness stays.

    At half the size coarse noise is what the network knows as noise, and edges of the lightness show it where colours
    end. The change is enlarged, so that no detail is lost.
    """
    height, width = image.shape[:2]
    half = [max(1, -(-n // 2)) for n in (height, width)]
    small = guided.reduced(image, *half)
    chosen = None if mask is None else guided.reduced(mask[..., None], *half)[..., 0]
    change = without_noise(small, sigma, MODELS[quality], chosen) - small
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
