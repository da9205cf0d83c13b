"""What happens when the user does something on the page. Each method answers one event of `page.build`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder, is_in_or_equal

from ..cache import Cache
from ..context import Context, using
from ..errors import ImgenError
from ..photo import Photo
from ..photo import open as open_photo
from ..pictures import as_mask
from ..plugins import tools
from .assets import SAMPLES
from .chain import MARK, cards_of, check_selections, pipeline_of, recipe_of
from .export import in_users_words, save_result
from .proxy import save_overlay, save_proxy
from .running import Report, Run
from .strokes import Strokes, read_strokes, selection
from .workspace import Workspace, Workspaces

Shown = dict[str, Any]
NOTHING = gr.skip()


def said(event: gr.EventData, name: str) -> str:
    """A detail that the page sent along with an event; empty where it sent none."""
    try:
        return str(getattr(event, name))
    except (AttributeError, TypeError):  # TypeError: the event carries nothing at all
        return ""


class Handlers:
    """The server's side of the page: reads what a component sent, works, and answers with what it shows.

    Every answer carries a fresh number, because a page only notices a property that differs from the last.
    """

    def __init__(self, device: str = "auto") -> None:
        self.workspaces = Workspaces()
        self.cache = Cache()
        self.device = device
        self._number = count(1)

    def _show(self, **what: Any) -> Shown:
        return gr.update(shown={**what, "number": next(self._number)})

    def _message(self, kind: str, text: str, notes: list[str] | None = None) -> Shown:
        return self._show(state=kind, text=text, notes=notes or [])

    def _uploaded(self, workspace: Workspace, event: gr.EventData) -> tuple[Path, str]:
        """The file that the page just uploaded; the page may name no other file."""
        path = Path(said(event, "path"))
        if not is_in_or_equal(path, get_upload_folder()) or not path.is_file():
            raise ImgenError("the upload got lost; try again")
        workspace.uploads.add(path)
        return path, Path(said(event, "name") or path.name).name

    def open_upload(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A file was dropped or picked: answer with its picture for the stage, and a message for the bar."""
        try:
            workspace = self.workspaces.of(request.session_hash)
            return self._open(workspace, *self._uploaded(workspace, event))
        except (ImgenError, OSError) as error:  # OSError: no room for what the page shows
            return NOTHING, self._message("error", str(error))

    def open_sample(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A sample was clicked."""
        known = {path.name: path for path in SAMPLES.glob("*.jpg")}
        try:
            name = said(event, "name")
            if name not in known:
                raise ImgenError(f"there is no sample {name!r}")
            return self._open(self.workspaces.of(request.session_hash), known[name], name)
        except (ImgenError, OSError) as error:
            return NOTHING, self._message("error", str(error))

    def _open(self, workspace: Workspace, path: Path, name: str) -> tuple[Shown, Shown]:
        notes: list[str] = []
        try:
            with using(Context(notes=notes)):
                photo = open_photo(path)
        except ImgenError as error:
            raise ImgenError(in_users_words(error, path, name)) from error
        workspace.begin(photo, name)
        picture = self._picture(workspace, "before", photo)
        return self._show(picture={**picture, "name": name, "photo": workspace.serial}), self._message(
            "ready", "", notes
        )

    def _picture(self, workspace: Workspace, purpose: str, photo: Photo) -> dict[str, Any]:
        proxy = save_proxy(photo, workspace.place(purpose, "proxy").parent)
        return {"path": str(proxy), "width": photo.width, "height": photo.height, "depth": photo.depth}

    def run(
        self, chain: object, stage: object, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Shown, Shown]]:
        """Run was clicked: report on the bar while it lasts, then show the result on the stage."""
        try:
            workspace = self.workspaces.of(request.session_hash)
            serial, job = self._prepare(workspace, chain, read_strokes(stage), said(event, "run"))
        except ImgenError as error:
            yield NOTHING, self._message("failed", str(error))
            return
        for report in job.reports():
            if workspace.serial != serial:  # another photo was opened meanwhile
                continue
            try:
                if report.result is None:
                    yield NOTHING, self._progress(report)
                else:
                    yield self._finish(workspace, job, report)
            except OSError as error:
                yield NOTHING, self._message("failed", f"the result cannot be shown: {error}")

    def _prepare(self, workspace: Workspace, chain: object, strokes: Strokes, run: str) -> tuple[int, Run]:
        pipeline = pipeline_of(chain, workspace)
        if not any(step.enabled for step in pipeline.steps):
            raise ImgenError("there is nothing to run: add a step on the left")
        photo = workspace.photo
        if photo is None and next(s for s in pipeline.steps if s.enabled).resolve().takes != "nothing":
            raise ImgenError("open a photo first")
        if photo is not None:
            brushed = selection(strokes, photo.width, photo.height) if strokes.photo == workspace.serial else None
            photo = photo if brushed is None else photo.replace(selection=brushed)
            check_selections(pipeline, photo)
        workspace.cancel.set()  # the latest run wins
        workspace.cancel = threading.Event()
        if run in workspace.cancelled:
            workspace.cancel.set()
        return workspace.serial, Run(pipeline, photo, self.device, self.cache, workspace.cancel)

    def _progress(self, report: Report) -> Shown:
        if report.error:
            return self._message("failed", report.error, report.notes)
        if report.cancelled:
            return self._message("cancelled", "Cancelled; nothing was changed", report.notes)
        text = f"Step {report.step} of {report.steps}: {report.tool}"
        return self._show(state="running", text=text, done=report.done, notes=report.notes)

    def _finish(self, workspace: Workspace, job: Run, report: Report) -> tuple[Shown, Shown]:
        assert report.result is not None
        if job.photo is not None:
            report.result = report.result.replace(recipe=recipe_of(job.pipeline, job.photo).to_json())
        result = workspace.result = report.result
        shown = self._picture(workspace, "after", result)
        if result.selection is not None:
            overlay = workspace.place("overlay", "selection.png")
            shown["selection"] = str(save_overlay(result.selection, overlay))
            last = [step for step in job.pipeline.steps if step.enabled][-1]
            shown["selecting"] = last.resolve().gives == "mask"  # then the selection is what the user wants to see
        shown["moving"] = result.frames is not None
        frames = f"{len(result.frames)} frames of " if result.frames is not None else ""
        text = f"Done: {frames}{result.width} x {result.height} pixels at full size"
        return self._show(result={**shown, "photo": workspace.serial}), self._message("done", text, report.notes)

    def cancel(self, event: gr.EventData, request: gr.Request) -> None:
        """Cancel was clicked; also stops a run that still waits for its turn."""
        workspace = self.workspaces.of(request.session_hash)
        workspace.cancelled.add(said(event, "run"))
        workspace.cancel.set()

    def download(self, event: gr.EventData, request: gr.Request) -> Shown:
        """Download was clicked: answer with the address of the full-size result."""
        notes: list[str] = []
        try:
            path = save_result(self.workspaces.of(request.session_hash), said(event, "format"), notes)
        except ImgenError as error:
            return self._message("error", str(error))
        size = path.stat().st_size
        told = (
            f"Saved {path.name}, {size / 2**20:.1f} MiB"
            if size >= 2**20
            else f"Saved {path.name}, {size / 1024:.0f} KiB"
        )
        return self._show(state="saved", text=told, notes=notes, file={"path": str(path), "name": path.name})

    def attach(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A second picture was uploaded for a step: answer with its token."""
        try:
            workspace = self.workspaces.of(request.session_hash)
            path, name = self._uploaded(workspace, event)
            tool = tools().get(said(event, "tool"))
            kind = tool.pictures.get(said(event, "parameter")) if tool else None
            try:
                photo = open_photo(path)
            except ImgenError as error:
                raise ImgenError(in_users_words(error, path, name)) from error
            token = MARK + workspace.keep(as_mask(photo) if kind == "mask" else photo.pixels)
        except ImgenError as error:
            return NOTHING, self._message("error", str(error))
        return self._show(
            attached={"step": said(event, "step"), "parameter": said(event, "parameter"), "token": token}
        ), NOTHING

    def load_recipe(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A recipe file was picked: answer with its cards."""
        try:
            cards, notes = cards_of(said(event, "text"), self.workspaces.of(request.session_hash))
        except ImgenError as error:
            return NOTHING, self._message("error", str(error))
        return self._show(steps=cards), self._message("ready", f"Recipe loaded: {len(cards)} steps", notes)

    def save_recipe(self, chain: object, stage: object, request: gr.Request) -> tuple[Shown, Shown]:
        """The recipe was asked for: answer with the address of a JSON file."""
        try:
            workspace = self.workspaces.of(request.session_hash)
            pipeline, strokes, photo = pipeline_of(chain, workspace), read_strokes(stage), workspace.photo
            if photo is not None and strokes.photo == workspace.serial:
                photo = photo.replace(selection=selection(strokes, photo.width, photo.height))
                pipeline = recipe_of(pipeline, photo)
            stem = Path(workspace.name).stem or "imgen"
            path = pipeline.save(workspace.place("recipe", f"{stem}-recipe.json"))
        except ImgenError as error:
            return NOTHING, self._message("error", str(error))
        return self._show(file={"path": str(path), "name": path.name}), NOTHING

    def close(self, request: gr.Request) -> None:
        """The page was closed."""
        self.workspaces.close(request.session_hash)
