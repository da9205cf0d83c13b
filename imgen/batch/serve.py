"""A process with one worker in it: `python -m imgen.batch.serve NAME`. Lines of JSON come in, lines of JSON go out."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ..errors import ImgenError
from .manifest import Entry
from .outcome import Setup
from .worker import Worker


def main(name: str) -> int:
    """Do the photos that standard input names, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    questions = os.fdopen(os.dup(0), encoding="ascii")
    os.dup2(2, 1)  # whatever a library prints is no answer
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in ("SIGINT", "SIGTERM", "SIGHUP"):  # the launcher ends this process, at the end of a photo
        with suppress(AttributeError):
            signal.signal(getattr(signal, number), signal.SIG_IGN)
    go_with_launcher()
    setup = Setup.from_text(questions.readline())
    first_to_go(setup.memory)
    try:
        worker = Worker(setup, name)
    except ImgenError as error:
        answers.write(json.dumps({"error": str(error)}) + "\n")
        answers.flush()
        return 1
    with suppress(BrokenPipeError):  # the launcher is gone: what is done is in the journal
        answers.write("{}\n")
        answers.flush()
        for line in questions:
            answers.write(worker(Entry.from_text(line)).text())
            answers.flush()
    worker.close()
    return 0


def go_with_launcher() -> None:
    """End where the launcher is killed, so that nobody does a photo that another one has begun again (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def first_to_go(memory: float) -> None:
    """Bound the memory of this process, and let it be the one that goes where the machine has none left."""
    with suppress(OSError):  # not Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    if memory:
        try:
            import resource
        except ImportError:  # Windows
            return
        most = int(memory * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
