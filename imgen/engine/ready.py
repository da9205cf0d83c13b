"""A pipeline's steps: made ready for one run, and written as a recipe."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic_core import to_jsonable_python

from ..image.photo import Photo
from ..io.pictures import read_files
from .recipe import FORMAT
from .step import Step, describe


def read_once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with their files of pictures looked at once."""
    return tuple(dataclasses.replace(s, parameters=read_files(s.resolve(), s.parameters)) for s in steps)


def read_for(reads: Iterable[Path], photo: Photo | None) -> tuple[Path, ...]:
    """The files that a run on a photo reads: those that its pipeline came from, the photo's own, and what made it."""
    source = () if photo is None or photo.source is None else (photo.source.absolute(),)
    before = photo.pipeline.files if photo and photo.pipeline else ()
    return tuple(dict.fromkeys((*reads, *source, *before)))


def cheap(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps, those that take long or cost money disabled."""
    return tuple(dataclasses.replace(s, enabled=s.enabled and not s.resolve().expensive) for s in steps)


def as_json(steps: Iterable[Step]) -> str:
    """The recipe; see `Pipeline.to_json`."""
    recipe = {"imgen": FORMAT, "steps": [describe(step) for step in steps]}
    return json.dumps(recipe, indent=1, default=to_jsonable_python)  # as the tools' own models take it
