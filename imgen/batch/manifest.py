"""What a job has to do, written to disk in parts: each photo, where its result goes, and what is known of both.

Photos are looked at one after another. What is held of each is three numbers: enough to find two results of one name,
and results that would take the place of a photo.
"""

from __future__ import annotations

import json
import os
import posixpath
from array import array
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import PhotoError
from ..io.formats import SUFFIXES
from .journal import read_line
from .kinds import NEAREST, suffix_of, with_suffix, writable_name
from .ledger import digest
from .listing import Found
from .store import Home, is_url, stamp

PART = 10_000  # entries of one file
FOLDER = "manifest"


class Entry(NamedTuple):
    """One photo of a job.

    Attributes:
        source: its path or address.
        result: the name of its result below the output, with "/" between folders.
        etag: the state of the photo.
        size: of the photo in bytes; -1 where it is not known.
        parameters: its own, by column.
        problem: why it cannot be done, where that is known already.
        there: "" where there was no result when the run began, "ours" for one of the same job, "other" for another.
        key: the first digits of that earlier result's key.
    """

    source: str
    result: str
    etag: str = ""
    size: int = -1
    parameters: dict[str, Any] | None = None
    problem: str = ""
    there: str = ""
    key: str = ""

    @property
    def about(self) -> dict[str, Any]:
        """What a line of a journal says of the photo."""
        return {"source": self.source, "etag": self.etag, "parameters": self.parameters}

    def text(self) -> str:
        """One line of JSON, as json.dumps writes it, at a sixth of its time: there may be a million."""
        source, result, etag, size, parameters, problem, there, key = self
        own = "null" if parameters is None else json.dumps(parameters)
        return (
            f"[{quoted(source)}, {quoted(result)}, {quoted(etag)}, {size}, {own}, {quoted(problem)}, {quoted(there)}, "
            f"{quoted(key)}]\n"
        )

    @classmethod
    def from_text(cls, line: str) -> Entry:
        """What `text` wrote."""
        return cls._make(read_line(line)[0])


class Share(NamedTuple):
    """One of several equal parts of a job, told by the results' names alone.

    Attributes:
        number: from 0.
        of: how many there are.
    """

    number: int = 0
    of: int = 1

    def has(self, result: str) -> bool:
        """Whether a result is in it."""
        return self.of == 1 or digest("share", result) % self.of == self.number

    def __str__(self) -> str:
        return f"{self.number}-of-{self.of}"


class Listing:
    """All photos of a job, looked at once and kept in a file; to be used in a `with` block.

    Args:
        found: the photos, in any order; the results' names don't depend on it.
        suffix: the type of all results, such as ".png"; "" takes each photo's own, or the nearest.
        folder: for a temporary file with a line a photo.
        reads: other files that are read, which no result may replace.
    """

    def __init__(self, found: Iterable[Found], suffix: str, folder: Path, reads: Iterable[Path] = ()) -> None:
        self._spool = folder / f"listing-{os.getpid()}.jsonl"
        self._names, inodes = array("Q"), array("Q", map(inode_of, reads))
        self.bytes = 0
        with self._spool.open("w", encoding="ascii") as file:
            for one in found:
                name = result_of(one, suffix)
                self._names.append(digest(name.casefold()))
                inodes.append(one.stamp.inode)
                self.bytes += max(one.stamp.size, 0)
                entry = Entry(one.source, name, one.stamp.etag, one.stamp.size, one.parameters, one.problem)
                file.write(entry.text() if name == one.below else entry._replace(key=one.below).text())
        self._inodes = np.unique(np.frombuffer(inodes, np.uint64)) if inodes else np.empty(0, np.uint64)

    def __enter__(self) -> Listing:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._names)

    def reads(self, inodes: Sequence[int]) -> list[bool]:
        """Whether the files of these numbers are among those that are read; 0 is none."""
        numbers = np.fromiter(inodes, np.uint64, len(inodes))
        return ((numbers != 0) & held(self._inodes, numbers)).tolist()

    def entries(self, share: Share) -> Iterator[Entry]:
        """The photos of a share with their results' names.

        Of several that want one name, those whose type is another keep theirs whole: IMG_1.HEIC beside IMG_1.jpg
        becomes IMG_1.HEIC.jpg.

        Raises:
            PhotoError: two photos would have one result.
        """
        names = np.frombuffer(self._names, np.uint64) if self._names else np.empty(0, np.uint64)
        wanted, times = np.unique(names, return_counts=True)
        twice = set(wanted[times > 1].tolist())
        taken: dict[int, str] = {}
        with self._spool.open(encoding="ascii") as file:
            for mark, line in zip(self._names, file, strict=True):
                entry = Entry.from_text(line)  # its key is the photo's own name here, where that is another
                if mark in twice and not entry.problem:
                    if entry.key:
                        entry = entry._replace(result=entry.key + posixpath.splitext(entry.result)[1])
                        mark = digest(entry.result.casefold())
                    if mark in taken or (mark not in twice and held(wanted, np.array([mark], np.uint64)).any()):
                        raise PhotoError(
                            f"{taken.get(mark, 'another photo')} and {entry.source} would both be saved as "
                            f"{entry.result}; rename one, or give each row of a table a result of its own"
                        )
                    taken[mark] = entry.source
                if share.has(entry.result):
                    yield entry._replace(key="") if entry.key else entry


def result_of(found: Found, suffix: str) -> str:
    """The name that a result has where no other photo's wants it."""
    own = suffix_of(found.below)
    if found.problem or (not suffix and own in SUFFIXES):  # nearly all of them
        return found.below
    below = Path(found.below)
    if suffix:
        return with_suffix(below, suffix).as_posix()
    if is_url(found.source):  # its bytes are not looked at for a name
        return with_suffix(below, NEAREST.get(own, ".png")).as_posix()
    return writable_name(below, Path(found.source)).as_posix()


def write_parts(entries: Iterable[Entry], home: Home, share: Share) -> Iterator[Entry]:
    """The same entries; on the way they are written to the job's folder, in parts."""
    lines: list[str] = []
    part = 0
    for entry in entries:
        lines.append(entry.text())
        if len(lines) == PART:
            home.write(f"{FOLDER}/{share}-{part:05}.jsonl", "".join(lines))
            part, lines = part + 1, []
        yield entry
    if lines:
        home.write(f"{FOLDER}/{share}-{part:05}.jsonl", "".join(lines))


def held(values: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which numbers a sorted array has."""
    if not len(values):
        return np.zeros(len(wanted), bool)
    return values[np.searchsorted(values, wanted).clip(max=len(values) - 1)] == wanted


def inode_of(path: Path) -> int:
    """The number of a file; 0 where there is none."""
    found = stamp(str(path))
    return found.inode if found else 0
