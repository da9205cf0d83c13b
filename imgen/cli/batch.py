"""imgen run on many photos: a job, which goes on where it stopped (docs/scale.md)."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import os
from pathlib import Path

from ..batch.listing import found_in, is_many
from ..batch.options import Options
from ..batch.outcome import Existing
from ..batch.running import Running
from ..batch.spec import FILE, FOLDER
from ..batch.store import Home, is_url, join
from ..batch.supervisor import cores
from ..batch.trial import Forecast, trial
from ..engine.pipeline import Pipeline
from ..errors import Cancelled, ImgenError, ParameterError
from ..io.streams import is_stream
from .gauge import Gauge, duration

MANY = 100  # photos from which on a run into a folder is a job without being told
ASKS = ("jobs", "shard", "address", "max_failures", "timeout", "memory", "gpus")  # options that only a job has
FLAGS = ("dry_run", "verify", "retry_failed", "json")


def is_job(options: argparse.Namespace) -> bool:
    """Whether a command is for a job: it says so, only a job can do it, it goes on with one, or photos are many."""
    asked = any(getattr(options, name) is not None for name in ASKS) or any(getattr(options, n) for n in FLAGS)
    if asked or options.engine != "processes" or is_url(options.output) or any(map(is_many, options.photos)):
        return True
    if not options.output or is_stream(options.output) or any(map(is_stream, options.photos)):
        return False
    if not options.photos or (len(options.photos) == 1 and os.path.isfile(options.photos[0])):
        return False
    state = Home(join(options.output, FOLDER))
    if any(state.text(f"{name}/{FILE}") for name in state.names()):
        return True
    some = found_in(options.photos, recursive=options.recursive, output=options.output)
    return len(list(itertools.islice(some, MANY + 1))) > MANY


def read_options(options: argparse.Namespace, existing: Existing) -> Options:
    """What the command line says of how the job is run.

    Raises:
        ParameterError: a value is none.
    """
    given = {
        name: getattr(options, name)
        for name in ("timeout", "memory", "max_failures", "gpus", "address", "format")
        if getattr(options, name) is not None
    }
    return Options(
        recursive=options.recursive,
        quality=options.quality,
        metadata=not options.strip,
        existing=existing,
        device=options.device,
        jobs=jobs_of(options.jobs),
        engine=options.engine,
        share=share_of(options.shard),
        retry_failed=options.retry_failed,
        verify=options.verify,
        **given,
    )


def jobs_of(text: str | None) -> int:
    """--jobs: a number, or "auto" for the cores."""
    if text == "auto":
        return cores()
    if text is not None and (not text.isdecimal() or int(text) < 1):
        raise ParameterError(f"--jobs {text}: give a whole number above 0, or auto")
    return int(text or 1)


def share_of(text: str | None) -> tuple[int, int]:
    """--shard: "2/8"."""
    if text is None:
        return 0, 1
    number, slash, of = text.partition("/")
    if not slash or not number.isdecimal() or not of.isdecimal():
        raise ParameterError(f"--shard {text}: give NUMBER/OF, such as 0/8 for the first of eight")
    return int(number), int(of)


def run_job(options: argparse.Namespace, pipeline: Pipeline, existing: Existing) -> int:
    """Run the job, or say what it would do; the number of photos that failed, and 0 where nothing was done."""
    if options.pipeline and not is_stream(options.pipeline):
        pipeline = dataclasses.replace(pipeline, reads=(*pipeline.reads, Path(options.pipeline)))
    how = read_options(options, existing)
    if not options.photos:
        raise ParameterError("a job needs photos: name files, folders, a list or addresses")
    if options.dry_run:
        told = trial(pipeline, options.photos, options.output, how)
        print(json.dumps(told._asdict()) if options.json else plan_text(told, options.output))
        return 0
    return follow(Running(pipeline, options.photos, options.output, how), options)


def follow(running: Running, options: argparse.Namespace) -> int:
    """Tell of each result, and at the end, or where somebody stops it, how many there are."""
    with Gauge(running.meter, quiet=options.quiet, as_json=options.json) as gauge:
        try:
            for outcome in running:
                gauge.show(outcome)
        except (KeyboardInterrupt, Cancelled, ImgenError) as error:
            gauge.say("stopping at the end of the photos at work")
            running.close()
            for outcome in running.late:
                gauge.show(outcome)
            gauge.summary(running.counts, running.failures)
            if not isinstance(error, ImgenError) or isinstance(error, Cancelled):
                left = running.meter.total - running.meter.count
                gauge.say(f"stopped: {left} not begun or not complete; the same command goes on", always=True)
            raise
        gauge.summary(running.counts, running.failures)
        if running.failures and not options.json:
            gauge.say(f"why: {join(running.home.root, 'failed.csv')}", always=True)
    return running.meter.failed + running.counts.failed


def plan_text(told: Forecast, output: str) -> str:
    """What --dry-run prints."""
    lines = [f"{told.photos} photos, about {told.megapixels:.0f} megapixels, {told.bytes / 1e6:.0f} MB; into {output}"]
    before = {"done before": told.done, "failed before": told.failed, "there already": told.skipped}
    parts = ", ".join(f"{count} {name}" for name, count in before.items() if count)
    lines.append(f"{told.todo} to do{f' ({parts})' if parts else ''}; job {told.job}")
    if told.tried:
        lines.append(
            f"about {duration(told.seconds)} and {told.memory:.0f} MiB with {told.jobs} at a time "
            f"({told.seconds_per_megapixel:.2f} s a megapixel, by {told.tried} of the photos)"
        )
    lines += [f"would fail: {reason}" for reason in told.failing]
    return "\n".join([*lines, "nothing was written"])
