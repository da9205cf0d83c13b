"""What a job would take, by looking at its photos and trying a few; nothing but temporary files is written."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from ..engine.pipeline import Pipeline
from .ledger import Ledger
from .listing import found_in, with_columns_of
from .manifest import Entry, Listing
from .options import Options
from .outcome import Outcome, Setup
from .spec import home_of, refuse_others, spec_of
from .store import Home, is_url
from .supervisor import Supervisor, cores
from .survey import Counts, Survey

SAMPLE = 64  # photos whose size is looked at
TRIED = 6  # of these, photos that are done
SECONDS = 30.0  # after which no further one is tried
PARENT = 100.0  # MiB of the process that feeds the others


class Forecast(NamedTuple):
    """What a job would take.

    Attributes:
        job: its id.
        photos: in all, of this share.
        todo: to do; `done`, `failed` and `skipped` are not.
        bytes: of all photos of the job, where listing told it.
        megapixels: to do, about.
        jobs: photos at a time.
        tried: photos that were done for this.
        seconds: for what is to do, about.
        seconds_per_megapixel: of one worker.
        memory: MiB of all processes at their peak, as large as the photos that were tried need it.
        failing: reasons of photos that failed in the trial.
    """

    job: str
    photos: int
    todo: int
    done: int
    failed: int
    skipped: int
    bytes: int
    megapixels: float
    jobs: int
    tried: int
    seconds: float
    seconds_per_megapixel: float
    memory: float
    failing: tuple[str, ...] = ()


def trial(pipeline: Pipeline, inputs: Sequence[str], output: str, options: Options) -> Forecast:
    """Look at all photos, at the size of some, and try a few in a worker like those of the job.

    Raises:
        ImgenError: the job could not begin.
    """
    spec = spec_of(pipeline, suffix=options.suffix, quality=options.quality, metadata=options.metadata)
    if options.existing != "overwrite":
        refuse_others(spec, output)
    counts = Counts()
    found = with_columns_of(found_in(inputs, recursive=options.recursive, output=output), pipeline)
    with tempfile.TemporaryDirectory(prefix="imgen-") as folder:
        with Listing(found, options.suffix, Path(folder), pipeline.files) as listing:
            ledger = Ledger(home_of(spec, output))
            survey = Survey(spec, output, listing, ledger, options.existing, options.retry_failed)
            some = sample(survey.todo(listing.entries(options.part), counts), SAMPLE)
            size = listing.bytes
        setup = Setup(spec, f"{folder}/out", f"{folder}/home", "overwrite", options.device, options.tries)
        Home(setup.home).write("job.json", "{}")
        done = list(tried(some, setup, options))
    good = [outcome for outcome in done if outcome.ok]
    sizes = [m for m in map(megapixels, some) if m] or [outcome.megapixels for outcome in good] or [0.0]
    total = sum(sizes) / len(sizes) * counts.todo
    warm = good[1:] or good  # the first one loads the models
    pace = sum(o.seconds for o in warm) / max(sum(o.megapixels for o in warm), 1e-9) if warm else 0.0
    at_once = max(options.jobs, 1)
    return Forecast(
        spec.id,
        sum(vars(counts).values()),
        *(counts.todo, counts.done, counts.failed, counts.skipped),
        size,
        round(total, 3),
        at_once,
        len(good),
        round(pace * total / at_once, 3),
        round(pace, 4),
        round(PARENT + at_once * max((o.memory for o in good), default=0.0), 1),
        tuple(o.reason for o in done if not o.ok),
    )


def sample(entries: Iterable[Entry], size: int) -> list[Entry]:
    """Some of a stream, each with the same chance; the same ones for the same stream."""
    rng = random.Random(0)  # which photos are looked at is no secret  # noqa: S311
    kept: list[Entry] = []
    for number, entry in enumerate(entries):
        if len(kept) < size:
            kept.append(entry)
        elif (place := rng.randrange(number + 1)) < size:
            kept[place] = entry
    return kept


def tried(entries: Sequence[Entry], setup: Setup, options: Options) -> Iterator[Outcome]:
    """What came of a few."""
    worker = Supervisor(setup, "trial", max(1, cores() // max(options.jobs, 1)), options.timeout)
    until = time.monotonic() + SECONDS
    try:
        for entry in entries[:TRIED]:
            if time.monotonic() < until:
                yield worker(entry._replace(there=""))
    finally:
        worker.close()


def megapixels(entry: Entry) -> float:
    """Of a photo by its header; 0 where that is not looked at."""
    if is_url(entry.source) or entry.problem:
        return 0.0
    try:
        with Image.open(entry.source) as picture:
            return picture.width * picture.height / 1e6
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0.0
