"""The launcher for many machines: Ray gives names of photos to actors, each of which watches a worker.

What travels are names and outcomes, never pixels: each actor has one photo at work, so what is in flight is bounded by
the number of actors. A recipe's models are loaded once for each actor.
"""

from __future__ import annotations

import itertools
import logging
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import PipelineError
from .manifest import Entry
from .options import Options
from .outcome import Outcome, Setup
from .supervisor import Supervisor, cores

ROWS = 8  # names that go to an actor at once, at most: each piece costs some milliseconds of a core
BLOCKS = 24  # pieces of the list for each actor, so that all end at about the same time
AHEAD = 2  # pieces at each actor, one of them at work


class Actor:
    """Lives in a process of Ray and calls the supervisor, which calls the worker."""

    def __init__(self, setup: str, name: str, threads: int, limit: float, folder: str) -> None:
        os.chdir(folder)  # paths are those of whoever started the job
        self._supervisor = Supervisor(Setup.from_text(setup), f"{name}-ray-{uuid.uuid4().hex[:12]}", threads, limit)

    def do(self, lines: list[str]) -> list[str]:
        """What came of some entries; both are lines of JSON."""
        return [self._supervisor(Entry.from_text(line)).text() for line in lines]


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
        with todo.open(encoding="utf-8") as lines:
            rows = max(1, min(ROWS, count // (options.jobs * BLOCKS)))
            for text in answers(ray, actors(ray, setup, name, options), pieces(lines, rows)):
                yield Outcome.from_text(text)
    finally:
        if began:
            ray.shutdown()


def actors(ray: Any, setup: Setup, name: str, options: Options) -> list[Any]:
    """As many as there are jobs. Ray starts one that dies anew, on whichever machine, with the pieces it had."""
    threads = max(1, cores() // options.jobs)
    remote = ray.remote(Actor).options(
        num_cpus=threads, num_gpus=options.gpus or None, max_restarts=-1, max_task_retries=-1
    )
    return [remote.remote(setup.text(), name, threads, options.timeout, os.getcwd()) for _ in range(options.jobs)]


def pieces(lines: Iterable[str], rows: int) -> Iterator[list[str]]:
    """The lines, some at a time."""
    read = (line.rstrip("\n") for line in lines)
    while piece := list(itertools.islice(read, rows)):
        yield piece


def answers(ray: Any, pool: list[Any], work: Iterator[list[str]]) -> Iterator[str]:
    """What came of each line, whichever is done first; an actor has `AHEAD` pieces and gets another for each answer.

    Each first answers nothing to nothing: where a cluster is full, some start late or never, and should hold no work.
    """
    asked = {actor.do.remote([]): (actor, 0) for actor in pool}
    piece = next(work, None)
    while piece or any(rows for _, rows in asked.values()):
        (done,), _ = ray.wait(list(asked), num_returns=1)
        actor, rows = asked.pop(done)
        for _ in range(1 if rows else AHEAD):
            if piece:
                asked[actor.do.remote(piece)] = actor, len(piece)
                piece = next(work, None)
        yield from ray.get(done)


def imported() -> Any:
    """Ray, quiet.

    Raises:
        PipelineError: it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anyone
    try:
        import ray  # pyright: ignore[reportMissingImports]: an extra
    except ImportError as error:
        raise PipelineError(f"Ray is not installed ({error}); pip install 'imgen[ray]'") from error
    return ray
