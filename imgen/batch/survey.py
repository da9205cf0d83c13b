"""What is left to do: the photos whose results are not there yet, or not any more, or of an earlier state."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import PhotoError
from .journal import Journal
from .ledger import Ledger, Row, state_of
from .manifest import Entry, Listing
from .outcome import Existing
from .spec import Spec
from .store import Stamp, is_url, join, opened, stamp_at

Found = Literal["todo", "done", "failed", "skipped"]
AT_ONCE = 1000  # entries that are looked up in the ledger together


@dataclass
class Counts:
    """How many photos there are of each kind before anything is done."""

    todo: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, kind: Found) -> None:
        """Count one."""
        setattr(self, kind, getattr(self, kind) + 1)


@dataclass(frozen=True)
class Survey:
    """How a job's entries are told apart.

    Attributes:
        spec: the job.
        output: the place of its results.
        listing: all its photos.
        ledger: what its journals say.
        existing: what is done where another result is there.
        retry: whether damaged photos are tried again.
        verify: whether results and photos are read and compared with what the journals say.
        adopt: called with an entry whose result a killed worker left complete.
    """

    spec: Spec
    output: str
    listing: Listing
    ledger: Ledger
    existing: Existing = "refuse"
    retry: bool = False
    verify: bool = False
    adopt: Callable[[Entry, Row], None] | None = None

    def todo(self, entries: Iterator[Entry], counts: Counts) -> Iterator[Entry]:
        """The entries that are left to do; all are counted.

        Raises:
            PhotoError: a result would take the place of a file that is read.
        """
        while some := list(itertools.islice(entries, AT_ONCE)):
            rows = self.ledger.rows([entry.result for entry in some])
            there = self._there(some)
            for entry, row, found in zip(some, rows, there, strict=True):
                kind, entry = self.kind(entry, row, found)
                counts.add(kind)
                if kind == "todo":
                    yield entry

    def _there(self, entries: Sequence[Entry]) -> list[Stamp | None]:
        """What is there of the results; nothing is asked of a store, which would take longer than listing."""
        if is_url(self.output):
            return [None] * len(entries)
        root = self.output.rstrip("/")
        there = [stamp_at(f"{root}/{entry.result}") for entry in entries]
        read = self.listing.reads([found.inode if found else 0 for found in there])
        if any(read):
            place = join(self.output, entries[read.index(True)].result)
            raise PhotoError(f"{place} would replace a file that is read; give another -o")
        return there

    def kind(self, entry: Entry, row: Row | None, found: Stamp | None) -> tuple[Found, Entry]:
        """What an entry is by what the ledger knows and what is there of its result, and the entry with the latter."""
        same = row is not None and row.state == state_of(entry.etag, entry.parameters)
        if row and same and row.event == "failed":
            return ("todo" if self.retry else "failed"), entry
        if is_url(self.output):  # the journals are trusted
            if row is None or row.event != "done":
                return "todo", entry
            if same and (not self.verify or self.right(entry, row)):
                return "done", entry
            return "todo", entry._replace(there="ours", key="" if same else row.key)
        if found is None:
            return "todo", entry
        ours = row is not None and row.event in ("done", "saving") and row.size == found.size
        if row and ours and row.event == "saving":
            ours = digest_of(join(self.output, entry.result)) == row.sha
        if row and ours and same and (not self.verify or self.right(entry, row)):
            if row.event == "saving" and self.adopt is not None:
                self.adopt(entry, row)
            return "done", entry
        if row and ours:  # without a key it is done anew, whatever is there
            return "todo", entry._replace(there="ours", key="" if same else row.key)
        return ("skipped" if self.existing == "skip" else "todo"), entry._replace(there="other")

    def right(self, entry: Entry, row: Row) -> bool:
        """Whether a result and its photo are still those that the journal speaks of, by their bytes."""
        try:
            photo = checksum(entry.source)
            return digest_of(join(self.output, entry.result)) == row.sha and (
                self.spec.key(photo, entry.parameters)[:16] == row.key
            )
        except OSError:
            return False


def adopted(journal: Journal) -> Callable[[Entry, Row], None]:
    """What writes the line that a killed worker could not write any more."""

    def write(entry: Entry, row: Row) -> None:
        journal.add(
            "done",
            entry.result,
            **entry.about,
            bytes=row.size,
            key=row.key,
            sha256=row.sha,
        )

    return write


def checksum(name: str) -> str:
    """SHA-256 of a file or object.

    Raises:
        OSError: it cannot be read.
    """
    if is_url(name):
        fs, path = opened(name)
        with fs.open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    with Path(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(name: str) -> str:
    """The first 16 digits of that."""
    return checksum(name)[:16]
