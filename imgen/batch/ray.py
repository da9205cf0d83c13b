"""The launcher for many machines: Ray moves rows of names to actors, each of which watches a worker as on one machine.

What travels are names and outcomes, never pixels: each actor has one photo at work, so what is in flight is bounded by
the number of actors. A recipe's models are loaded once for each actor.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import PipelineError
from .manifest import Entry
from .options import Options
from .outcome import Outcome, Setup
from .store import join, opened
from .supervisor import Supervisor, cores

ROWS = 16  # names that go to an actor at once, at most: each piece costs some 12 ms of a core
BLOCKS = 24  # pieces of the list for each actor, so that all end at about the same time
AHEAD = 3  # pieces that wait at each actor
LOOKS = 0.5  # seconds between two of Ray's looks at all that goes on, which would take 5 % of a core at its own 0.1
PLAIN: dict[str, Any] = {  # what Ray measures and plans while rows flow; a few names need none of it
    "enable_progress_bars": False,  # the job has its own
    "memory_usage_poll_interval_s": None,
    "op_resource_reservation_enabled": False,
}


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
        except Exception as error:  # a machine that is too busy to start it is one without a class of its own
            raise PipelineError(f"no Ray cluster answers at {options.address or 'this machine'}: {error}") from error
    try:
        with plain(ray.data.DataContext.get_current()):
            for row in outcomes(ray, todo, count, setup, name, options).iter_rows():
                yield Outcome.from_text(row["outcome"])
    finally:
        if began:
            ray.shutdown()


def outcomes(ray: Any, todo: Path, count: int, setup: Setup, name: str, options: Options) -> Any:
    """Rows of names through a pool of actors, as a data set that is computed while it is read."""
    threads = max(1, cores() // options.jobs)
    rows = max(1, min(ROWS, count // (options.jobs * BLOCKS)))
    names = ray.data.read_text(shared(todo, setup), override_num_blocks=-(-count // rows), num_cpus=0)
    return names.map_batches(
        Actor,
        batch_size=rows,
        compute=ray.data.ActorPoolStrategy(size=options.jobs, max_tasks_in_flight_per_actor=AHEAD),
        num_cpus=threads,
        num_gpus=options.gpus or None,
        fn_constructor_args=(setup.text(), name, threads, options.timeout, os.getcwd()),
    )


@contextmanager
def plain(context: Any) -> Iterator[None]:
    """Ray Data as it is quickest with few names; afterwards as it was, for whoever else uses it in this process."""
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    places = [(context, name, value) for name, value in PLAIN.items()]
    with suppress(ImportError):  # no public name sets it
        from ray.data._internal.execution import streaming_executor_state  # pyright: ignore[reportMissingImports]

        places.append((streaming_executor_state, "WAIT_FOR_TASK_COMPLETION_TIMEOUT_S", LOOKS))
    places = [(place, name, value) for place, name, value in places if hasattr(place, name)]
    before = [(place, name, getattr(place, name)) for place, name, _ in places]
    try:
        for place, name, value in places:
            setattr(place, name, value)
        yield
    finally:
        for place, name, value in before:
            setattr(place, name, value)


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
