"""The journals of a job in memory: forty bytes a photo, so that a million fit.

What was read of long journals is kept beside them (`ledger.npz`), so that the next run reads only what came since. That
file says nothing that the journals don't: without it they are read from the beginning.
"""

from __future__ import annotations

import csv
import io
import json
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .journal import DONE, FOLDER, about, lines
from .store import Home, join, stamp_at

FAILURES, KEPT = "failed.csv", "ledger.npz"
NAMES = ("", "done", "failed", "saving", "later")  # what became of a photo; "later" may work another time
EVENTS = {name: number for number, name in enumerate(NAMES) if name}
MANY = 5000  # lines that are worth keeping what was read of them


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
    """The last line on each result.

    Args:
        home: the job's folder; None knows nothing.
    """

    def __init__(self, home: Home | None = None) -> None:
        self._columns = tuple(array("Q") for _ in range(6))
        self._times = array("d")
        self._read: dict[str, int] = {}  # characters of each file of the journal
        if home is not None:
            self._take(home)
        before = len(self._times)
        for line in lines(home, self._read) if home is not None else ():
            self._add(line)
        self.fresh = len(self._times) - before  # lines that were read, and not kept before
        self._names, self._order = self._sorted()

    def _take(self, home: Home) -> None:
        """What an earlier run kept, where the journals still are those that it had read."""
        data = home.bytes(KEPT)
        if data is None:
            return
        stream = io.BytesIO(data)
        with np.load(stream, allow_pickle=False) as kept:
            read = json.loads(str(kept["read"]))
            if not all(reaches(home, name, size) for name, size in read.items()):
                return
            for column, values in zip(self._columns, kept["columns"], strict=True):
                column.frombytes(values.tobytes())
            self._times.frombytes(kept["times"].tobytes())
        self._read = read

    def keep(self, home: Home) -> None:
        """Write down what was read, where that is much."""
        if self.fresh < MANY:
            return
        columns = np.stack([np.frombuffer(column, np.uint64)[self._order] for column in self._columns])
        data = io.BytesIO()
        np.savez(data, read=json.dumps(self._read), times=np.frombuffer(self._times)[self._order], columns=columns)
        home.write(KEPT, data.getvalue())

    def _add(self, line: dict[str, Any]) -> None:
        event = EVENTS.get(line.get("event", ""))
        if event is None:
            return
        names, events, states, sizes, keys, shas = self._columns
        names.append(digest(line["result"]))
        events.append(event)
        states.append(state_of(line.get("etag", ""), line.get("parameters")))
        sizes.append(line.get("bytes", 0))
        keys.append(int(line.get("key", "0")[:16], 16))
        shas.append(int(line.get("sha256", "0")[:16], 16))
        self._times.append(line["time"])

    def _sorted(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The names in order, each once, and the number of the last line on each."""
        names = np.frombuffer(self._columns[0], np.uint64) if self._times else np.empty(0, np.uint64)
        order = np.lexsort((np.frombuffer(self._times) if self._times else np.empty(0), names))
        last = np.append(names[order][1:] != names[order][:-1], True)[: len(order)]
        return names[order][last], order[last]

    def __len__(self) -> int:
        return len(self._names)

    def rows(self, results: Sequence[str]) -> list[Row | None]:
        """What is known of some results; nothing is None."""
        if not len(self):
            return [None] * len(results)
        names = np.fromiter(map(digest, results), np.uint64, len(results))
        at = np.searchsorted(self._names, names).clip(max=len(self) - 1)
        known = (self._names[at] == names).tolist()
        numbers = self._order[at].tolist()
        return [self._row(number) if there else None for there, number in zip(known, numbers, strict=True)]

    def _row(self, number: int) -> Row:
        _, events, states, sizes, keys, shas = self._columns
        key, sha = f"{keys[number]:016x}", f"{shas[number]:016x}"
        return Row(NAMES[events[number]], states[number], sizes[number], key, sha)


def reaches(home: Home, name: str, size: int) -> bool:
    """Whether a file of the journal is there and has at least that size; a store's objects are never shortened."""
    if home.url:
        return True
    found = stamp_at(join(home.root, f"{FOLDER}/{name}"))
    return found is not None and found.size >= size


def digest(*parts: str) -> int:
    """64 bits for some texts."""
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def state_of(etag: str, parameters: dict[str, Any] | None) -> int:
    """64 bits for the state of an input and its own parameters."""
    return digest(etag, json.dumps(parameters, sort_keys=True, default=str) if parameters else "")


def write_failures(home: Home) -> int:
    """Write failed.csv anew: the photos whose last word is a failure, with reasons. How many there are."""
    last: dict[str, dict[str, Any]] = {}
    for line in lines(home, wanted=lambda text: not text.startswith(DONE)):
        if line["event"] in ("failed", "later") and line["time"] >= last.get(line["result"], line)["time"]:
            last[line["result"]] = line
    mended = {f'{DONE}"result": {json.dumps(name)}' for name in last}
    for line in lines(home, wanted=lambda text: about(text) in mended) if last else ():
        if line["time"] >= last.get(line["result"], {"time": np.inf})["time"]:
            del last[line["result"]]
    if not last and home.text(FAILURES) is None:
        return 0
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("photo", "result", "reason"))
    writer.writerows((line["source"], line["result"], line["reason"]) for line in last.values())
    home.write(FAILURES, table.getvalue())
    return len(last)
