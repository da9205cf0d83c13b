"""Selections of what a photo shows: a network at a working size, marks that it is told, edges at full size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.contract.places import box_pixels
from imgen.image import guided
from imgen.image.strokes import Stroke
from imgen.inference.registry import Model

from .clicks import Area, Click, discs, extent, selected
from .edges import refined
from .marks import marked
from .working import WHOLE, fine_size, planes, working_size

Clicks = Annotated[imgen.Points, Field(description="Places on what you mean; empty takes the subject")]
Away = Annotated[imgen.Points, Field(description="Places on what does not belong to it")]
Painted = Annotated[
    list[Stroke],
    Field(
        max_length=200,
        description="Strokes over what you mean, strokes of the mode erase over what does not belong to it, and boxes "
        "around what you mean; as in select_strokes",
        json_schema_extra={"format": "painting"},
    ),
]
Frame = Annotated[imgen.Box | None, Field(description="Look only inside this rectangle")]
Refine = Annotated[bool, Field(description="Follow hair and edges of the full-size photo")]
Name = Annotated[imgen.ModelName, Field(description="A segmentation that you trained, as PLUGIN/MODEL")]
Label = Annotated[int, Field(ge=0, le=254, description="Which class, where the model knows several")]


@imgen.tool(
    group="Select",
    synonyms=["cut out", "background", "remove background", "person", "foreground", "matting", "hair"],
    version=2,
    migrate={1: dict},  # the same parameters; edges are solved for, strand by strand
)
@imgen.uses("unet/subject")
def select_subject(
    image: imgen.Image,
    *,
    points: Clicks = [],  # read only  # noqa: B006
    background_points: Away = [],  # read only  # noqa: B006
    strokes: Painted = [],  # read only  # noqa: B006
    box: Frame = None,
    refine: Refine = True,
) -> imgen.Mask:
    """Select the subject, with hair and fur strand by strand where the photo shows them.

    A U-Net, trained on photos and masks of what catches the eye, and on clicks (RITM, arXiv 2102.06583). A point on
    something that is found chooses it alone; one on something that is not found adds it, from a closer look where the
    whole photo does not show it; `background_points` take away. `strokes` are points where the hand went. With `box`
    only what is inside is looked at. The edge is solved for by closed-form matting (Levin et al., TPAMI 2008).
    """
    mask = np.zeros(image.shape[:2], np.float32)
    area = box_pixels(box, image.shape)
    inside = image[area]
    size = fine_size(inside.shape)
    clicks, boxes = marked(points, background_points, strokes, area, image.shape, size)
    if clicks or boxes or not (points or strokes):  # marks that all lie outside the box mean nothing in it

        def look(part: Area, some: Sequence[Click]) -> Array:
            return likely(imgen.model("unet/subject"), 0, enlarged(inside, part, size), some, extent(part))

        mask[area] = matte(inside, selected(size, clicks, boxes, look), refine)
    if mask.max() < 0.5:
        imgen.note("select_subject: no clear subject found, so nothing is selected; mark it with box or points")
        mask[:] = 0  # a faint doubt is no selection
    return mask


@imgen.tool(
    group="Lab",
    synonyms=["segmentation", "own model"],
    version=2,
    migrate={1: dict},  # the same parameters; edges are solved for
)
def segment(image: imgen.Image, *, model: Name = "unet/subject", label: Label = 1, refine: Refine = True) -> imgen.Mask:
    """Select what a segmentation of your own finds (`imgen train unet/segment`)."""
    network = imgen.model(model)
    classes = network.settings.get("classes", 1 if click_radius(network) else None)
    if classes is None:
        raise imgen.ImgenError(f"segment: {model} is no segmentation; train one with `imgen train unet/segment`")
    if classes > 1 and label >= classes:
        raise imgen.ImgenError(f"segment: {model} knows the classes 0 to {classes - 1}, not {label}")
    size = fine_size(image.shape)
    return matte(image, likely(network, label if classes > 1 else 0, image, (), size), refine)


def matte(image: Array, found: Array, refine: bool) -> Array:
    """Probabilities (h, w) at the photo's size (H, W), ends exactly 0 and 1."""
    if refine:
        return refined(image, found)
    height, width = image.shape[:2]
    return levels(guided.enlarged(found[..., None], slice(0, height), height, width)[..., 0])


def enlarged(image: Array, part: Area, size: tuple[int, int]) -> Array:
    """The part of the photo that is seen in a part of it at that size."""
    rows, columns = (
        slice(span.start * full // small, max(span.start * full // small + 1, span.stop * full // small))
        for span, full, small in zip(part, image.shape, size, strict=False)
    )
    return image[rows, columns]


def likely(network: Model, label: int, image: Array, clicks: Sequence[Click], size: tuple[int, int]) -> Array:
    """The network's probabilities of one class at that size, in whose pixels clicks are; 0 where one takes away."""
    small = guided.reduced(image, *working_size(image, network, WHOLE))
    radius = click_radius(network)
    if radius:
        drawn = discs(clicks, size, small.shape, radius)
        found = network(image=planes(small), clicks=drawn)[0, label] * (1 - drawn[0, 1])
    else:
        found = network(image=planes(small))[0, label]
    return guided.reduced(found[..., None], *size)[..., 0]


def click_radius(network: Model) -> int:
    """Of the discs that it takes clicks as; 0 for a network that takes none, such as a segmentation of the user's."""
    return int((network.card.get("measured") or {}).get("clicks", 0))


def levels(found: Array) -> Array:
    """Stretch the middle to 0..1, so that what is surely outside is exactly 0 and what is surely inside 1."""
    return np.clip((found - np.float32(0.3)) / np.float32(0.4), 0, 1)
