"""The steps on many photos, one after another, and a zip of the results."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import gradio as gr
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ...contract.context import Context, using
from ...engine.cache import size
from ...engine.pipeline import Pipeline
from ...errors import ImgenError
from ...image.photo import Photo
from .chain import carried, check_selections, pipeline_of
from .desk import Desk, Shown, number_of, said
from .export import Options, read_options, save, saved_name
from .running import Run
from .workspace import Workspace

MOST = 500  # files in one batch
PAUSE = 0.5  # seconds between two looks at the line


class Listed(BaseModel):
    """One file of a batch: its upload, and the user's name for it."""

    path: Annotated[str, Field(max_length=4096)]
    name: Annotated[str, Field(max_length=4096)]


LISTS = TypeAdapter(Annotated[list[Listed], Field(max_length=MOST)])


class Batches:
    """Answers the page's event `batch`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def batch(self, chain: object, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """Run every file; one that fails is reported and the others go on. The table is sent whenever it changes."""
        number = number_of(event)
        try:
            workspace = self.desk.workspace(request)
            pipeline = pipeline_of(chain, workspace)
            if not any(step.enabled for step in pipeline.steps):
                raise ImgenError("there is nothing to run: add a step on the left")
            files = [self.desk.uploaded(f.path, f.name) for f in read_files(said(event, "files"))]
            options = read_options(said(event, "options"))
        except ImgenError as error:
            yield self.desk.message("batch-failed", str(error))
            return
        self.desk.files.claim(path for path, _ in files)
        cancel = workspace.start("batch", number)
        try:
            yield from self._all(workspace, cancel, pipeline, files, options, number)
        finally:
            workspace.end("batch", cancel)
            for path, _ in files:
                self.desk.files.taken(path)

    def _all(
        self,
        workspace: Workspace,
        cancel: threading.Event,
        pipeline: Pipeline,
        files: list[tuple[Path, str]],
        options: Options,
        number: str,
    ) -> Iterator[Shown]:
        """Run them one after another."""
        rows = [{"name": name, "done": 0.0, "state": "waiting", "text": ""} for _, name in files]
        archive = workspace.place("batch", "imgen-batch.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as bundle:  # pictures are compressed already
            for row, (path, name) in zip(rows, files, strict=True):
                for _ in self._one(workspace, cancel, pipeline, path, name, options, row, bundle):
                    yield self.desk.message("batch", "", rows=rows, run=number)
            saved = len(bundle.namelist())
        shown: dict[str, Any] = {"file": {"path": str(archive), "name": archive.name}} if saved else {}
        text = f"{saved} of {len(rows)} photos saved"
        yield self.desk.message("batch-done", text, rows=rows, run=number, **shown)

    def _one(
        self,
        workspace: Workspace,
        cancel: threading.Event,
        pipeline: Pipeline,
        path: Path,
        name: str,
        options: Options,
        row: dict[str, Any],
        bundle: zipfile.ZipFile,
    ) -> Iterator[None]:
        """Open, run, save into the zip; the row of the table tells how it goes."""
        if cancel.is_set():
            row |= {"state": "cancelled"}
            yield
            return
        try:
            notes: list[str] = []
            with ExitStack() as stack:
                place = stack.enter_context(self.desk.runs.place())  # behind whoever came meanwhile
                while not place.wait(PAUSE):
                    if cancel.is_set():
                        row |= {"state": "cancelled"}
                        yield
                        return
                    yield
                with using(Context(notes=notes)):  # not around a yield: each part of this may run in another thread
                    photo = stack.enter_context(self.desk.opened(workspace.token, path, name))
                check_selections(pipeline, photo)
                stack.enter_context(self.desk.budget.room(workspace.token, size(photo) + carried(pipeline), "batch"))
                yield from self._run(workspace, cancel, pipeline, photo, name, options, row, bundle, notes)
        except (ImgenError, OSError) as error:
            row |= {"state": "failed", "text": str(error)}
            yield

    def _run(
        self,
        workspace: Workspace,
        cancel: threading.Event,
        pipeline: Pipeline,
        photo: Photo,
        name: str,
        options: Options,
        row: dict[str, Any],
        bundle: zipfile.ZipFile,
        notes: list[str],
    ) -> Iterator[None]:
        job = Run(pipeline, photo, self.desk.device, self.desk.passing, threading.Event(), self.desk.shares)
        for report in job.reports():
            if cancel.is_set():
                job.cancel.set()
            row |= {"state": "running", "done": report.done}
            if report.error:
                raise ImgenError(report.error)
            if report.cancelled:
                row |= {"state": "cancelled"}
            if report.result is not None:
                with using(Context(notes=notes)), self.desk.memory(report.result):
                    made = save(
                        report.result, workspace.place("batched", saved_name(name, options, report.result)), options
                    )
                bundle.write(made, free_name(made.name, bundle))
                row |= {"state": "done", "done": 1.0, "text": " · ".join([*notes, *report.notes])}
            yield


def read_files(text: str) -> list[Listed]:
    """The files that the page lists.

    Raises:
        ImgenError: it is no such list, or a too long one.
    """
    try:
        return LISTS.validate_json(text)
    except ValidationError as error:
        raise ImgenError(f"the list of files cannot be read, or has more than {MOST}; choose them again") from error


def free_name(name: str, bundle: zipfile.ZipFile) -> str:
    """The name, or name-2 and so on where another photo has taken it."""
    path, number = Path(name), 2
    while name in bundle.namelist():
        name = f"{path.stem}-{number}{path.suffix}"
        number += 1
    return name
