"""Photos and second pictures come in: uploads, samples, and the work of a page that was loaded again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from ...contract.context import Context, using
from ...engine.toolbox import tools
from ...errors import ImgenError
from ...image.disk import large_arrays_in
from ...image.photo import Photo
from ...image.seen import seen
from ...image.tone import tone_of
from ...io.pictures import as_mask, load_pictures
from ..web.assets import SAMPLES
from .budget import carried_cost
from .chain import MARK, cards_of
from .desk import GONE, NOTHING, Desk, Shown, plain, said
from .shelf import Shelved
from .small import small_copy
from .workspace import Carried, Picture, Workspace


class Opening:
    """Each method answers one event of `page.build`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def open_upload(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A file was dropped or picked: answer with its picture for the stage, and a message for the bar."""
        try:
            workspace = self.desk.workspace(request)
            path, name = self.desk.uploaded(said(event, "path"), said(event, "name"))
            if said(event, "behind") and workspace.photo is not None:
                return self._open_behind(workspace, path, name)
            return self._open(workspace, path, name)
        except (ImgenError, OSError) as error:  # OSError: no room for what the page shows
            return NOTHING, self.desk.message("error", str(error))

    def open_sample(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A sample was clicked."""
        known = {path.name: path for path in SAMPLES.glob("*.jpg")}
        try:
            name = said(event, "name")
            if name not in known:
                raise ImgenError(f"there is no sample {plain(name)[:80]!r}")
            return self._open(self.desk.workspace(request), known[name], name)
        except (ImgenError, OSError) as error:
            return NOTHING, self.desk.message("error", str(error))

    def _open(self, workspace: Workspace, path: Path, name: str) -> tuple[Shown, Shown]:
        notes: list[str] = []
        with (
            using(Context(notes=notes)),
            self.desk.opened(workspace.token, path, name) as photo,
            self.desk.memory(photo),  # for the small copy
        ):
            workspace.begin(photo, name)
        self.desk.workspaces.settle()
        recipe = self._recipe(workspace, photo)
        return self._begun(workspace, photo, notes, recipe=recipe), self.desk.message("ready", "")

    def _open_behind(self, workspace: Workspace, path: Path, name: str) -> tuple[Shown, Shown]:
        """One of several files: it waits beside the photo that is worked on."""
        notes: list[str] = []
        with (
            using(Context(notes=notes)),
            self.desk.opened(workspace.token, path, name) as photo,
            self.desk.memory(photo),
        ):
            workspace.shelf.put(f"photo-{secrets.token_hex(4)}", Shelved(photo, small_copy(photo), name))
        self.desk.workspaces.settle()
        told = [*(f"{name}: {line}" for line in notes), *closed(workspace)]
        return self.desk.show(shelf=workspace.shelf.told(), notes=told), self.desk.message("ready", "")

    def _recipe(self, workspace: Workspace, photo: Photo) -> list[dict[str, Any]] | None:
        """The cards of the recipe that imgen put into the picture; None where there is none that runs here."""
        if photo.recipe is None:
            return None
        try:
            return cards_of(photo.recipe, workspace)[0]
        except ImgenError:  # a tool that is not installed here, say: the photo can be edited all the same
            return None

    def _begun(self, workspace: Workspace, photo: Photo, notes: Iterable[str] = (), **more: Any) -> Shown:
        shown = self.desk.picture(workspace, "before", photo)
        about = {"name": workspace.name, "photo": workspace.serial, "token": workspace.token, "key": workspace.key}
        coloured = workspace.small is not None and tone_of(seen(workspace.small)) is None
        more |= {"shelf": workspace.shelf.told(), "coloured": coloured}
        more["notes"] = [*notes, *closed(workspace)]
        return self.desk.show(picture={**shown, **about, **more})

    def unshelve(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """Another of the open photos was clicked: answer with it."""
        try:
            workspace = self.desk.workspace(request)
            workspace.unshelve(said(event, "key"))
            assert workspace.photo is not None
            self.desk.workspaces.settle()
            return self._begun(workspace, workspace.photo), self.desk.message("ready", "")
        except (ImgenError, OSError) as error:
            return NOTHING, self.desk.message("error", str(error))

    def close_photo(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """One of the open photos is not wanted any more: answer with the one that is worked on now, and the others."""
        try:
            workspace = self.desk.workspace(request)
            serial = workspace.serial
            workspace.close_photo(said(event, "key"))
            assert workspace.photo is not None
            if workspace.serial != serial:
                return self._begun(workspace, workspace.photo), self.desk.message("ready", "")
            return self.desk.show(shelf=workspace.shelf.told()), NOTHING
        except (ImgenError, OSError) as error:
            return NOTHING, self.desk.message("error", str(error))

    def restore(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """The page was loaded again and still knows its work's token: answer with the photo."""
        try:
            workspace = self.desk.workspaces.restore(said(event, "token"), request.session_hash)
            if workspace is None or workspace.photo is None:
                return self.desk.show(gone=True), self.desk.message("error", GONE)
            return self._begun(workspace, workspace.photo, restored=True), self.desk.message("ready", "")
        except (ImgenError, OSError) as error:
            return NOTHING, self.desk.message("error", str(error))

    def attach(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """A second picture was uploaded for a step: answer with its token."""
        where = {name: said(event, name)[:1000] for name in ("step", "parameter", "name")}
        try:
            workspace = self.desk.workspace(request)
            tool = tools().get(said(event, "tool"))
            kind = tool.pictures.get(said(event, "parameter")) if tool else None
            notes: list[str] = []
            with (
                self._given(workspace, event) as photo,
                using(Context(notes=notes)),
                self.desk.memory(photo),
                large_arrays_in(self.desk.work),
            ):
                token = MARK + workspace.keep(as_mask(photo) if kind == "mask" else seen(photo))
            self.desk.workspaces.settle()
        except (ImgenError, OSError) as error:
            # the page waits for an answer also where there is no picture
            return self.desk.show(attached=where), self.desk.message("error", str(error))
        shown = self.desk.message("ready", "", notes) if notes else NOTHING
        return self.desk.show(attached={**where, "token": token}), shown

    def _given(self, workspace: Workspace, event: gr.EventData) -> AbstractContextManager[Photo]:
        """A second picture: one of the photos that are open, or an upload."""
        key = said(event, "shelf")
        if key:
            return nullcontext(workspace.shelf.get(key).photo)
        path, name = self.desk.uploaded(said(event, "path"), said(event, "name"))
        return self.desk.opened(workspace.token, path, name)

    def second(self, event: gr.EventData, request: gr.Request) -> tuple[Shown, Shown]:
        """Places are to be picked on a step's second picture: answer with what the page shows of it."""
        try:
            workspace, token = self.desk.workspace(request), said(event, "token")
            found = workspace.pictures.get(token.removeprefix(MARK))
            if found is None:
                raise ImgenError("the step's picture is no longer on the server; choose it again")
            shown = self.desk.picture(workspace, "second", Photo.from_array(decoded(self.desk, workspace, found)))
        except (ImgenError, OSError) as error:
            return NOTHING, self.desk.message("error", str(error))
        return self.desk.show(second={**shown, "token": token}), NOTHING

    def close(self, request: gr.Request) -> None:
        """The page was closed, or is loaded again."""
        self.desk.workspaces.close(request.session_hash)


def closed(workspace: Workspace) -> list[str]:
    """What the page says of photos that had to go."""
    return [f"{name} was closed, as there was no room for so many photos" for name in workspace.shelf.missed()]


def decoded(desk: Desk, workspace: Workspace, picture: Picture) -> NDArray[np.float32]:
    """A second picture as an array; one that a recipe carries is decoded first.

    Raises:
        ImgenError: it cannot be read, or there is no room for it.
    """
    if not isinstance(picture, Carried):
        return picture
    with desk.budget.room(workspace.token, carried_cost(picture.text), "second"):
        return load_pictures(picture.tool, {picture.parameter: picture.text})[picture.parameter]
