"""A page's batch is a job in a folder of the editor: it waits in line, lets previews go first and bounds memory."""

from __future__ import annotations

import tempfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...batch import Outcome, run
from ...batch.host import Host
from ...batch.listing import one
from ...batch.manifest import Entry
from ...batch.spec import Spec
from ...engine.cache import size
from ...engine.pipeline import Pipeline
from ...errors import Cancelled, ImgenError
from ...image.disk import large_arrays_in, let_all_go
from ...image.photo import Photo
from .budget import cost, decoding
from .chain import carried, check_selections
from .desk import Desk
from .export import Options, in_users_words, save, saved_name
from .heap import trim
from .naming import free_name, safe_name
from .shares import Aside
from .telling import told
from .workspace import Workspace

PAUSE = 0.5  # seconds between two looks at the line
State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass
class Row:
    """One file of a batch: its upload, the user's name for it, and what the page's table says of it.

    Attributes:
        done: the part of the steps that is done, 0..1.
        text: notes, or why it failed.
        ahead: how many are before it in the line for the cores, its own batch's among them.
    """

    path: Path
    name: str
    state: State = "waiting"
    done: float = 0.0
    text: str = ""
    ahead: int = 0


class PageHost(Host):
    """Lets the photos of one page's batch wait for their turns, and keeps its table.

    Attributes:
        changed: set when the table says something new.
    """

    def __init__(
        self,
        desk: Desk,
        workspace: Workspace,
        pipeline: Pipeline,
        options: Options,
        rows: Sequence[Row],
        cancel: threading.Event,
    ) -> None:
        super().__init__(cancel)
        self.desk, self.workspace, self.options, self.rows = desk, workspace, options, rows
        self.pipeline, self.cache = pipeline, desk.passing
        self.changed = threading.Event()
        self._rows = {str(row.path): row for row in rows}
        self._aside = Aside(desk.shares, cancel)
        self._names: dict[str, str] = {}

    def row(self, source: str) -> Row:
        """The row of a photo."""
        return self._rows[source]

    def table(self) -> list[dict[str, Any]]:
        """The rows as the page shows them."""
        names = ("name", "done", "state", "text", "ahead")
        return [{name: getattr(row, name) for name in names} for row in self.rows]

    def line_up(self, first: Row, ahead: int) -> None:
        """So many are before a row; each photo after it waits for one more."""
        waiting = [row for row in self.rows if row is first or row.state == "waiting"]
        places = [ahead + number for number in range(len(waiting))]
        if places != [row.ahead for row in waiting]:
            for row, place in zip(waiting, places, strict=True):
                row.ahead = place
            self.changed.set()

    @contextmanager
    def turn(self, entry: Entry) -> Iterator[None]:
        """Behind whoever came meanwhile; then the photo has its room. Its upload goes.

        Raises:
            Cancelled: it is no longer wanted.
            ImgenError: there is no room.
        """
        row = self.row(entry.source)
        try:
            with self.desk.runs.place() as place:
                while not place.wait(PAUSE):
                    if self.cancel.is_set():
                        raise Cancelled("cancelled")
                    self.line_up(row, place.ahead)
                if self.cancel.is_set():
                    raise Cancelled("cancelled")
                row.state = "running"
                self.line_up(row, 0)
                self.changed.set()
                with self.desk.budget.room(self.workspace.token, cost(row.path), "opening"):
                    yield
        finally:
            self.desk.files.taken(row.path)
            let_all_go()
            trim()

    @contextmanager
    def reading(self, entry: Entry) -> Iterator[None]:
        """Where there is memory for it; what is large goes to disk."""
        with self.desk.turn(decoding(self.row(entry.source).path)), large_arrays_in(self.desk.work):
            yield
        trim()

    @contextmanager
    def working(self, entry: Entry, photo: Photo | None) -> Iterator[None]:
        """The result has its room.

        Raises:
            ImgenError: a step needs what this photo has not, or there is no room.
        """
        assert self.pipeline is not None
        assert photo is not None
        check_selections(self.pipeline, photo)
        with self.desk.budget.room(self.workspace.token, size(photo) + carried(self.pipeline), "batch"):
            yield

    @contextmanager
    def writing(self, entry: Entry, result: Photo) -> Iterator[None]:
        """Where there is memory for it."""
        with self.desk.memory(result):
            yield

    def progress(self, entry: Entry, done: float, tool: str) -> None:
        """Tell, and step aside for previews."""
        row = self.row(entry.source)
        if row.done != done:
            row.done = done
            self.changed.set()
        let_all_go()  # of the steps before, too, and of their results
        self._aside.step()

    def save(self, entry: Entry, result: Photo, part: Path, spec: Spec) -> None:
        """As the page's options say, which may be another format than the upload's."""
        name = safe_name(saved_name(self.row(entry.source).name, self.options, result))
        self._names[entry.source] = name
        save(result, part.with_name(name), self.options).replace(part)

    def put(self, outcome: Outcome, made: Path, archive: zipfile.ZipFile) -> None:
        """What came of a photo: into the table, and its result into the zip."""
        row = self.row(outcome.source)
        if outcome.ok:
            archive.write(made, free_name(self._names[outcome.source], archive.namelist()))
            made.unlink()
            row.state, row.done, row.text = "done", 1.0, " · ".join(told(outcome.notes, self.desk.device))
        else:
            row.state, row.text = "failed", in_users_words(ImgenError(outcome.reason), row.path, row.name)
        self.changed.set()

    def stop(self) -> None:
        """What is not done is not wanted any more."""
        for row in self.rows:
            if row.state in ("waiting", "running"):
                row.state, row.ahead = "cancelled", 0
        self.changed.set()


def bundle(pipeline: Pipeline, host: PageHost, archive: Path) -> str:
    """Do the whole batch, in a folder that goes; the results are in the zip `archive`. What stopped it, or ""."""
    photos = [one(str(row.path), f"{number:03}{row.path.suffix}") for number, row in enumerate(host.rows)]
    try:
        with (
            zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as into,  # pictures are compressed already
            tempfile.TemporaryDirectory(prefix="batch-", dir=host.desk.files.root) as folder,
        ):
            for outcome in run(pipeline, photos, folder, jobs=0, device=host.desk.device, host=host):
                host.put(outcome, Path(folder) / outcome.result, into)
    except Cancelled:
        return ""
    except (ImgenError, OSError) as error:
        return f"the batch has stopped: {error}"
    except Exception as error:  # a defect of imgen: the page must hear of it, and no one else may suffer
        return f"imgen failed: {error!r}; please report this"
    finally:
        host.stop()
    return ""
