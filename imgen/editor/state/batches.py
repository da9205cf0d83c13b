"""Answers the page's event `batch`: the steps on many photos, one after another, and a zip of the results."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Annotated, Any

import gradio as gr
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ...engine.pipeline import Pipeline
from ...errors import ImgenError
from .chain import pipeline_of
from .desk import Desk, Shown, number_of, said
from .export import read_options
from .hosting import PageHost, Row, bundle
from .running import PAUSE, THREAD
from .workspace import Workspace

MOST = 500  # files in one batch


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
            rows = [Row(*self.desk.uploaded(f.path, f.name)) for f in read_files(said(event, "files"))]
            options = read_options(said(event, "options"))
        except ImgenError as error:
            yield self.desk.message("batch-failed", str(error))
            return
        self.desk.files.claim(row.path for row in rows)
        cancel = workspace.start("batch", number)
        host = PageHost(self.desk, workspace, pipeline, options, rows, cancel)
        try:
            yield from self._reports(workspace, pipeline, host, number)
        finally:
            cancel.set()
            workspace.end("batch", cancel)
            for row in rows:
                self.desk.files.taken(row.path)

    def _reports(self, workspace: Workspace, pipeline: Pipeline, host: PageHost, number: str) -> Iterator[Shown]:
        """The table as it changes, and at the end the zip."""
        archive = workspace.place("batch", "imgen-batch.zip")
        ended: queue.SimpleQueue[str] = queue.SimpleQueue()

        def work() -> None:
            ended.put(bundle(pipeline, host, archive))

        threading.Thread(target=work, name=THREAD, daemon=True).start()
        trouble: str | None = None
        while trouble is None:
            if host.changed.wait(PAUSE):
                host.changed.clear()
                yield self.desk.message("batch", "", rows=host.table(), run=number)
            try:
                trouble = ended.get(timeout=PAUSE)
            except queue.Empty:
                continue
        if trouble:
            yield self.desk.message("batch-failed", trouble, rows=host.table(), run=number)
            return
        saved = sum(row.state == "done" for row in host.rows)
        shown: dict[str, Any] = {"file": {"path": str(archive), "name": archive.name}} if saved else {}
        text = f"{saved} of {len(host.rows)} photos saved"
        yield self.desk.message("batch-done", text, rows=host.table(), run=number, **shown)


def read_files(text: str) -> list[Listed]:
    """The files that the page lists.

    Raises:
        ImgenError: it is no such list, or a too long one.
    """
    try:
        return LISTS.validate_json(text)
    except ValidationError as error:
        raise ImgenError(f"the list of files cannot be read, or has more than {MOST}; choose them again") from error
