"""Many photos through one pipeline, one after another: a model already uses every core."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from ..contract.context import Context, note, using
from ..engine.pipeline import Pipeline
from ..errors import Cancelled, ImgenError, PhotoError
from ..image.photo import Photo
from ..io.door import open as open_photo
from ..io.overlap import read_only
from ..io.streams import send
from .plan import Job

LOG = logging.getLogger(__name__)
Existing = Literal["refuse", "overwrite", "skip"]
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
    for job in jobs:
        yield run_job(batch, job)


def run_job(batch: Batch, job: Job) -> Done:
    """Open, run, save."""
    notes: list[str] = []
    try:
        if job.problem:
            raise PhotoError(job.problem)
        if there(job) and batch.existing == "skip":
            return Done(job, notes, skipped=True)
        check_free(job, batch.existing)
        with using(Context(notes=notes)):
            if job.note:
                note(f"saved as {job.output.name}: {job.note}")
            save(edited(batch, job, notes), batch, job)
    except Cancelled:
        raise
    except MemoryError:
        return Done(job, notes, PhotoError("there is not enough memory for this picture; scale it down first"))
    except OSError as error:  # a disk that is full, a drive that went away
        return Done(job, notes, PhotoError(f"{job.title}: {error.strerror or error}"))
    except ImgenError as error:
        LOG.debug("%s failed", job.title, exc_info=True)
        return Done(job, notes, named(error, job))
    return Done(job, notes)


def edited(batch: Batch, job: Job, notes: list[str]) -> Photo:
    """The job's result, not saved yet."""

    def report(part: float, label: str) -> None:
        if batch.progress is not None:
            batch.progress(job, part, label)

    photo = open_photo(job.photo) if job.photo else None
    # nothing is cached: each photo comes once, and two large ones need not be held at a time
    return batch.pipeline.run(photo, progress=report, device=batch.device, cache=None, notes=notes)


def save(result: Photo, batch: Batch, job: Job) -> None:
    """Write the result to its file or stream."""
    if job.stream:
        with tempfile.TemporaryDirectory(prefix="imgen-") as folder:
            send(
                result.save(Path(folder) / job.output.name, quality=batch.quality, metadata=batch.metadata), job.stream
            )
        return
    make_folder(job.output.parent)
    check_free(job, batch.existing)  # another program may have been quicker
    result.save(job.output, quality=batch.quality, metadata=batch.metadata)


def there(job: Job) -> bool:
    """Whether the result is there already."""
    return not job.stream and job.output.exists()


def check_free(job: Job, existing: Existing) -> None:
    """Never replace an older file in silence.

    Raises:
        PhotoError: one is there, and it may not be overwritten.
    """
    if not there(job):
        return
    if job.output.is_dir():
        raise PhotoError(f"{job.output} is a folder; choose another -o")
    if existing != "overwrite":
        raise PhotoError(f"{job.output} is there already; --overwrite replaces it, --skip-existing leaves it")
    if read_only(job.output):
        raise PhotoError(f"{job.output} is read-only; make it writable, or choose another -o")


def named(error: ImgenError, job: Job) -> ImgenError:
    """The error with the photo as its user calls it, where it was read from a stream."""
    if job.photo is None or job.name == str(job.photo):
        return error
    return type(error)(str(error).replace(str(job.photo), job.name))


def make_folder(folder: Path) -> None:
    """Create an output folder.

    Raises:
        PhotoError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot make the folder {folder}: {error.strerror}; choose another -o") from error
