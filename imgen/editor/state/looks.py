"""Tiny pictures for the cards of the steps: the photo after each, and the mask that it acts in."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from ...contract.arrays import Array
from ...engine.cache import Cache
from ...engine.pipeline import Pipeline, run_step
from ...engine.place import masked
from ...engine.step import with_masks
from ...engine.surroundings import context_of, own_context
from ...image.levels import as_integers
from ...image.photo import Photo
from ...image.seen import seen

LONGEST = 96  # pixels: as large as a card shows them, on a fine screen


class Look(NamedTuple):
    """One enabled step: the photo after it, and its own mask, (H, W), if it has one."""

    made: Photo
    mask: Array | None


def looks(pipeline: Pipeline, photo: Photo | None, device: str, cache: Cache) -> Iterator[Look]:
    """Each enabled step of a preview that was just made and is in the cache, up to the first tool that forbids that."""
    context = context_of(device=device, preview=True)
    steps = [step for step in pipeline.steps if step.enabled]
    photo = None if photo is None else photo.replace(recipe=None)
    key = photo.fingerprint if photo else ""
    for i, step in enumerate(steps):
        if not all(one.resolve().about.cache for one in with_masks([step])):
            return
        own = own_context(context, step, i, len(steps))
        inside, _, _ = masked(step, photo, key, own, cache, run_step)
        photo, key, _ = run_step(step, photo, key, own, cache)
        yield Look(photo, inside.selection if inside and step.mask else None)


def picture_of(look: Look) -> dict[str, str]:
    """A look as the page takes it: addresses that hold the pictures."""
    made = {"after": address(coloured(look.made), "JPEG", quality=85)}
    if look.mask is not None:
        grey = Pillow.fromarray(as_integers(few(look.mask), 8))
        made["mask"] = address(grey, "PNG")
    return made


def coloured(photo: Photo) -> Pillow.Image:
    """A photo as small as that; what is transparent is white."""
    alpha = None if photo.alpha is None else few(photo.alpha)
    values = seen(photo.replace(pixels=few(photo.pixels), alpha=None, selection=None, frames=None))
    if alpha is not None:
        values = values * alpha[..., None] + 1 - alpha[..., None]
    return Pillow.fromarray(as_integers(values, 8))


def few(values: Array) -> Array:
    """Every so many-th row and column, so that some twice `LONGEST` are left."""
    step = max(1, max(values.shape[:2]) // (2 * LONGEST))
    return np.ascontiguousarray(values[::step, ::step])


def address(picture: Pillow.Image, form: str, **options: int) -> str:
    """A data address of a small picture."""
    picture.thumbnail((LONGEST, LONGEST), Pillow.Resampling.BOX)
    made = io.BytesIO()
    picture.save(made, form, **options)
    return f"data:image/{form.lower()};base64,{base64.b64encode(made.getvalue()).decode()}"
