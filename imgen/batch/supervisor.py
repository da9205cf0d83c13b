"""One process with a worker, watched: a photo that hangs or kills it ends that process and not the batch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from ..errors import Cancelled, PipelineError
from .journal import Journal
from .manifest import Entry
from .outcome import Outcome, Setup
from .store import Home

KILLS = 2  # after so many killed workers a photo is put aside
START, STARTS = 300.0, 5  # seconds in which a worker must be ready, and how often one is started for nothing


class Died(Exception):  # noqa: N818
    """The worker's process ended in the middle of a photo."""


class Hung(Exception):  # noqa: N818
    """A photo took too long."""


class Supervisor:
    """Calls a worker in a process of its own, which is started when it is needed.

    Args:
        setup: what all workers of the job know.
        name: of this one; no other one that runs may have it.
        threads: of its models.
        limit: seconds that a photo may take.
    """

    def __init__(self, setup: Setup, name: str, threads: int, limit: float) -> None:
        self._setup, self._name, self._threads, self._limit = setup, name, threads, limit
        self._process: subprocess.Popen[str] | None = None
        self._late = threading.Event()
        self._ended = False

    def __call__(self, entry: Entry) -> Outcome:
        """What the worker made of it; a photo that kills it twice, or takes too long, is put aside and named.

        Raises:
            PipelineError: no worker can be started.
            Cancelled: this was ended meanwhile.
        """
        reason = ""
        for _ in range(KILLS):
            try:
                return self._ask(entry)
            except Hung:
                return self._aside(entry, f"it took longer than {self._limit:g} s; --timeout gives more")
            except Died as error:
                reason = str(error)
        return self._aside(entry, f"it killed its worker {KILLS} times ({reason}); --memory or fewer --jobs may help")

    def close(self) -> None:
        """Let the process end when it has nothing left to do."""
        if self._process is not None:
            with suppress(OSError):
                self._process.stdin.close()  # pyright: ignore[reportOptionalMemberAccess]: it is a pipe
            self._process.wait()
            self._process.stdout.close()  # pyright: ignore[reportOptionalMemberAccess]: it is a pipe
            self._process = None

    def end(self) -> None:
        """End it at once."""
        self._ended = True
        if self._process is not None:
            self._process.kill()

    def _ask(self, entry: Entry) -> Outcome:
        """One photo, one answer."""
        process = self._running()
        answer = self._answer(process, entry.text(), self._limit)
        if answer is not None:
            return Outcome.from_text(answer)
        self._process = None
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()  # pyright: ignore[reportOptionalMemberAccess]: it is a pipe
        if self._ended:
            raise Cancelled("the worker was ended; the photo at work is not done")
        if self._late.is_set():
            raise Hung
        raise Died(f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}")

    def _answer(self, process: subprocess.Popen[str], question: str, limit: float) -> str | None:
        """What the process answers; None where it ends without a word or must be ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._late.clear()
        timer = threading.Timer(limit, self._expire, (process,))
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(question)
            process.stdin.flush()
            line = process.stdout.readline()
            return line if line.endswith("\n") else None
        except OSError:  # it ended before it read the question
            return None
        finally:
            timer.cancel()

    def _expire(self, process: subprocess.Popen[str]) -> None:
        self._late.set()
        process.kill()

    def _running(self) -> subprocess.Popen[str]:
        """The process, started where there is none; one that is killed in its beginning is no photo's fault."""
        for _ in range(STARTS if self._process is None else 0):
            self._process = process = start(self._name, self._threads)
            ready = self._answer(process, self._setup.text(), START)
            wrong = "" if ready is None else json.loads(ready).get("error", "")
            if ready is not None and not wrong:
                break
            process.kill()
            self.close()
            if wrong:
                raise PipelineError(wrong)
            if self._ended:
                raise Cancelled("the worker was ended")
        if self._process is None:
            raise PipelineError(f"a worker cannot be started ({STARTS} tries); imgen doctor may tell why")
        return self._process

    def _aside(self, entry: Entry, reason: str) -> Outcome:
        """The failure, with its line in a journal of the launcher's own."""
        journal = Journal(Home(self._setup.home), f"{self._name}-watch")
        journal.add("failed", entry.result, **entry.about, reason=reason)
        journal.close()
        return Outcome(entry.source, entry.result, "failed", reason)


def start(name: str, threads: int) -> subprocess.Popen[str]:
    """A fresh interpreter with a worker that waits for its setup."""
    path = [folder for folder in sys.path if folder and Path(folder).exists()]
    more = {"PYTHONPATH": os.pathsep.join(path), "OMP_NUM_THREADS": str(threads), "IMGEN_THREADS": str(threads)}
    return subprocess.Popen(  # this program itself  # noqa: S603
        [sys.executable, "-P", "-m", "imgen.batch.serve", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="ascii",
        env=os.environ | more,
    )


def cores() -> int:
    """Cores that this process may use, as its affinity and its container say."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return own if quota == "max" else max(1, min(own, round(int(quota) / int(period))))
    except (OSError, ValueError):
        return own
