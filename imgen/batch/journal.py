"""What a job has done: each worker appends lines to a file of its own, one for each finished photo; none is rewritten.

A result becomes visible between two lines: "saving" with its checksum, then its file is renamed, then "done". Whoever
is killed in between leaves a file that the first line tells to be the job's own.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import PipelineError
from .store import Home, join, make_folder

FOLDER = "journal"
SAVING, DONE = '{"event": "saving", ', '{"event": "done", '
read_line = json.JSONDecoder().raw_decode  # what json.loads calls, at half the time for a short text
LINES, SECONDS = 20, 5.0  # a store has no appending: so many lines, or those of so long, become an object


class Journal:
    """The lines of one worker. On this machine each is on its way to the disk when `add` returns.

    Args:
        home: the job's folder.
        name: of the worker; no other one that runs may have it.

    Raises:
        PipelineError: another process writes it.
    """

    def __init__(self, home: Home, name: str) -> None:
        self._home, self._name = home, name
        self._waiting: list[str] = []
        self._written = time.monotonic()
        self._handle = -1
        if home.url:
            self._parts = sum(part.startswith(f"{name}-") for part in home.names(FOLDER))
            return
        path = Path(join(home.root, f"{FOLDER}/{name}.jsonl"))
        make_folder(str(path.parent))
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        if not lock(self._handle):
            os.close(self._handle)
            raise PipelineError(f"another run of this job is at work ({path}); wait for it, or give each its --shard")
        size = os.fstat(self._handle).st_size
        if size and not ended(self._handle, size):
            os.write(self._handle, b"\n")  # a machine that lost its power left half a line

    def add(self, event: str, result: str, **more: Any) -> None:
        """Append a line on the result of that name."""
        line = json.dumps({"event": event, "result": result, "time": round(time.time(), 3), **more}) + "\n"
        if self._handle >= 0:
            os.write(self._handle, line.encode("ascii"))
            return
        if event == "saving":
            return  # the key beside the object says the same
        self._waiting.append(line)
        if len(self._waiting) >= LINES or time.monotonic() - self._written > SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._home.write(f"{FOLDER}/{self._name}-{self._parts:06}.jsonl", "".join(self._waiting))
            self._parts += 1
            self._waiting.clear()
        self._written = time.monotonic()

    def close(self) -> None:
        """Write what waits, and let others write it."""
        self.flush()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def ended(handle: int, size: int) -> bool:
    """Whether the last line of a file is complete."""
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def lock(handle: int) -> bool:
    """Take a file for this process until it ends; False if another one has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def settle(home: Home, prefix: str, own: str, seconds: float = 600) -> None:
    """Wait for workers whose launcher was killed: each ends after the photo at work.

    Args:
        home: the job's folder.
        prefix: with which the names of their journals begin.
        own: the journal that this process writes itself.
        seconds: how long at most.

    Raises:
        PipelineError: one is still at work.
    """
    for name in [] if home.url else home.names(FOLDER):
        if not name.startswith(prefix) or name == own:
            continue
        path = Path(join(home.root, f"{FOLDER}/{name}"))
        until = time.monotonic() + seconds
        handle = os.open(path, os.O_RDWR)
        try:
            while not lock(handle):
                if time.monotonic() > until:
                    raise PipelineError(f"a worker of an earlier run is still at work ({path}); end it first")
                time.sleep(0.05)
        finally:
            os.close(handle)


def lines(
    home: Home, read: dict[str, int] | None = None, wanted: Callable[[str], bool] | None = None
) -> Iterator[dict[str, Any]]:
    """Every line of every worker; half a line at an end is left out.

    Args:
        home: the job's folder.
        read: how many characters of each file are known, which are left out; at the end it holds what is known then.
        wanted: whether a line, as it is written, is to be looked into; None takes all.
    """
    known = {} if read is None else read
    for name in home.names(FOLDER):
        for line in telling(lines_in(home, name, known)):
            if wanted is not None and not wanted(line):
                continue
            try:
                yield read_line(line)[0]
            except ValueError:
                continue


def about(line: str) -> str:
    """Event and result of a line as they are written, the same for all lines of that kind on that result."""
    return line.partition(', "time"')[0]


def telling(some: Iterator[str]) -> Iterator[str]:
    """The lines of a file without each "saving" that its "done" follows, as nearly all do."""
    before = ""
    for line in some:
        same = before[len(SAVING) :].partition(', "time"')[0]
        said = line.startswith(DONE) and line.startswith(same, len(DONE)) and line.rstrip().endswith("}")
        if before and not said:
            yield before
        before = line if line.startswith(SAVING) else ""
        if not before:
            yield line
    if before:
        yield before


def lines_in(home: Home, name: str, known: dict[str, int] | None = None) -> Iterator[str]:
    """The lines of one file of the journal behind those that are known; `known` is brought up to date."""
    read = {} if known is None else known
    if home.url:
        if name not in read:  # an object is never written again
            text = home.text(f"{FOLDER}/{name}") or ""
            yield from text.splitlines()
            read[name] = len(text)
        return
    with open(join(home.root, f"{FOLDER}/{name}"), encoding="ascii", errors="replace", newline="\n") as file:
        at = file.seek(read.get(name, 0))
        for line in file:
            yield line
            at += len(line) if line[-1] == "\n" else 0
    read[name] = at


def find(home: Home, result: str) -> dict[str, Any] | None:
    """The last line on a result."""
    needle = f'"result": {json.dumps(result)}, '
    found = [
        json.loads(line)
        for name in home.names(FOLDER)
        for line in lines_in(home, name)
        if needle in line and line.endswith(("}", "}\n"))
    ]
    # of two within a millisecond, the later in its file
    return max(reversed(found), key=lambda line: line["time"], default=None)
