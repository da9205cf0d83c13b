"""The launcher for one machine: some processes with a worker each, all fed from one list."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator

from .manifest import Entry
from .outcome import Outcome, Setup
from .supervisor import Supervisor, cores

LATE = 2  # outcomes that may wait for the reader, for each process


def launch(
    entries: Iterator[Entry],
    setup: Setup,
    name: str,
    *,
    jobs: int,
    limit: float,
    late: Callable[[Outcome], None],
) -> Iterator[Outcome]:
    """Do all entries; what came of each, as soon as it is known.

    Stopping (leaving this iterator) waits for the photos at work; an interrupt during that ends them at once.

    Args:
        entries: the photos.
        setup: what all workers know.
        name: with which the workers' names begin.
        jobs: how many processes; each has its share of the cores.
        limit: seconds that a photo may take.
        late: called with the outcomes of the photos at work when somebody stops.
    """
    threads = int(os.environ.get("IMGEN_THREADS") or max(1, cores() // jobs))
    crew = [Supervisor(setup, f"{name}-{number}", threads, limit) for number in range(jobs)]
    told: queue.Queue[Outcome | BaseException | None] = queue.Queue(LATE * jobs)
    stop, taking = threading.Event(), threading.Lock()

    def serve(worker: Supervisor) -> None:
        try:
            while not stop.is_set():
                with taking:
                    entry = next(entries, None)
                if entry is None:
                    break
                told.put(worker(entry))
        except BaseException as error:  # for the reader, who raises it
            told.put(error)
        finally:
            worker.close()
            told.put(None)

    for worker in crew:
        threading.Thread(target=serve, args=(worker,), daemon=True).start()
    working = jobs
    try:
        while working:
            found = told.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                working -= 1
            else:
                yield found
    finally:
        stop.set()
        try:
            while working:
                found = told.get()
                working -= found is None
                if isinstance(found, Outcome):
                    late(found)
        except BaseException:
            for worker in crew:
                worker.end()
            raise
