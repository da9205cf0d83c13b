"""Many photos through one pipeline, one after another: a model already uses every core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from .context import Context, using
from .encoders import SUFFIXES
from .errors import Cancelled, ImgenError, PhotoError
from .photo import open as open_photo
from .pipeline import Pipeline


class Job(NamedTuple):
    """One photo and where its result goes."""

    photo: Path | None
    output: Path


class Done(NamedTuple):
    """What came of a job: notes, or the error that stopped it."""

    job: Job
    notes: list[str]
    error: ImgenError | None


def plan(photos: Sequence[Path], output: Path) -> list[Job]:
    """Where each photo's result goes: `output` itself for one photo, else a file of its name in that folder.

    Raises:
        PhotoError: two photos would share a result, a result would replace its photo, or a bad file type.
    """
    folder = output.is_dir() or len(photos) > 1 or output.suffix == ""
    if len(photos) > 1 and output.suffix.lower() in SUFFIXES and not output.is_dir():
        raise PhotoError(f"{len(photos)} photos cannot all be saved as {output}; give a folder")
    if not folder or not photos:
        jobs = [Job(photos[0] if photos else None, output)]
    else:
        jobs = [Job(photo, output / photo.name) for photo in photos]
    taken: dict[Path, Path | None] = {}
    for job in jobs:
        key = Path(str(job.output.resolve()).casefold())  # some file systems ignore case
        if key in taken:
            raise PhotoError(f"{taken[key]} and {job.photo} would both be saved as {job.output}; rename one")
        taken[key] = job.photo
    inputs = {photo.resolve() for photo in photos}
    for job in jobs:
        if job.output.resolve() in inputs:
            raise PhotoError(f"{job.output} would replace a photo that is read; give another -o")
        if job.output.suffix.lower() not in SUFFIXES:
            raise PhotoError(f"{job.output}: cannot save this file type; use {', '.join(SUFFIXES)}")
    return jobs


def run_jobs(
    pipeline: Pipeline,
    jobs: Sequence[Job],
    *,
    device: str = "auto",
    quality: int = 95,
    metadata: bool = True,
    progress: Callable[[Job, float, str], None] | None = None,
) -> list[Done]:
    """Run every job; one that fails is reported and the others go on.

    Raises:
        Cancelled, KeyboardInterrupt: stopped; results already saved stay.
    """
    return [run_job(pipeline, job, device, quality, metadata, progress) for job in jobs]


def run_job(
    pipeline: Pipeline,
    job: Job,
    device: str,
    quality: int,
    metadata: bool,
    progress: Callable[[Job, float, str], None] | None,
) -> Done:
    """Open, run, save."""
    notes: list[str] = []

    def report(part: float, label: str) -> None:
        if progress is not None:
            progress(job, part, label)

    try:
        with using(Context(notes=notes)):
            photo = open_photo(job.photo) if job.photo else None
            # nothing is cached: each photo comes once, and two large ones need not be held at a time
            result = pipeline.run(photo, progress=report, device=device, cache=None, notes=notes)
            del photo
            make_folder(job.output.parent)
            result.save(job.output, quality=quality, metadata=metadata)
    except Cancelled:
        raise
    except ImgenError as error:
        return Done(job, notes, error)
    return Done(job, notes, None)


def make_folder(folder: Path) -> None:
    """Create an output folder.

    Raises:
        PhotoError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot make the folder {folder}: {error.strerror}; choose another -o") from error
