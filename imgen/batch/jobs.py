"""A few photos, each with a place for its result, one after another: the worker of all jobs, without their state."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..engine.pipeline import Pipeline
from ..errors import ImgenError, PhotoError
from ..io.streams import send
from .host import Host
from .manifest import Entry
from .outcome import Existing, Outcome, Setup
from .plan import Job
from .spec import Spec
from .worker import Worker

Report = Callable[[Job, float, str], None]


class Done(NamedTuple):
    """What came of a job: notes, the error that stopped it, or that its result was there before."""

    job: Job
    notes: list[str]
    error: ImgenError | None = None
    skipped: bool = False


class Batch(NamedTuple):
    """How every job is run.

    Attributes:
        pipeline: the steps.
        device: "auto", "cpu" or "cuda".
        quality: 1..100 for JPEG and WebP.
        metadata: False leaves out EXIF, texts and the recipe.
        existing: what is done where a result is there already: refuse the job, overwrite it, or skip the job.
        progress: called with (job, part done 0..1, tool at work).
    """

    pipeline: Pipeline
    device: str = "auto"
    quality: int = 95
    metadata: bool = True
    existing: Existing = "refuse"
    progress: Report | None = None


def run_jobs(batch: Batch, jobs: Sequence[Job]) -> Iterator[Done]:
    """Run every job and tell what came of it as soon as that is known; one that fails does not stop the others.

    Raises:
        Cancelled, KeyboardInterrupt: stopped; results already saved stay.
    """
    with tempfile.TemporaryDirectory(prefix="imgen-", ignore_cleanup_errors=True) as folder:
        host = Watched(batch)
        spec = Spec("", quality=batch.quality, metadata=batch.metadata)
        worker = Worker(Setup(spec, "", folder, batch.existing, batch.device), "few", host)
        try:
            for job in jobs:
                host.job = job
                yield run_job(worker, job, Path(folder) / "sent")
        finally:
            worker.close()


class Watched(Host):
    """Tells how a job gets on."""

    job: Job

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self.pipeline, self._report = batch.pipeline, batch.progress

    def progress(self, entry: Entry, done: float, tool: str) -> None:
        """Tell."""
        if self._report is not None:
            self._report(self.job, done, tool)


def run_job(worker: Worker, job: Job, sent: Path) -> Done:
    """Open, run, save; what goes to a stream goes through the folder `sent`."""
    output = sent / job.output.name if job.stream else job.output
    there = "other" if output.exists() else ""
    worker.setup = worker.setup._replace(output=str(output.parent))
    outcome = worker(Entry(str(job.photo or ""), output.name, problem=job.problem, there=there))
    try:
        if job.stream and outcome.ok:
            send(output, job.stream)
            output.unlink()
    except ImgenError as error:
        return Done(job, [], error)
    return done_of(job, outcome)


def done_of(job: Job, outcome: Outcome) -> Done:
    """What came of it, with the photo as its user calls it."""
    notes = [f"saved as {job.output.name}: {job.note}"] if job.note else []
    if outcome.ok:
        return Done(job, [*notes, *outcome.notes], skipped=outcome.event == "skipped")
    reason = outcome.reason.replace(str(job.photo), job.name) if job.photo and job.name else outcome.reason
    return Done(job, notes, PhotoError(reason))
