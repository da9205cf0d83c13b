"""The part of a picture that the page looks at closely, at its full size: of the photo, or of what the steps make."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, NamedTuple

import gradio as gr

from ...engine.pipeline import Pipeline
from ...errors import Cancelled, ImgenError
from ...image.photo import Photo
from .brush import read_strokes
from .chain import pipeline_of
from .desk import NOTHING, Desk, Shown, number_of, said
from .proxy import save_proxy
from .revision import revision_of
from .runs import queued
from .workspace import Workspace

MARGIN = 200  # pixels around a part that local steps may look at
LONGEST = 2600  # pixels of what is sent: a large screen
MOST = 3_000_000  # pixels of the part that steps are run on while somebody looks


class Part(NamedTuple):
    """A rectangle in pixels of a picture."""

    left: int
    top: int
    width: int
    height: int

    def inside(self, photo: Photo, margin: int = 0) -> Part:
        """What of it, and of a margin around it, lies in the photo; at least a pixel."""
        left = min(max(0, self.left - margin), photo.width - 1)
        top = min(max(0, self.top - margin), photo.height - 1)
        right = max(left + 1, min(photo.width, self.left + self.width + margin))
        bottom = max(top + 1, min(photo.height, self.top + self.height + margin))
        return Part(left, top, right - left, bottom - top)

    def of(self, photo: Photo) -> Photo:
        """That part of a photo, without its selection."""
        rows, columns = slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)
        alpha = None if photo.alpha is None else photo.alpha[rows, columns]
        return photo.replace(pixels=photo.pixels[rows, columns], alpha=alpha, selection=None, frames=None)


class Tiles:
    """Answers one event of `page.build`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def tile(self, chain: object, stage: object, event: gr.EventData, request: gr.Request) -> Shown:
        """The page looks closely: answer with that part at its full size, or with nothing where it would take long."""
        try:
            workspace = self.desk.workspace(request)
            side = said(event, "side")
            kind = f"tile-{side}"
            cancel = workspace.start(kind, number_of(event))
        except ImgenError:
            return NOTHING
        about = {"side": side, "of": said(event, "of")}
        try:
            with suppress(Cancelled):  # where it is cancelled, another part is looked at
                found = self._part(workspace, chain, stage, side, wanted(event), cancel)
                if found is not None:
                    box, part = found
                    place = workspace.place(kind, "tile", keep=2).parent
                    return self.desk.show(
                        tile={**about, **box._asdict(), "path": str(save_proxy(part, place, LONGEST))}
                    )
        except (ImgenError, OSError):
            return NOTHING  # the preview says what is wrong; the small picture stays
        finally:
            workspace.end(kind, cancel)
        return NOTHING

    def _part(
        self, workspace: Workspace, chain: object, stage: object, side: str, box: Part, cancel: threading.Event
    ) -> tuple[Part, Photo] | None:
        """The part of the photo, of the result, or of what the result will be; None where nobody can say yet."""
        photo, result = workspace.photo, workspace.result
        fresh = result is not None and workspace.revision == revision_of(chain, stage)
        whole = photo if side == "before" else result if fresh else None
        if whole is not None:
            box = box.inside(whole)
            return box, box.of(whole)
        if photo is None or side == "before" or read_strokes(stage).strokes:
            return None
        pipeline = pipeline_of(chain, workspace)
        if not local(pipeline) or box.width * box.height > MOST:
            return None
        with self.desk.previews.place() as place:
            for _ in queued(place, cancel):
                pass
            box = box.inside(photo)
            around = box.inside(photo, MARGIN)
            options: dict[str, Any] = {
                "cache": self.desk.cache, "cancel": cancel, "device": self.desk.device, "preview": True,
            }  # fmt: skip
            with self.desk.shares.short():
                made = pipeline.run(around.of(photo), **options)
        return box, Part(box.left - around.left, box.top - around.top, box.width, box.height).of(made)


def wanted(event: gr.EventData) -> Part:
    """The part that the page asks for, in pixels."""
    texts = (said(event, name) for name in Part._fields)
    return Part(*(int(text) if text.lstrip("-").isdecimal() else 0 for text in texts))


def local(pipeline: Pipeline) -> bool:
    """Whether a part of the result can be made from a part of the photo."""
    steps = [step for step in pipeline.steps if step.enabled]
    return all(step.resolve().about.local and not step.mask for step in steps)
