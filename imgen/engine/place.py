"""Where a step acts: inside its own mask, which other steps select, or inside what the photo has selected."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from ..contract.context import Context
from ..image.combine import combined
from ..image.photo import Photo
from ..io.pictures import of_kind
from .cache import Cache
from .step import Step, checked

Runner = Callable[[Step, Photo | None, str, Context, Cache | None], tuple[Photo, str, tuple[str, ...]]]
SHARE = 0.5  # of a step's progress, for its mask


def selecting(mask: Any) -> tuple[Step, ...]:
    """A mask as steps: those of a pipeline that selects, or one that loads a picture.

    Args:
        mask: a `Pipeline`, or whatever holds a picture: a path, an array (H, W), a PIL image, a `Photo`.

    Raises:
        PhotoError: it is no picture.
    """
    if mask is None:
        return ()
    steps: Iterable[Step] | None = getattr(mask, "steps", None)
    if steps is not None:
        return tuple(step for step in steps if step.enabled)
    given = of_kind(mask, "mask") if isinstance(mask, Photo) else mask
    return (checked(Step("load_selection", {"file": given})),)


def masked(
    step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None, run: Runner
) -> tuple[Photo | None, str, Context]:
    """The photo with what the step's own mask selects, if it has one, the key of both, and the step's own context."""
    if not step.mask or photo is None:
        return photo, before, context  # without a photo, the step will say so
    low, high = context.share
    middle = low + SHARE * (high - low)
    looked: Photo | None = photo.replace(selection=None)
    key = f"{before}/" if before else ""  # the photo's own selection is no part of it
    for part in (part for part in step.mask if part.enabled):
        own = dataclasses.replace(
            context, share=(low, middle), plugin=part.resolve().plugin, notes=[], devices=set[str]()
        )
        looked, key, told = run(part, looked, key, own, cache)
        context.devices.update(own.devices)
        context.notes.extend(text for text in told if text not in context.notes)
    assert looked is not None
    return photo.replace(selection=looked.selection), key, dataclasses.replace(context, share=(middle, high))


def unmasked(step: Step, made: Photo, photo: Photo | None) -> Photo:
    """The photo after a step: where that had a mask of its own, what was selected before it is selected again."""
    if not step.mask or photo is None or made.pixels.shape != photo.pixels.shape:
        return made
    return made.replace(selection=photo.selection)


def joined(step: Step, made: Photo, photo: Photo | None) -> Photo:
    """The photo after a step that selects, its selection combined with the one before as the step says."""
    if step.combine == "replace" or made.selection is None:
        return made
    before = None if photo is None else photo.selection
    return made.replace(selection=combined(step.combine, before, made.selection))
