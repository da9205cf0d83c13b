"""The launcher for many machines: Ray moves rows of names to actors, each of which watches a worker as on one machine.

What travels are names and outcomes, never pixels: each actor has one photo at work, so what is in flight is bounded by
the number of actors. A recipe's models are loaded once for each actor.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import PipelineError
from .manifest import Entry
from .options import Options
from .outcome import Outcome, Setup
from .store import join, opened
from .supervisor import Supervisor, cores

ROWS = 32  # names that go to an actor at once, at most
BLOCKS = 16  # pieces of the list for each actor, so that all end at about the same time


class Actor:
    """Lives in a process of Ray and calls the supervisor, which calls the worker."""

    def __init__(self, setup: str, name: str, threads: int, limit: float, folder: str) -> None:
        os.chdir(folder)  # paths are those of whoever started the job
        self._supervisor = Supervisor(Setup.from_text(setup), f"{name}-ray-{uuid.uuid4().hex[:12]}", threads, limit)

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[str]]:
        """What came of some entries; both are lines of JSON."""
        return {"outcome": [self._supervisor(Entry.from_text(str(line))).text() for line in rows["text"]]}


def launch(todo: Path, count: int, setup: Setup, name: str, options: Options) -> Iterator[Outcome]:
    """Do all entries of a file; what came of each.

    Args:
        todo: a line for each entry.
        count: how many there are.
        setup: what all workers know.
        name: with which the workers' names begin.
        options: jobs, address, gpus and timeout.

    Raises:
        PipelineError: Ray is not installed, or the cluster does not answer.
    """
    ray = imported()
    began = not ray.is_initialized()
    if began:
        try:
            ray.init(address=options.address or None, logging_level=logging.ERROR, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise PipelineError(f"no Ray cluster answers at {options.address or 'this machine'}: {error}") from error
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False  # the job has its own
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        threads = max(1, cores() // options.jobs)
        rows = max(1, min(ROWS, count // (options.jobs * BLOCKS)))
        names = ray.data.read_text(shared(todo, setup), override_num_blocks=-(-count // rows), num_cpus=0)
        done = names.map_batches(
            Actor,
            batch_size=rows,
            compute=ray.data.ActorPoolStrategy(size=options.jobs),
            num_cpus=threads,
            num_gpus=options.gpus or None,
            fn_constructor_args=(setup.text(), name, threads, options.timeout, os.getcwd()),
        )
        for row in done.iter_rows():
            yield Outcome.from_text(row["outcome"])
    finally:
        if began:
            ray.shutdown()


def imported() -> Any:
    """Ray, quiet.

    Raises:
        PipelineError: it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anyone
    try:
        import ray  # pyright: ignore[reportMissingImports]: an extra
        import ray.data  # pyright: ignore[reportMissingImports, reportUnusedImport]: an extra
    except ImportError as error:
        raise PipelineError(f"Ray is not installed ({error}); pip install 'imgen[ray]'") from error
    return ray


def shared(todo: Path, setup: Setup) -> str:
    """The list where all machines find it: beside the results."""
    if "://" not in setup.home:
        return str(todo.absolute())
    place = join(setup.home, todo.name)
    fs, path = opened(place)
    fs.put_file(str(todo), path)
    return place
