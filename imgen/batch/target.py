"""The place of one result: whether it may be written, and how it becomes visible at once."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ..errors import PhotoError
from ..io.saving import check_target, replacing
from .journal import Journal, find
from .manifest import Entry
from .outcome import Event, Setup
from .patience import patiently
from .store import Home, is_url, join, key_of, make_folder, put, stamp
from .survey import checksum

T = TypeVar("T")


class Settled(Exception):  # no error  # noqa: N818
    """Nothing is to be done: a result is there."""

    def __init__(self, event: Event) -> None:
        super().__init__(event)
        self.event: Event = event


class InTheWayError(PhotoError):
    """A result of another origin is there, and may not be replaced."""


class Target:
    """Where the result of an entry goes.

    Args:
        setup: of the job.
        journal: of the worker.
        entry: the photo.

    Raises:
        Settled, PhotoError: a result is there that is to be left, as is known without computing anything.
    """

    def __init__(self, setup: Setup, journal: Journal, entry: Entry) -> None:
        self.setup, self.entry = setup, entry
        self._journal = journal
        self.place = join(setup.output, entry.result)
        if entry.there == "other" and not is_url(self.place):
            if setup.existing == "overwrite" or os.path.isdir(self.place):
                check_target(Path(self.place), PhotoError)
            self._refuse()

    def check(self, key: str) -> None:
        """Look whether the result with that key may be written, before it is computed.

        Raises:
            Settled: the right one is there, or one that is to be left.
            PhotoError: one is there that may not be replaced.
        """
        if self.entry.there == "ours" and key[:16] != self.entry.key:
            return
        if self._patiently(stamp) is None:
            return
        if self.entry.there == "ours" or self._made(key):
            self._keep(key)
        if is_url(self.place) and key_of(self.place) is None and self.setup.existing == "refuse":
            return  # a store without keys: whether it is the job's own is seen when its bytes are there
        self._refuse()

    def write(self, part: Path, key: str) -> dict[str, Any]:
        """Make a complete file the result; what the journal says of it.

        Raises:
            PhotoError: another one is there, or the file cannot be written.
        """
        line = {"key": key, "sha256": checksum(str(part)), "bytes": part.stat().st_size}
        if is_url(self.place):
            self._put(part, key)
        else:
            self._rename(part, line)
        return line

    def _patiently(self, action: Callable[[str], T]) -> T:
        return patiently(lambda: action(self.place), self.place, self.setup.tries, self.setup.pause)

    def _made(self, key: str) -> bool:
        """Whether another worker of this job made it meanwhile, or one that was killed before it could say so."""
        if is_url(self.place):
            return self._patiently(key_of) == key
        line = self._last()
        return line is not None and line.get("key") == key and line["sha256"] == checksum(self.place)

    def _last(self) -> dict[str, Any] | None:
        """The journals' last line on a result that came while this run went on."""
        return None if self.entry.there else find(Home(self.setup.home), self.entry.result)

    def _keep(self, key: str) -> None:
        """The result is right as it is; say so.

        Raises:
            Settled: always.
        """
        sha, found = self._patiently(checksum), stamp(self.place)
        size = found.size if found else 0
        last = self._last()
        if last is None or last["event"] != "done":
            self._journal.add("done", self.entry.result, **self.entry.about, key=key, sha256=sha, bytes=size)
        raise Settled("kept")

    def _refuse(self) -> None:
        """Another result is there.

        Raises:
            Settled: it is left.
            InTheWayError: that is an error, unless it may be replaced.
        """
        if self.setup.existing == "skip":
            raise Settled("skipped")
        if self.setup.existing == "refuse":
            raise InTheWayError(f"{self.place} is there already; --overwrite replaces it, --skip-existing leaves it")

    def _put(self, part: Path, key: str) -> None:
        """One put; what is there already without a key is the job's own if it has the same bytes."""
        free = self.entry.there == "ours" or self.setup.existing == "overwrite"
        if not free and self._patiently(stamp) is not None and self._patiently(checksum) != checksum(str(part)):
            self._refuse()
        patiently(lambda: put(part, self.place, key), self.place, self.setup.tries, self.setup.pause)

    def _rename(self, part: Path, line: dict[str, Any]) -> None:
        """The journal says what will be there, then it is."""
        make_folder(os.path.dirname(self.place))
        target, mode = check_target(Path(self.place), PhotoError)
        if self.entry.there != "ours" and os.path.lexists(self.place):  # another program may have been quicker
            if self._made(line["key"]):
                self._keep(line["key"])
            self._refuse()
        part.chmod(mode)
        self._journal.add("saving", self.entry.result, **self.entry.about, **line)
        try:
            part.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise PhotoError(f"{self.place}: {error.strerror}") from error
            with replacing(target) as copy:  # a folder of the output that lies on another disk
                shutil.copyfile(part, copy)
