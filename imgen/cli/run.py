"""imgen run: photos through a chain of tools."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..batch.jobs import Batch, Done, run_jobs
from ..batch.outcome import Existing
from ..batch.plan import Job, expanded, is_one_file, plan, sources
from ..batch.store import make_folder
from ..engine.pipeline import Pipeline, Step, differences, recipe_text
from ..engine.step import each
from ..errors import Cancelled, PipelineError, naming
from ..io.pictures import load_pictures
from ..io.streams import OUTPUT, Spool, is_stream, shown_output
from .bar import Bar
from .batch import is_job, run_job
from .chain import extended
from .guard import check_recipe, named_files, read_files, refuse_overlaps


def run(options: argparse.Namespace) -> int:
    """Run the steps on every photo; 1 if any failed."""
    with Spool() as spool:
        pipeline = extended(read_pipeline(options.pipeline, spool, options.quiet), options.step)
        if not pipeline.steps:
            empty = f"{options.pipeline} has no steps" if options.pipeline else "give steps with -s, or --pipeline FILE"
            raise PipelineError(f"nothing to do: {empty}")
        existing: Existing = "overwrite" if options.overwrite else "skip" if options.skip_existing else "refuse"
        if is_job(options):
            check_recipe(options.save_pipeline, options.output, existing)
            pipeline = with_streams(pipeline, spool)
            failed = run_job(options, pipeline, existing)
            save_recipe(pipeline, options.save_pipeline, existing)
            return int(failed > 0)
        names = expanded(options.photos)
        photos = sources(names, spool, recursive=options.recursive, output=options.output)
        suffix = f".{options.format}" if options.format else ""
        jobs = plan(photos, options.output, one=is_one_file(names), suffix=suffix)
        refuse_overlaps(list(read_files(options, jobs, pipeline)), jobs, options.save_pipeline)
        check_recipe(options.save_pipeline, options.output, existing)
        pipeline = with_streams(pipeline, spool)
        with Bar(len(jobs), options.quiet) as bar:
            batch = Batch(pipeline, options.device, options.quality, not options.strip, existing, bar.show)
            done = follow(run_jobs(batch, jobs), jobs, bar, existing)
        failed = sum(one.error is not None for one in done)
        if failed < len(done):
            save_recipe(pipeline, options.save_pipeline, existing)
        return int(failed > 0)


def follow(running: Iterator[Done], jobs: Sequence[Job], bar: Bar, existing: Existing) -> list[Done]:
    """Tell of each result as it is saved, and at the end, or where somebody stops it, how many there are."""
    done: list[Done] = []
    try:
        for one in running:
            done.append(one)
            bar.finish()
            tell(one, bar, many=len(jobs) > 1)
    except (KeyboardInterrupt, Cancelled):
        if len(jobs) > 1:
            more = "" if existing == "overwrite" else "; the same command with --skip-existing goes on"
            bar.say(f"stopped: {counts(done)}, {len(jobs) - len(done)} not begun or not complete{more}", always=True)
        raise
    if len(jobs) > 1:
        bar.say(counts(done), always=any(one.error for one in done))
    return done


def tell(one: Done, bar: Bar, *, many: bool) -> None:
    """What came of one photo."""
    title = one.job.title
    before = f"{title}: " if many else ""
    if one.error is not None:
        text = str(one.error)
        bar.say(f"imgen: {'' if title in text else before}{text}", always=True)
        return
    if one.skipped:
        bar.say(f"skipped {title}: {one.job.output} is there already")
        return
    for text in one.notes:
        bar.say(before + text)
    kind = one.job.output.suffix.removeprefix(".").upper()
    bar.say(f"wrote {kind} to {shown_output(one.job.stream)}" if one.job.stream else f"saved {one.job.output}")


def counts(done: Sequence[Done]) -> str:
    """How many were saved, were there before, and failed."""
    failed = sum(one.error is not None for one in done)
    skipped = sum(one.skipped for one in done)
    parts = [f"{len(done) - failed - skipped} saved", f"{skipped} there already" if skipped else "", f"{failed} failed"]
    return ", ".join(part for part in parts if part)


def read_pipeline(name: str | None, spool: Spool, quiet: bool) -> Pipeline:
    """The recipe to start from, and a word on what has changed since it was made."""
    if name is None:
        return Pipeline()
    text = recipe_text(spool.take(name) if is_stream(name) else Path(name))
    with naming(name):
        pipeline = Pipeline.from_json(text)
    for change in () if quiet else differences(text, pipeline.steps):
        print(f"note: {change}", file=sys.stderr)
    return pipeline


def with_streams(pipeline: Pipeline, spool: Spool) -> Pipeline:
    """The same with second pictures and masks that come from streams read, as they can be read only once."""

    def read(step: Step) -> Step:
        streams = {name: str(spool.take(value)) for name, value in named_files(step) if is_stream(value)}
        return dataclasses.replace(step, parameters=step.parameters | load_pictures(step.resolve(), streams))

    return Pipeline(tuple(each(step, read) for step in pipeline.steps))


def save_recipe(pipeline: Pipeline, name: str | None, existing: Existing) -> None:
    """Write the recipe where --save-pipeline says."""
    if name is None:
        return
    if name in OUTPUT:
        print(pipeline.to_json())
    elif is_stream(name):
        Path(name).write_text(pipeline.to_json() + "\n", encoding="utf-8")
    elif not (os.path.exists(name) and existing == "skip"):
        make_folder(os.path.dirname(name) or ".")
        pipeline.save(name)
