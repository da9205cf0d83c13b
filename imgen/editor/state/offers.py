"""What a choice, a slider or a seed would give: the person's own photo, small, once with each of its values."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import gradio as gr

from ...contract.tool import Tool
from ...engine.pipeline import Pipeline
from ...errors import Cancelled, ImgenError
from ...image.photo import Photo
from .brush import read_strokes
from .chain import check_selections, pipeline_of
from .controls import controls
from .desk import NOTHING, Desk, Shown, number_of, said
from .proxy import save_thumbnail
from .runs import brushed, queued
from .small import scaled, small_copy, with_small_masks
from .workspace import Workspace

LONGEST = 320  # pixels of what each is computed on
MOST = 25  # values that are shown
FEW = 6  # along a slider, and of seeds
SEED = "seed"
SIDE = 5  # places of a pad, across and down
Answer = Iterator[tuple[Shown, Shown]]


class Offers:
    """Each method answers one event of `page.build`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def offer(self, chain: object, stage: object, event: gr.EventData, request: gr.Request) -> Answer:
        """A choice is looked at: answer with a small picture for each value, as they are made."""
        about: dict[str, Any] = {name: said(event, name) for name in ("step", "parameter", "run")}
        try:
            workspace = self.desk.workspace(request)
            cancel = workspace.start("offer", number_of(event))
        except ImgenError as error:
            yield NOTHING, self.desk.message("error", str(error))
            return
        made: list[dict[str, Any]] = []
        try:
            # where it is cancelled the next one has begun, or the photo is another
            with suppress(Cancelled), self.desk.previews.place() as place:
                for _ in queued(place, cancel):
                    pass
                pipeline, photo = self._prepare(workspace, pipeline_of(chain, workspace), stage, index_of(event))
                for value, label, photo_with in self._each(pipeline, photo, about["parameter"], cancel):
                    path = workspace.place("offer", "offer.jpg", keep=MOST)
                    made.append({"value": value, "label": label, "path": str(save_thumbnail(photo_with, path))})
                    yield self.desk.show(offers={**about, "pictures": [*made], "more": True}), NOTHING
        except (ImgenError, OSError) as error:
            yield NOTHING, self.desk.message("error", str(error))
        finally:
            workspace.end("offer", cancel)
        yield self.desk.show(offers={**about, "pictures": made, "more": False}), NOTHING

    def _prepare(
        self, workspace: Workspace, whole: Pipeline, stage: object, index: int
    ) -> tuple[Pipeline, Photo | None]:
        """The steps up to that one, and a photo for them; none where the first one makes a picture from nothing."""
        if not 0 <= index < len(whole.steps):
            raise ImgenError("the steps were changed; look again")
        last = dataclasses.replace(whole.steps[index], enabled=True)
        pipeline = Pipeline((*whole.steps[:index], last))
        if workspace.photo is None or workspace.small is None:
            if next(step for step in pipeline.steps if step.enabled).resolve().takes != "nothing":
                raise ImgenError("open a photo first")
            return pipeline, None
        photo = brushed(workspace, small_copy(workspace.small, LONGEST), read_strokes(stage))
        check_selections(pipeline, photo)
        pipeline = with_small_masks(pipeline, workspace.photo, photo)
        return scaled(pipeline, photo.width / workspace.photo.width), photo

    def _each(
        self, pipeline: Pipeline, photo: Photo | None, parameter: str, cancel: threading.Event
    ) -> Iterator[tuple[Any, str, Photo]]:
        """Each value, what it is called, and the photo with it."""
        options: dict[str, Any] = {
            "cache": self.desk.cache, "cancel": cancel, "device": self.desk.device, "preview": True,
        }  # fmt: skip
        *before, last = pipeline.steps
        tool = last.resolve()
        if parameter == "candidate" and tool.gives == "pictures":
            for i, candidate in enumerate(pipeline.candidates(photo, **options)[:MOST]):
                yield i, candidate.label, candidate.photo
            return
        names = parameter.split(",")  # of a pad, which is two parameters
        for value in values_of(tool, parameter):
            given = dict(zip(names, value if len(names) > 1 else [value], strict=True))
            changed = dataclasses.replace(last, parameters={**last.parameters, **given})
            with self.desk.shares.short():
                made = Pipeline((*before, changed)).run(photo, **options)
            yield value, ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in given.values()), made


def index_of(event: gr.EventData) -> int:
    """Which step it is about, counted from 0; -1 where the page sends none."""
    text = said(event, "index")
    return int(text) if text.isdecimal() else -1


def values_of(tool: Tool, parameter: str) -> list[Any]:
    """The values of a choice, some along a slider, the first seeds, or places of a pad: "x,y" names its parameters.

    Raises:
        ImgenError: it is none of these.
    """
    known = {c["name"]: c for c in controls(tool)}
    across, _, down = parameter.partition(",")
    if known.get(across, {}).get("pad") == "x" and known.get(down, {}).get("pad") == "y":
        xs, ys = (along(c["min"], c["max"], c["step"], whole=False, count=SIDE) for c in (known[across], known[down]))
        return [[x, y] for y in ys for x in xs]
    found = known.get(parameter)
    if found and found["kind"] == "choice":
        return found["choices"][:MOST]
    if found and parameter == SEED:
        return list(range(FEW))
    if found and "step" in found:
        return along(found["min"], found["max"], found["step"], whole=found["kind"] == "integer")
    raise ImgenError(f"{tool.name} has nothing to choose from for {parameter}")


def along(low: float, high: float, step: float, *, whole: bool, count: int = FEW) -> list[float]:
    """A few values from one end of a slider to the other."""
    digits = max(0, -math.floor(math.log10(step)))
    values = (low + (high - low) * i / (count - 1) for i in range(count))
    return list(dict.fromkeys(round(value) if whole else round(value, digits) for value in values))
