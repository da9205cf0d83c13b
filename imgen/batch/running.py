"""A job from its inputs to its last result: `imgen.batch.run`, which the command line calls, too."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..engine.pipeline import Pipeline
from ..errors import ParameterError, PhotoError, PipelineError, nearest
from ..io.formats import SUFFIXES
from ..io.streams import is_stream
from .host import Host
from .journal import Journal, settle
from .kinds import NEAREST
from .ledger import Ledger, write_failures
from .listing import Found, found_in, with_columns_of
from .manifest import Entry, Listing, write_parts
from .meter import Meter
from .options import Options
from .outcome import Outcome, Setup
from .processes import launch
from .spec import claim, spec_of
from .store import Home, is_url
from .survey import Counts, Survey, adopted
from .worker import Worker


class Running:
    """A job that is planned and being done: an iterator of what came of each photo; see `run`.

    Attributes:
        counts: what was found before anything was done: photos to do, done before, failed before, skipped.
        meter: how it gets on.
        home: where its state is kept.
        failures: the number of photos in failed.csv, once it has ended.
        late: outcomes of photos that were at work when somebody stopped it.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        inputs: Sequence[str | Found],
        output: str,
        options: Options,
        host: Host | None = None,
    ) -> None:
        check_place(output)
        if host is not None and options.jobs:
            raise ParameterError("a host is for jobs=0, where photos are done in this process")
        self._options, self._host, self._stack = options, host, ExitStack()
        spec = spec_of(pipeline, suffix=options.suffix, quality=options.quality, metadata=options.metadata)
        self.home: Home = claim(spec, output, overwrite=options.existing == "overwrite")
        self._name = str(options.part)
        self.failures, self.late = 0, list[Outcome]()
        self.setup = Setup(
            spec, output, self.home.root, options.existing, options.device, options.tries, memory=options.memory
        )
        with ExitStack() as stack:
            journal = Journal(self.home, f"{self._name}-launcher")
            stack.callback(journal.close)
            self._settle()
            self._scratch = scratch_of(self.home, stack)
            stack.callback(self._todo.unlink, missing_ok=True)
            self.counts = self._plan(inputs, pipeline, journal)
            self._stack = stack.pop_all()
        self.meter = Meter(self.counts.todo)
        self._outcomes: Generator[Outcome, None, None] = self._all()

    def __iter__(self) -> Iterator[Outcome]:
        return self._outcomes

    def __next__(self) -> Outcome:
        return next(self._outcomes)

    def close(self) -> None:
        """Stop after the photos at work. The same job goes on with the rest another time."""
        self._outcomes.close()
        self._stack.close()

    def _settle(self) -> None:
        """Wait for workers that a killed run left at the end of their photos."""
        settle(self.home, f"{self._name}-" if self._options.share[1] > 1 else "", f"{self._name}-launcher.jsonl")

    def _plan(self, inputs: Sequence[str | Found], pipeline: Pipeline, journal: Journal) -> Counts:
        """Look at all photos, and write down those that are left to do."""
        counts, options = Counts(), self._options
        ledger = Ledger(self.home)
        ledger.keep(self.home)
        output = self.setup.output
        found = with_columns_of(found_in(inputs, recursive=options.recursive, output=output), pipeline)
        with Listing(found, options.suffix, self._scratch, pipeline.files) as listing:
            survey = Survey(
                self.setup.spec,
                output,
                listing,
                ledger,
                options.existing,
                options.retry_failed,
                options.verify,
                adopted(journal),
            )
            entries = write_parts(listing.entries(options.part), self.home, options.part)
            with self._todo.open("w", encoding="ascii") as file:
                file.writelines(entry.text() for entry in survey.todo(entries, counts))
        return counts

    @property
    def _todo(self) -> Path:
        """The file with the photos that are left to do."""
        return self._scratch / f"todo-{self._name}.jsonl"

    def _all(self) -> Generator[Outcome, None, None]:
        """Do what is left."""
        most = self._options.max_failures
        try:
            with closing(self._launched()) as outcomes:
                for outcome in outcomes if self.counts.todo else ():
                    self.meter.add(outcome)
                    yield outcome
                    if 0 <= most < self.meter.failed:
                        raise PipelineError(f"stopped after {self.meter.failed} failures (--max-failures {most})")
        finally:
            if self.meter.failed or self.counts.failed or self.late:
                self.failures = write_failures(self.home)
            self._stack.close()

    def _launched(self) -> Generator[Outcome, None, None]:
        """By the launcher that was asked for."""
        options = self._options
        with self._todo.open(encoding="ascii") as file:
            entries = map(Entry.from_text, file)
            if options.engine == "ray":
                from .ray import launch as on_ray

                yield from on_ray(self._todo, self.counts.todo, self.setup, self._name, options)
            elif options.jobs == 0:
                yield from alone(entries, self.setup, f"{self._name}-0", self._host)
            else:
                yield from launch(
                    entries, self.setup, self._name, jobs=options.jobs, limit=options.timeout, late=self._add_late
                )

    def _add_late(self, outcome: Outcome) -> None:
        """Count a photo that was at work when somebody stopped."""
        self.meter.add(outcome)
        self.late.append(outcome)


