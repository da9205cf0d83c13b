"""The journals of a job in memory: forty bytes a photo, so that a million fit."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from array import array
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .journal import lines
from .store import Home

FAILURES = "failed.csv"
EVENTS = {"done": 1, "failed": 2, "saving": 3, "later": 4}  # what became of a photo; "later" may work another time


class Row(NamedTuple):
    """The last that is known of a result.

    Attributes:
        event: "done", "failed", "saving" or "later".
        state: digest of its input's etag and parameters.
        size: of the result in bytes.
        key: the first 16 digits of the result's key.
        sha: the first 16 digits of the result's SHA-256.
    """

    event: str
    state: int
    size: int
    key: str
    sha: str


class Ledger:
    """The last line on each result."""

    def __init__(self, home: Home | None = None) -> None:
        self._columns = tuple(array("Q") for _ in range(6))
        self._times = array("d")
        for line in lines(home) if home is not None else ():
            self._add(line)
        self._names, self._order = self._sorted()

    def _add(self, line: dict[str, Any]) -> None:
        event = EVENTS.get(line.get("event", ""))
        if event is None:
            return
        values = (
            digest(line["result"]),
            event,
            state_of(line.get("etag", ""), line.get("parameters")),
            line.get("bytes", 0),
            int(line.get("key", "0")[:16], 16),
            int(line.get("sha256", "0")[:16], 16),
        )
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)
        self._times.append(line["time"])

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The names in order, each once, and the number of the last line on each."""
        names = np.frombuffer(self._columns[0], np.uint64) if self._times else np.empty(0, np.uint64)
        order = np.lexsort((np.frombuffer(self._times) if self._times else np.empty(0), names))
        last = np.append(names[order][1:] != names[order][:-1], True)[: len(order)]
        return names[order][last], order[last]

    def __len__(self) -> int:
        return len(self._names)

    def row(self, result: str) -> Row | None:
        """What is known of a result."""
        name = np.uint64(digest(result))
        at = int(np.searchsorted(self._names, name))
        if at == len(self._names) or self._names[at] != name:
            return None
        _, event, state, size, key, sha = (column[int(self._order[at])] for column in self._columns)
        return Row(next(n for n, e in EVENTS.items() if e == event), state, size, f"{key:016x}", f"{sha:016x}")


def digest(*parts: str) -> int:
    """64 bits for some texts."""
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def state_of(etag: str, parameters: dict[str, Any] | None) -> int:
    """64 bits for the state of an input and its own parameters."""
    return digest(etag, json.dumps(parameters, sort_keys=True, default=str) if parameters else "")


def write_failures(home: Home) -> int:
    """Write failed.csv anew: the photos whose last word is a failure, with reasons. How many there are."""
    last: dict[str, dict[str, Any]] = {}
    for line in lines(home):
        if line["event"] in ("failed", "later") and line["time"] >= last.get(line["result"], line)["time"]:
            last[line["result"]] = line
    for line in lines(home) if last else ():
        if line["event"] == "done" and line["time"] >= last.get(line["result"], {"time": np.inf})["time"]:
            del last[line["result"]]
    if not last and home.text(FAILURES) is None:
        return 0
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("photo", "result", "reason"))
    writer.writerows((line["source"], line["result"], line["reason"]) for line in last.values())
    home.write(FAILURES, table.getvalue())
    return len(last)
