"""Selections of what a photo shows: a network at a working size, clicks that it is told, edges at full size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.contract.places import box_pixels, point_pixels
from imgen.image import guided
from imgen.inference.registry import Model
from imgen.lazy import ndimage

from .clicks import Click, discs, selected
from .working import FINE, WHOLE, planes, working_size

SOFT = 8.0  # pixels at that size on both sides of an outline in which a selection is soft; it gets hard over as many
DOUBT = 0.15  # mean probability from which on what is enclosed by a subject is a part of it

Clicks = Annotated[imgen.Points, Field(description="Places on what you mean; empty takes the subject")]
Away = Annotated[imgen.Points, Field(description="Places on what does not belong to it")]
Frame = Annotated[imgen.Box | None, Field(description="Look only inside this rectangle")]
Refine = Annotated[bool, Field(description="Follow hair and edges of the full-size photo")]
Name = Annotated[imgen.ModelName, Field(description="A segmentation that you trained, as PLUGIN/MODEL")]
Label = Annotated[int, Field(ge=0, le=254, description="Which class, where the model knows several")]


@imgen.tool(group="Select", synonyms=["cut out", "background", "remove background", "person", "foreground"])
@imgen.uses("unet/subject")
def select_subject(
    image: imgen.Image,
    *,
    points: Clicks = [],  # read only  # noqa: B006
    background_points: Away = [],  # read only  # noqa: B006
    box: Frame = None,
    refine: Refine = True,
) -> imgen.Mask:
    """Select the subject, with a soft edge along hair and fur.

    A U-Net, trained on photos and masks of what catches the eye, and on clicks (RITM, arXiv 2102.06583). A point on
    something that is found chooses it alone; one on something that is not found adds it, from a closer look where the
    whole photo does not show it; `background_points` take away. With `box` only what is inside is looked at.
    """

    def look(part: Array, clicks: Sequence[Click]) -> Array:
        return matting("unet/subject", 0, part, refine, clicks)

    mask = np.zeros(image.shape[:2], np.float32)
    rows, columns = box_pixels(box, image.shape)
    clicks = [
        Click(*place, adds)
        for adds, places in ((True, points), (False, background_points))
        for place in point_pixels(places, rows, columns, image.shape)
    ]
    if clicks or not points:  # points that all lie outside the box mean nothing in it
        mask[rows, columns] = selected(image[rows, columns], clicks, look)
    if mask.max() < 0.5:
        imgen.note("select_subject: no clear subject found, so nothing is selected; mark it with box or points")
        mask[:] = 0  # a faint doubt is no selection
    return mask


@imgen.tool(group="Lab", synonyms=["segmentation", "own model"])
def segment(image: imgen.Image, *, model: Name = "unet/subject", label: Label = 1, refine: Refine = True) -> imgen.Mask:
    """Select what a segmentation of your own finds (`imgen train unet/segment`)."""
    network = imgen.model(model)
    classes = network.settings.get("classes", 1 if click_radius(network) else None)
    if classes is None:
        raise imgen.ImgenError(f"segment: {model} is no segmentation; train one with `imgen train unet/segment`")
    if classes > 1 and label >= classes:
        raise imgen.ImgenError(f"segment: {model} knows the classes 0 to {classes - 1}, not {label}")
    return matting(model, label if classes > 1 else 0, image, refine)


def matting(model: str, label: int, image: Array, refine: bool, clicks: Sequence[Click] = ()) -> Array:
    """Probabilities of one class (H, W), carried to the full size along edges, ends exactly 0 and 1."""
    network = imgen.model(model)
    fine = guided.reduced(image, *guided.size_near(image.shape, FINE))
    found = guided.reduced(likely(network, label, image, clicks), *fine.shape[:2])
    height, width = image.shape[:2]
    if not refine:
        return levels(guided.enlarged(found, slice(0, height), height, width)[..., 0])
    matte = levels(guided.transferred(image, fine, found, radius=6, eps=1e-4)[..., 0])
    sure = decided(found[..., 0])
    for rows in guided.strips(height, width):
        weight, share = np.moveaxis(guided.enlarged(sure, rows, height, width), 2, 0)
        matte[rows] += share - weight * matte[rows]
    return matte


def likely(network: Model, label: int, image: Array, clicks: Sequence[Click]) -> Array:
    """The network's probabilities of one class (h, w, 1) at its working size; nothing where a click takes away."""
    small = guided.reduced(image, *working_size(image, network, WHOLE))
    radius = click_radius(network)
    if not radius:
        return network(image=planes(small))[0, label, :, :, None]
    drawn = discs(clicks, image.shape, small.shape, radius)
    return (network(image=planes(small), clicks=drawn)[0, label] * (1 - drawn[0, 1]))[..., None]


def click_radius(network: Model) -> int:
    """Of the discs that it takes clicks as; 0 for a network that takes none, such as a segmentation of the user's."""
    return int((network.card.get("measured") or {}).get("clicks", 0))


def decided(found: Array) -> Array:
    """Where (h, w) probabilities are no matter of taste: the weight of that, and it times 0 or 1, as (h, w, 2).

    A selection is soft along its outline only. Away from it, everything is in or out; what it encloses without being
    sure that it is outside is in.
    """
    solid = found > 0.5
    enclosed: Any = ndimage.binary_fill_holes(solid)
    labelled: Any = ndimage.label(enclosed & ~solid)
    number, count = labelled
    doubt = ndimage.mean(found, number, np.arange(1, count + 1)) if count else np.zeros(0)
    solid |= np.isin(number, np.flatnonzero(np.asarray(doubt) > DOUBT) + 1)
    away = np.full(found.shape, np.inf)  # where there is no outline at all
    if solid.any() and not solid.all():
        inner, outer = (np.asarray(ndimage.distance_transform_edt(part)) for part in (solid, ~solid))
        away = inner + outer
    weight = (away * FINE / found.size**0.5 / SOFT - 1).clip(0, 1)
    return np.stack([weight, weight * solid], 2).astype(np.float32)


def levels(matte: Array) -> Array:
    """Stretch the middle to 0..1, so that what is surely outside is exactly 0 and what is surely inside 1."""
    return np.clip((matte - np.float32(0.3)) / np.float32(0.4), 0, 1)
