"""What a job is: a recipe and how its results are written. Its id is the hash of that, and nothing else is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import __version__
from ..engine.pipeline import Pipeline
from ..errors import PipelineError
from .store import Home, join

FOLDER = ".imgen"  # below the folder of the results; listings leave out hidden folders
FILE = "job.json"


class Spec(NamedTuple):
    """A recipe, with its plugins' versions and its models' checksums inside, and how results are written.

    Attributes:
        recipe: what `Pipeline.to_json` writes.
        format: the suffix of all results, such as ".png"; "" takes each photo's own.
        quality: 1..100 for JPEG and WebP.
        metadata: False leaves out EXIF, texts and the recipe.
        version: of imgen.
    """

    recipe: str
    format: str = ""
    quality: int = 95
    metadata: bool = True
    version: str = __version__

    @property
    def id(self) -> str:
        """The same for the same results: 16 hex digits."""
        return hashlib.sha256(json.dumps(self._asdict(), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def tools(self) -> str:
        """Its steps, for a message."""
        return ", ".join(str(step["tool"]) for step in json.loads(self.recipe)["steps"])

    def key(self, content: str, parameters: dict[str, Any] | None) -> str:
        """The key of a result: of its input's SHA-256, this job and the photo's own parameters."""
        own = json.dumps(parameters or {}, sort_keys=True, default=str)
        return hashlib.sha256(f"{content} {self.id} {own}".encode()).hexdigest()


def spec_of(pipeline: Pipeline, *, suffix: str, quality: int, metadata: bool) -> Spec:
    """The job of a pipeline.

    Raises:
        PipelineError: it has no steps.
    """
    if not any(step.enabled for step in pipeline.steps):
        raise PipelineError("nothing to do: give steps with -s, or --pipeline FILE")
    return Spec(pipeline.to_json(), suffix, quality, metadata)


def home_of(spec: Spec, output: str) -> Home:
    """Where a job keeps its state."""
    return Home(join(join(output, FOLDER), spec.id))


def others(spec: Spec, output: str) -> Sequence[str]:
    """The ids of other jobs whose results are in the same place."""
    place = Home(join(output, FOLDER))
    return [name for name in place.names() if name != spec.id and "." not in name and place.text(f"{name}/{FILE}")]


def claim(spec: Spec, output: str, *, overwrite: bool) -> Home:
    """Make the place of the results this job's own.

    Args:
        spec: the job.
        output: the place.
        overwrite: whether it may take the place of another job there.

    Raises:
        PipelineError: it holds another job's results, and may not be taken.
    """
    home = home_of(spec, output)
    if not overwrite:
        refuse_others(spec, output)
    else:
        for name in others(spec, output):  # its journal must not speak for results that are not its own any more
            Home(join(output, FOLDER)).rename(name, f"{name}.replaced")
    if home.text(FILE) is None:
        home.write(FILE, json.dumps({"id": spec.id, **spec._asdict()}, indent=1) + "\n")
    return home


def refuse_others(spec: Spec, output: str) -> None:
    """One place, one recipe.

    Raises:
        PipelineError: another job's results are there.
    """
    for name in others(spec, output):
        told = json.loads(Home(join(output, FOLDER)).text(f"{name}/{FILE}") or "{}")
        steps = ", ".join(str(step["tool"]) for step in json.loads(told["recipe"])["steps"])
        raise PipelineError(
            f"{output} holds the results of another recipe (job {name}: {steps}; this one is {spec.id}: {spec.tools}); "
            "give another -o, or --overwrite to replace them"
        )
