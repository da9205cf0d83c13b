"""The steps at work: on the photo at its full size, and live on a small copy of it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr

from ...contract.context import Context, using
from ...engine.cache import size
from ...engine.pipeline import Pipeline
from ...errors import Cancelled, ImgenError
from ...image.disk import large_arrays_in
from ...image.photo import Photo
from .brush import Strokes, read_strokes, selection
from .chain import carried, check_selections, pipeline_of, read_cards, recipe_of
from .controls import title
from .desk import GONE, NOTHING, Desk, Shown, number_of
from .heap import trim
from .line import Place
from .looks import Look, looks, picture_of
from .proxy import save_overlay
from .revision import revision_of
from .running import Report, Run
from .small import scaled, with_small_masks
from .telling import titled, told
from .workspace import Workspace

Answer = Iterator[tuple[Shown, Shown]]
PAUSE = 0.5  # seconds between two looks at the line


class Runs:
    """Each method answers one event of `page.build`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def run(self, chain: object, stage: object, event: gr.EventData, request: gr.Request) -> Answer:
        """Run was clicked: report on the bar while it lasts, then show the result on the stage."""
        yield from self._answer(chain, stage, number_of(event), request, live=False)

    def preview(self, chain: object, stage: object, event: gr.EventData, request: gr.Request) -> Answer:
        """Something was changed: the same on a small copy. What it cannot do yet is a hint, not an error."""
        yield from self._answer(chain, stage, number_of(event), request, live=True)

    def cancel(self, event: gr.EventData, request: gr.Request) -> None:
        """Stop a run or preview, also one that still waits for its turn."""
        self.desk.workspace(request).stop(number_of(event))

    def _answer(self, chain: object, stage: object, number: str, request: gr.Request, *, live: bool) -> Answer:
        kind = "preview" if live else "run"
        about: dict[str, Any] = {"run": number, "live": live, "revision": revision_of(chain, stage)}
        try:
            workspace = self.desk.workspace(request)
            cancel = workspace.start(kind, number)
        except ImgenError as error:
            yield NOTHING, self.desk.message("failed", str(error), **about)
            return
        try:
            with (self.desk.previews if live else self.desk.runs).place() as place:
                for report in queued(place, cancel):
                    yield NOTHING, NOTHING if report is None else self._progress(report, about)
                serial = workspace.serial  # before the photo is taken: another may be opened at any time
                job = self._prepare(workspace, chain, read_strokes(stage), live, cancel)
                with self.desk.budget.room(workspace.token, self._room(workspace, job, live), kind):
                    yield from self._reports(workspace, job, serial, about)
        except Cancelled:
            yield NOTHING, self._progress(Report(cancelled=True), about)
        except (ImgenError, OSError) as error:
            text = f"the result cannot be shown: {error}" if isinstance(error, OSError) else str(error)
            yield NOTHING, self.desk.message("failed", text, **about)
        finally:
            workspace.end(kind, cancel)
            self.desk.workspaces.settle()
            if not live:
                trim()

    def _reports(self, workspace: Workspace, job: Run, serial: int, about: dict[str, Any]) -> Answer:
        """Tell how it goes; also of a photo that is gone, as the page waits for the end before it begins anew."""
        for report in job.reports():
            if workspace.serial != serial:  # another photo was opened meanwhile
                if report.ended:
                    yield NOTHING, self._progress(Report(cancelled=True), about)
            elif report.result is None:
                yield NOTHING, self._progress(report, about)
            else:
                yield self._finish(workspace, job, report, about)

    def _room(self, workspace: Workspace, job: Run, live: bool) -> int:
        """Bytes for the pictures that steps carry, and for a result, which takes the place of the one before."""
        made = (
            0 if live or job.photo is None else max(0, size(job.photo) - workspace.budget.of(workspace.token, "result"))
        )
        return carried(job.pipeline) + made

    def _prepare(
        self, workspace: Workspace, chain: object, strokes: Strokes, live: bool, cancel: threading.Event
    ) -> Run:
        pipeline = pipeline_of(chain, workspace)
        if not any(step.enabled for step in pipeline.steps):
            raise ImgenError("there is nothing to run: add a step on the left")
        without = pipeline.expensive if live else ()
        if without:
            pipeline = pipeline.without_expensive()
            if not any(step.enabled for step in pipeline.steps):
                raise ImgenError(f"{title(without[0])} takes long or costs money, and is not previewed: press Run")
        photo = workspace.small if live else workspace.photo
        if photo is None and next(s for s in pipeline.steps if s.enabled).resolve().takes != "nothing":
            raise ImgenError(GONE if strokes.photo else "open a photo first")
        if photo is not None and workspace.photo is not None:
            with using(Context(cancel=cancel)), large_arrays_in(self.desk.work):
                photo = brushed(workspace, photo, strokes)
            check_selections(pipeline, photo)
            pipeline = scaled(pipeline, photo.width / workspace.photo.width)
            pipeline = with_small_masks(pipeline, workspace.photo, photo)
        run = Run(pipeline, photo, self.desk.device, self.desk.cache, cancel, self.desk.shares, without=without)
        return dataclasses.replace(run, short=live, preview=live, shows=read_cards(chain).shows)

    def _progress(self, report: Report, about: dict[str, Any]) -> Shown:
        notes = told(report.notes, self.desk.device)
        if report.error:
            return self.desk.message("failed", titled(report.error), notes, **about)
        if report.cancelled:
            return self.desk.message("cancelled", "Cancelled; nothing was changed", notes, **about)
        text = f"Step {report.step} of {report.steps}: {title(report.tool)}"
        if report.ahead:
            text = f"Waiting for its turn: {report.ahead} before this one"
        return self.desk.message("running", text, notes, done=report.done, **about)

    def _looks(self, job: Run) -> list[tuple[int, Look]]:
        """What each enabled step of a preview made, with its place among all steps; none where something went away."""
        enabled = [i for i, step in enumerate(job.pipeline.steps) if step.enabled]
        with self.desk.shares.short():
            return list(zip(enabled, looks(job.pipeline, job.photo, self.desk.device, self.desk.cache), strict=False))

    def _finish(self, workspace: Workspace, job: Run, report: Report, about: dict[str, Any]) -> tuple[Shown, Shown]:
        assert report.result is not None
        result, live = report.result, bool(about["live"])
        if not live:
            if job.photo is not None:
                result = result.replace(recipe=recipe_of(job.pipeline, job.photo))
            workspace.finish(result)
            report.result = result = workspace.result or result  # what of it was in memory may be on disk now
            workspace.revision = about["revision"]
        shown = self.desk.picture(workspace, "live" if live else "after", result)
        seen_by = [] if not live else self._looks(job)
        selection = next((one.mask for i, one in seen_by if i == job.shows), None)
        selection = result.selection if selection is None else selection
        if selection is not None:
            overlay = workspace.place("overlay", "selection.png", keep=2)
            shown["selection"] = str(save_overlay(selection, overlay))
            shown["selecting"] = last_tool_selects(job.pipeline)  # then the selection is what the user wants to see
        if live:
            shown["looks"] = {str(i): picture_of(one) for i, one in seen_by}
            made = any(s.enabled and s.resolve().takes == "nothing" for s in job.pipeline.steps)
            shown |= {} if made else full_size(workspace.photo, job.photo, result)
        shown |= {"photo": workspace.serial, "moving": result.frames is not None, **about}
        frames = f"{len(result.frames)} frames of " if result.frames is not None else ""
        text = "Preview" if live else f"Done: {frames}{result.width} x {result.height} pixels at full size"
        kind = "previewed" if live else "done"
        notes = told(report.notes, self.desk.device)
        notes += [f"{title(tool)} is not previewed: press Run" for tool in job.without]
        return self.desk.show(result=shown), self.desk.message(kind, text, notes, **about)


