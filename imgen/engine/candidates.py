"""Steps of tools that offer several pictures: all of them to choose from, or the one that the recipe names."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from ..contract.context import Context, using
from ..contract.context import progress as report_progress
from ..errors import ParameterError
from ..image.photo import Photo
from ..inference.session import choose
from ..io.pictures import load_pictures
from .apply import apply_all
from .cache import Cache
from .step import Step, step_key


class Candidate(NamedTuple):
    """One of the pictures that a step offers, as the photo after that step."""

    label: str
    photo: Photo


class Offer(NamedTuple):
    """All that a step offers, the cache's key of each, and what the step told the user."""

    candidates: list[Candidate]
    keys: list[str]
    notes: tuple[str, ...]


def take(
    step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None
) -> tuple[Photo, str, tuple[str, ...]]:
    """As `pipeline.run_step`: the photo after the step, its key and notes. The other candidates are kept as well."""
    index = int(step.parameters.get("candidate", 0))
    offer = offered(step, photo, before, context, cache)
    if index >= len(offer.candidates):
        last = len(offer.candidates) - 1
        raise ParameterError(f"{step.tool}: candidate must be a whole number from 0 to {last} (got {index})")
    return offer.candidates[index].photo, offer.keys[index], offer.notes


def offered(step: Step, photo: Photo | None, before: str, context: Context, cache: Cache | None) -> Offer:
    """All candidates of a step, from the cache where they are; made once and kept there otherwise."""
    tool = step.resolve()
    keep = cache if tool.about.cache else None
    with using(context):
        report_progress(0)
        where = choose(context.device) if keep and step.models else ""
        found = kept(step, before, where, context.preview, keep) if keep else None
        if found:
            return found
        made = apply_all(tool, photo, load_pictures(tool, step.parameters), step.opacity)
        notes = tuple(context.notes)
        where = "+".join(sorted(context.devices)) or where if step.models else ""
        if keep is None:
            return Offer(
                [Candidate(*one) for one in made], [one.fingerprint if cache else "" for _, one in made], notes
            )
        labels = tuple(label for label, _ in made)
        keys = [step_key(before, at(step, i), tool, where) for i in range(len(made))]
        for key, (_, one) in zip(keys, made, strict=True):
            keep.put(key, one, notes, labels)
        return Offer([Candidate(*one) for one in made], keys, notes)


def kept(step: Step, before: str, where: str, preview: bool, cache: Cache) -> Offer | None:
    """The offer, if all of it is in the cache."""
    tool = step.resolve()
    first = cache.get(step_key(before, at(step, 0), tool, where))
    if first is None:
        return None
    keys = [step_key(before, at(step, i), tool, where) for i in range(len(first.labels))]
    found = [cache.get(key) for key in keys]
    candidates = [Candidate(label, one.photo) for label, one in zip(first.labels, found, strict=True) if one]
    return Offer(candidates, keys, first.notes) if len(candidates) == len(keys) else None


def at(step: Step, index: int) -> Step:
    """The step that takes that candidate."""
    return dataclasses.replace(step, parameters={**step.parameters, "candidate": index})
