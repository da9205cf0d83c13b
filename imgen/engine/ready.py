"""A pipeline's steps: made ready for one run, and written as a recipe."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic_core import to_jsonable_python

from ..image.photo import Photo
from ..io.pictures import files_of, read_files
from .recipe import FORMAT, PLACED
from .step import Step, describe, each, with_masks


def read_once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with their files of pictures looked at once."""
    return tuple(each(step, read_files_of) for step in steps)


def read_files_of(step: Step) -> Step:
    """One step with its files of pictures looked at."""
    return dataclasses.replace(step, parameters=read_files(step.resolve(), step.parameters))


def files_of_steps(steps: Iterable[Step]) -> Iterator[Path]:
    """The files that steps and their masks read."""
    for step in with_masks(steps):
        yield from files_of(step.resolve(), step.parameters)


def read_for(reads: Iterable[Path], photo: Photo | None) -> tuple[Path, ...]:
    """The files that a run on a photo reads: those that its pipeline came from, the photo's own, and what made it."""
    source = () if photo is None or photo.source is None else (photo.source.absolute(),)
    before = () if photo is None or photo.pipeline is None else photo.pipeline.files
    return tuple(dict.fromkeys((*reads, *source, *before)))


def cheap(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, those that take long or cost money disabled."""
    return tuple(dataclasses.replace(s, enabled=s.enabled and not s.expensive) for s in steps)


def as_json(steps: Iterable[Step]) -> str:
    """The recipe; see `Pipeline.to_json`."""
    described = [describe(step) for step in steps]
    placed = any(name in step for step in described for name in PLACED)
    recipe = {"imgen": FORMAT if placed else 1, "steps": described}  # what earlier versions can read, they may
    return json.dumps(recipe, indent=1, default=to_jsonable_python)  # as the tools' own models take it
