"""A small copy of the photo for live previews, and steps that fit it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ...contract.description import plain
from ...engine.pipeline import Pipeline, Step
from ...engine.step import each
from ...image.areas import area_means
from ...image.photo import Photo
from ...image.seen import continued
from ...io.pictures import load_pictures
from .budget import CARRIED, carried_cost

LONGEST = 1024  # pixels: what a preview is computed on


def small_copy(photo: Photo, longest: int = LONGEST) -> Photo:
    """The photo at most that many pixels large; the photo itself where it is no larger."""
    factor = longest / max(photo.width, photo.height)
    if factor >= 1:
        return photo
    size = (max(1, round(photo.height * factor)), max(1, round(photo.width * factor)))
    alpha = None if photo.alpha is None else area_means(photo.alpha, size)
    frames = None if photo.frames is None else np.stack([area_means(frame, size) for frame in photo.frames])
    whole = photo.pixels
    if photo.alpha is not None and photo.alpha.min() < 1:
        whole = continued(whole, photo.alpha)  # nothing hidden goes into what is seen
    pixels = area_means(whole, size) if frames is None else frames[0]
    return photo.replace(pixels=pixels, alpha=alpha, selection=None, frames=frames)


def scaled(pipeline: Pipeline, factor: float) -> Pipeline:
    """The pipeline for a copy of that size: parameters in pixels shrink, others take their preview's value."""
    if factor == 1:
        return pipeline
    return Pipeline(tuple(each(step, lambda one: scaled_step(one, factor)) for step in pipeline.steps))


def with_small_masks(pipeline: Pipeline, photo: Photo, small: Photo) -> Pipeline:
    """The pipeline for a small copy of a photo: masks of the photo's size get that of the copy.

    Raises:
        ImgenError: a mask cannot be read.
    """
    if small.width == photo.width:
        return pipeline
    return Pipeline(tuple(each(step, lambda one: with_small_mask(one, photo, small)) for step in pipeline.steps))


def with_small_mask(step: Step, photo: Photo, small: Photo) -> Step:
    """One step."""
    tool = step.resolve()
    changes: dict[str, Any] = {}
    for name, kind in tool.pictures.items():
        given = step.parameters.get(name)
        if kind != "mask" or given is None or not step.enabled:
            continue
        if isinstance(given, str) and carried_cost(given) != photo.width * photo.height * CARRIED:
            continue  # it has another size, and may be far larger
        mask = load_pictures(tool, {name: given})[name]
        if mask.shape == (photo.height, photo.width):
            made = area_means(mask, (small.height, small.width))
            made.flags.writeable = False
            changes[name] = made
    return dataclasses.replace(step, parameters={**step.parameters, **changes})


def scaled_step(step: Step, factor: float) -> Step:
    """One step; a whole number of pixels stays at least 1 where it was not 0."""
    changes: dict[str, Any] = {}
    for name, entry in step.resolve().schema.get("properties", {}).items():
        schema = plain(entry)  # also of one that may be left empty
        if "preview" in schema:
            changes[name] = schema["preview"]
        value = step.parameters.get(name, schema.get("default"))
        if schema.get("unit") != "px" or not isinstance(value, (int, float)):
            continue
        whole = max(1, round(abs(value) * factor)) * (1 if value > 0 else -1) if value else 0
        changes[name] = whole if schema.get("type") == "integer" else value * factor
    return dataclasses.replace(step, parameters={**step.parameters, **changes})