def queued(place: Place, cancel: threading.Event) -> Iterator[Report | None]:
    """Wait for the turn: a report whenever somebody before it is through, None now and then.

    Raises:
        Cancelled: it is no longer wanted.
    """
    told = 0
    while not place.wait(PAUSE):
        if cancel.is_set():
            raise Cancelled("cancelled; nothing was changed")
        ahead = place.ahead
        yield None if ahead == told else Report(ahead=ahead)
        told = ahead


def brushed(workspace: Workspace, photo: Photo, strokes: Strokes) -> Photo:
    """The photo, or its small copy, with what was brushed on it as its selection."""
    assert workspace.photo is not None
    if strokes.photo != workspace.serial:
        return photo
    mask = selection(strokes, photo.width, photo.height, photo.width / workspace.photo.width)
    return photo if mask is None else photo.replace(selection=mask)


def last_tool_selects(pipeline: Pipeline) -> bool:
    """Whether the last enabled step gives a selection."""
    return [step for step in pipeline.steps if step.enabled][-1].resolve().gives == "mask"


def full_size(photo: Photo | None, small: Photo | None, result: Photo) -> dict[str, int]:
    """The size that the result of a preview will have, as near as the small copy tells."""
    if photo is None or small is None:
        return {"width": result.width, "height": result.height}
    if (result.width, result.height) == (small.width, small.height):
        return {"width": photo.width, "height": photo.height}
    factor = photo.width / small.width
    return {"width": round(result.width * factor), "height": round(result.height * factor)}
