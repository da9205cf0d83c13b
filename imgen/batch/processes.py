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
    crew = Crew(entries, [Supervisor(setup, f"{name}-{number}", threads, limit) for number in range(jobs)])
    try:
        yield from crew.outcomes()
    finally:
        crew.stop(late)


class Crew:
    """Supervisors, each in a thread of its own, that take photos from one list until it is empty."""

    def __init__(self, entries: Iterator[Entry], workers: list[Supervisor]) -> None:
        self._entries, self._workers = entries, workers
        self._told: queue.Queue[Outcome | BaseException | None] = queue.Queue(LATE * len(workers))
        self._stopped, self._taking = threading.Event(), threading.Lock()
        self._working = len(workers)
        for worker in workers:
            threading.Thread(target=self._serve, args=(worker,), daemon=True).start()

    def _serve(self, worker: Supervisor) -> None:
        try:
            while not self._stopped.is_set():
                with self._taking:
                    entry = next(self._entries, None)
                if entry is None:
                    break
                self._told.put(worker(entry))
        except BaseException as error:  # for the reader, who raises it
            self._told.put(error)
        finally:
            worker.close()
            self._told.put(None)

    def outcomes(self) -> Iterator[Outcome]:
        """What came of each photo, until all are done; raises what a thread met."""
        while self._working:
            found = self._told.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                self._working -= 1
            else:
                yield found

    def stop(self, late: Callable[[Outcome], None]) -> None:
        """Take no more, and wait for the photos at work, whose outcomes `late` gets; what interrupts it ends them."""
        self._stopped.set()
        try:
            while self._working:
                found = self._told.get()
                self._working -= found is None
                if isinstance(found, Outcome):
                    late(found)
        except BaseException:
            for worker in self._workers:
                worker.end()
            raise