def run(
    pipeline: Pipeline,
    inputs: str | Path | Sequence[str | Path | Found],
    output: str | Path,
    *,
    host: Host | None = None,
    **options: Any,
) -> Running:
    """Run a pipeline on many photos, with processes of this machine or on Ray; called again, it does what is missing.

    Args:
        pipeline: the steps.
        inputs: files, folders, wildcards ("in/**/*.jpg"), lists (.txt), tables (.csv, .tsv, .parquet, whose columns
            named like parameters are those of each photo), addresses (s3://, gs://, http://, ...), and `Found`, a
            photo with the name of its result; one or several.
        output: the folder of the results, or its address.
        host: what is done around each photo where the job is run in this process (jobs=0).
        options: see `Options`.

    Returns:
        An iterator of what came of each photo, as soon as that is known. Leaving it stops the job after the photos at
        work; what is done stays done.

    Raises:
        PhotoError: two photos would have one result, or the output cannot be a folder.
        PipelineError: the place holds the results of another recipe, or another run of the job is at work.
        ParameterError: an option that there is not, or a value or a column of a table that cannot be.

    Example:
        for outcome in imgen.batch.run(imgen.Pipeline().add("denoise"), "holiday", "clean", jobs=2):
            print(outcome.source, outcome.event, outcome.reason)
    """
    several = [inputs] if isinstance(inputs, str | os.PathLike) else inputs
    names = [one if isinstance(one, Found) else os.fspath(one) for one in several]
    return Running(pipeline, names, os.fspath(output), options_of(options), host)


def options_of(given: dict[str, Any]) -> Options:
    """Options by name.

    Raises:
        ParameterError: there is none of a name.
    """
    known = [field.name for field in fields(Options)]
    for name in given:
        if name not in known:
            raise ParameterError(f"imgen.batch.run has no option {name!r}; {nearest(name, known)}")
    return Options(**given)


def alone(entries: Iterator[Entry], setup: Setup, name: str, host: Host | None) -> Iterator[Outcome]:
    """Do them in this process."""
    worker = Worker(setup, name, host)
    try:
        yield from map(worker, entries)
    finally:
        worker.close()


def check_place(output: str) -> None:
    """A job's results go into a folder.

    Raises:
        PhotoError: the output cannot be one.
    """
    if not output:
        raise PhotoError("-o is empty; name a folder")
    if is_url(output):
        return
    if is_stream(output):
        raise PhotoError("many photos cannot be written to one stream; give a folder: -o results/")
    path = Path(output)
    if path.is_file() or (
        path.suffix.lower() in (*SUFFIXES, *NEAREST) and not path.is_dir() and output[-1] not in "/\\"
    ):
        raise PhotoError(f"{output} is the name of one file; give a folder for the results: {path.with_suffix('')}/")


def scratch_of(home: Home, stack: ExitStack) -> Path:
    """A folder of this machine for temporary files: the job's own, or one that goes with the run."""
    if not home.url:
        return Path(home.root)
    folder = Path(tempfile.mkdtemp(prefix="imgen-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
