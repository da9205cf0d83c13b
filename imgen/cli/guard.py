"""What imgen run reads and what it writes must be different files; looked at before anything is done."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..batch.outcome import Existing
from ..batch.plan import Job, caseless
from ..engine.pipeline import Pipeline, Step
from ..engine.step import with_masks
from ..errors import PhotoError, PipelineError
from ..io.attached import named
from ..io.overlap import overlaps, read_only
from ..io.streams import INPUT, OUTPUT, is_stream


def named_files(step: Step) -> Iterator[tuple[str, str]]:
    """A step's parameters that name files of pictures, and those names."""
    for name in step.resolve().pictures if step.enabled else ():
        value = step.parameters.get(name)
        if isinstance(value, str) and not value.startswith("data:"):
            yield name, value


def read_files(options: argparse.Namespace, jobs: Sequence[Job], pipeline: Pipeline) -> Iterator[tuple[Path, str]]:
    """Every file that the command reads, and what it is."""
    yield from ((job.photo, "a photo") for job in jobs if job.photo)
    for step in with_masks(pipeline.steps):
        yield from ((Path(value), f"a picture of the step {step.tool}") for _, value in named_files(step))
        yield from (
            (path, f"a file of the step {step.tool}") for path in named(step.resolve(), step.parameters).values()
        )
    if options.pipeline:
        yield Path(options.pipeline), "the recipe"
    if any(name in INPUT for name in (*options.photos, options.pipeline)):
        yield Path("/dev/stdin"), "standard input"


def refuse_overlaps(reads: Sequence[tuple[Path, str]], jobs: Sequence[Job], recipe: str | None) -> None:
    """Nothing that is read may be written, and nothing be written twice.

    Raises:
        PhotoError: something would be.
    """
    writes = [Path("/dev/stdout") if job.stream in OUTPUT else job.output for job in jobs if not job.problem]
    saved = [Path(recipe)] if recipe and not is_stream(recipe) else []
    what = dict(reads)
    for read, written in overlaps(what, [*writes, *saved]):
        option = "--save-pipeline" if written in saved else "-o"
        same = "" if read == written else f" ({read})"
        raise PhotoError(f"{written} would replace {what[read]} that is read{same}; give another {option}")
    results = {caseless(path) for path in writes}
    for path in saved:
        if caseless(path) in results:
            raise PhotoError(f"{path} would replace the result; give another --save-pipeline, such as edit.json")


def check_recipe(name: str | None, output: str, existing: Existing) -> None:
    """Refuse to save the recipe where it cannot be before anything is done.

    Raises:
        PipelineError: a file is there, or both would go to standard output.
    """
    if name is None:
        return
    if is_stream(name):
        if name in OUTPUT and output in OUTPUT:
            raise PipelineError("the picture and the recipe cannot both go to standard output; give one a file")
        return
    path = Path(name)
    if path.is_dir():
        raise PipelineError(f"{path} is a folder; name the recipe, such as {path / 'edit.json'}")
    if path.exists() and existing == "refuse":
        raise PipelineError(f"{path} is there already; --overwrite replaces it, --skip-existing leaves it")
    if existing == "overwrite" and read_only(path):
        raise PipelineError(f"{path} is read-only; make it writable, or give another --save-pipeline")
