"""Results and recipes go out; recipes come in."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from ...errors import ImgenError
from .brush import read_strokes
from .budget import cost, in_words
from .chain import cards_of, pipeline_of, recipe_of
from .desk import NOTHING, Desk, Shown, said
from .export import save_result
from .recipes import recipe_in
from .runs import brushed
from .workspace import Workspace


class Saving:
    """Each method answers one event of `page.build`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def download(self, event: gr.EventData, request: gr.Request) -> Shown:
        """Download was clicked: answer with the address of the full-size result."""
        notes: list[str] = []
        try:
            workspace = self.desk.workspace(request)
            if workspace.result is None and workspace.photo is not None and said(event, "revision"):
                return self.desk.message("lost", "")  # the connection was; the page makes it again
            if workspace.result is not None and said(event, "revision") != workspace.revision:
                raise ImgenError("the steps were changed since this result was made; press Download again")
            with self.desk.memory(workspace.result):
                path = save_result(workspace, said(event, "options"), notes)
        except ImgenError as error:
            return self.desk.message("error", str(error))
        text = f"Saved {path.name}, {in_words(path.stat().st_size)}"
        return self.desk.message("saved", text, notes, file={"path": str(path), "name": path.name})

    def load_recipe(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A recipe file, or a picture with a recipe inside, was picked or dropped: answer with its cards."""
        try:
            workspace = self.desk.workspace(request)
            text = said(event, "text")
            if not text:
                text = self._recipe_in(workspace, *self.desk.uploaded(said(event, "path"), said(event, "name")))
            cards, notes = cards_of(text, workspace)
        except ImgenError as error:
            return NOTHING, self.desk.message("error", str(error))
        steps = f"{len(cards)} step{'s' if len(cards) != 1 else ''}"
        return self.desk.show(steps=cards), self.desk.message("ready", f"Recipe loaded: {steps}", notes)

    def _recipe_in(self, workspace: Workspace, path: Path, name: str) -> str:
        try:
            with self.desk.budget.room(workspace.token, cost(path), "opening"):
                return recipe_in(path, name)
        finally:
            self.desk.files.taken(path)

    def save_recipe(self, chain: object, stage: object, request: gr.Request) -> tuple[Shown, Shown]:
        """The recipe was asked for: answer with the address of a JSON file."""
        try:
            workspace = self.desk.workspace(request)
            pipeline, photo = pipeline_of(chain, workspace), workspace.photo
            if photo is not None:
                pipeline = recipe_of(pipeline, brushed(workspace, photo, read_strokes(stage)))
            stem = Path(workspace.name).stem or "imgen"
            path = pipeline.save(workspace.place("recipe", f"{stem}-recipe.json"))
        except ImgenError as error:
            return NOTHING, self.desk.message("error", str(error))
        return self.desk.show(file={"path": str(path), "name": path.name}), NOTHING
