"""The worker: one photo, from its bytes to its result and its line in the journal. All launchers end here."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from ..contract.context import Context, using
from ..engine.pipeline import Pipeline
from ..errors import Cancelled, ImgenError, PhotoError
from ..image.photo import Photo
from ..io.read import check_readable, decode
from .host import Host
from .journal import Journal
from .manifest import Entry
from .outcome import Event, Outcome, Setup
from .patience import UnansweredError, patiently
from .store import Home, is_url, join, make_folder, opened
from .tables import Columns
from .target import InTheWayError, Settled, Target

LOG = logging.getLogger(__name__)


class Worker:
    """Does photos one after another; models stay loaded.

    Args:
        setup: what all workers of the job know.
        name: of this one; no other one that runs may have it.
        host: what is done around each photo by whose process this is.

    Raises:
        ImgenError: the recipe cannot be run here.
    """

    def __init__(self, setup: Setup, name: str, host: Host | None = None) -> None:
        self.setup, self._host = setup, host or Host()
        given = self._host.pipeline
        self._columns = Columns(Pipeline.from_json(setup.spec.recipe) if given is None else given)
        self._journal = Journal(Home(setup.home), name)
        self._scratch = self._folder(name)

    def _folder(self, name: str) -> Path:
        """A folder for unfinished results: on the disk of the finished ones, where that is on this machine."""
        if is_url(self.setup.home):
            return Path(tempfile.mkdtemp(prefix="imgen-"))
        folder = join(self.setup.home, f"parts/{name}")
        make_folder(folder)
        return Path(folder)

    def close(self) -> None:
        """Write the last lines."""
        self._journal.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __call__(self, entry: Entry) -> Outcome:
        """Read, run, write. What goes wrong with a photo is told, not raised.

        Raises:
            Cancelled: the run was stopped.
        """
        notes: list[str] = []
        clock = Clock()
        try:
            with using(Context(notes=notes, cancel=self._host.cancel)), self._host.turn(entry):
                clock.begin()
                line = self._done(entry, clock, notes)
            return self._told(entry, "done", clock, notes=tuple(notes), size=line["bytes"], line=line)
        except Settled as found:
            return self._told(entry, found.event, clock)
        except Cancelled:
            raise
        except (UnansweredError, InTheWayError) as error:
            return self._told(entry, "later", clock, str(error))
        except OSError as error:  # a disk that is full, a drive that went away
            return self._told(entry, "later", clock, f"{entry.source}: {error.strerror or error}")
        except MemoryError:
            return self._told(
                entry, "failed", clock, "there is not enough memory for this picture; scale it down first"
            )
        except ImgenError as error:
            LOG.debug("%s", entry.source, exc_info=True)
            return self._told(entry, "failed", clock, str(error))
        except Exception as error:  # a million photos don't stop at one that found a mistake
            LOG.warning("%s", entry.source, exc_info=True)
            return self._told(entry, "failed", clock, f"{type(error).__name__}: {error}")

    def _told(
        self,
        entry: Entry,
        event: Event,
        clock: Clock,
        reason: str = "",
        *,
        notes: tuple[str, ...] = (),
        size: int = 0,
        line: dict[str, Any] | None = None,
    ) -> Outcome:
        """Write the line; the outcome."""
        if event == "done":
            self._journal.add("done", entry.result, **entry.about, **(line or {}), **clock.seconds())
        elif event != "skipped" and event != "kept":
            self._journal.add(event, entry.result, **entry.about, reason=reason)
        return Outcome(
            entry.source, entry.result, event, reason, notes, clock.megapixels, size, **clock.seconds(), memory=peak()
        )

    def _done(self, entry: Entry, clock: Clock, notes: list[str]) -> dict[str, Any]:
        """All of it; what the journal says of the result.

        Raises:
            Settled: a result is there already.
            UnansweredError, ImgenError, MemoryError: it cannot be done.
        """
        if entry.problem:
            raise PhotoError(entry.problem)
        target = Target(self.setup, self._journal, entry)
        with self._host.reading(entry):
            photo, content = self._read(entry.source)
        clock.lap("read", photo)
        key = self.setup.spec.key(content, entry.parameters)
        target.check(key)
        part = self._scratch / f"part{os.path.splitext(entry.result)[1]}"
        with self._host.working(entry, photo):
            result = self._run(entry, photo, notes)
            clock.lap("compute")
            with self._host.writing(entry, result):
                self._host.save(entry, result, part, self.setup.spec)
        line = target.write(part, key)
        part.unlink(missing_ok=True)
        clock.lap("write")
        return line

    def _run(self, entry: Entry, photo: Photo | None, notes: list[str]) -> Photo:
        """The steps."""
        return self._columns.pipeline(entry.parameters).run(
            photo,
            progress=partial(self._host.progress, entry),
            cancel=self._host.cancel,
            device=self.setup.device,
            cache=self._host.cache,
            notes=notes,
        )

    def _read(self, source: str) -> tuple[Photo | None, str]:
        """The photo and the SHA-256 of its file; without a source there is none."""
        if not source:
            return None, ""
        tries, pause = self.setup.tries, self.setup.pause
        if not is_url(source):
            path = Path(source)
            check_readable(path)
            data = patiently(path.read_bytes, source, tries, pause)
            return decode(data, path), hashlib.sha256(data).hexdigest()
        fs, place = opened(source)
        data = patiently(lambda: fs.cat_file(place), source, tries, pause)
        if not data:
            raise PhotoError(f"{source} is empty")
        return decode(data, Path(source)).replace(source=None), hashlib.sha256(data).hexdigest()


class Clock:
    """Seconds for reading, computing and writing."""

    def __init__(self) -> None:
        self._laps = {"read": 0.0, "compute": 0.0, "write": 0.0}
        self.megapixels = 0.0
        self.begin()

    def begin(self) -> None:
        """What came before does not count."""
        self._last = time.perf_counter()

    def lap(self, name: str, photo: Photo | None = None) -> None:
        """What came before was `name`."""
        now = time.perf_counter()
        self._laps[name] += now - self._last
        self._last = now
        if photo is not None:
            self.megapixels = round(photo.width * photo.height / 1e6, 6)

    def seconds(self) -> dict[str, float]:
        """Each of them."""
        return {name: round(value, 6) for name, value in self._laps.items()}


def peak() -> float:
    """The most memory that this process had so far, in MiB; 0 where that is not told."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        return 0.0
