"""What all handlers of the page's events share: the workspaces, the cache, and how an answer looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr

from ...engine.cache import Cache
from ...errors import ImgenError
from ...image.photo import Photo
from ...io.door import open as open_photo
from .budget import LIMIT, Budget, cost
from .export import in_users_words
from .files import Files
from .folder import private_folder
from .proxy import save_proxy
from .workspace import Workspace
from .workspaces import Workspaces

LARGEST_UPLOAD = 500 * 2**20  # bytes
LONGEST_TEXT = 64 * 2**20  # characters that an event carries: a recipe with its pictures
LONGEST_NAME = 1000
Shown = dict[str, Any]
NOTHING = gr.skip()


class Desk:
    """The server's side of all open pages.

    Every answer carries a fresh number, because a page only notices a property that differs from the last.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
        limit: bytes of all open work; see `imgen.editor.state.budget`.
    """

    def __init__(self, device: str = "auto", limit: int = LIMIT) -> None:
        self.budget = Budget(limit)
        self.workspaces = Workspaces(self.budget)
        self.files = Files(private_folder(), self.budget, LARGEST_UPLOAD)
        self.cache = Cache()
        self.device = device
        self._number = count(1)

    def workspace(self, request: gr.Request) -> Workspace:
        """The workspace of the page that asks."""
        return self.workspaces.of(request.session_hash)

    def show(self, **what: Any) -> Shown:
        """An answer to a component: what it finds as `props.shown`."""
        return gr.update(shown={**what, "number": next(self._number)})

    def message(self, kind: str, text: str, notes: list[str] | None = None, **more: Any) -> Shown:
        """An answer to the bar: a message of a kind that bar.js knows."""
        return self.show(state=kind, text=text, notes=notes or [], **more)

    def uploaded(self, path: str, name: str) -> tuple[Path, str]:
        """The place and the user's name of a file that was just uploaded; a page may name no other file.

        Raises:
            ImgenError: it is no upload.
        """
        found = self.files.upload_at(path)
        return found, plain(name) or found.name

    @contextmanager
    def opened(self, owner: str, path: Path, name: str) -> Iterator[Photo]:
        """An upload as a photo, for which there is room as long as the block lasts; the file goes.

        Raises:
            ImgenError: it cannot be read, or there is no room for it. The message has the user's name for it.
        """
        try:
            with self.budget.room(owner, cost(path), "opening"):
                yield read(path, name)
        finally:
            self.files.taken(path)


def read(path: Path, name: str) -> Photo:
    """Open a file; errors speak of the user's name for it."""
    try:
        return open_photo(path)
    except ImgenError as error:
        raise ImgenError(in_users_words(error, path, name)) from error


def said(event: gr.EventData, name: str) -> str:
    """A detail that the page sent along with an event; empty where it sent none.

    Raises:
        ImgenError: it is longer than anything that the page sends.
    """
    try:
        value = getattr(event, name)
    except (AttributeError, TypeError):  # TypeError: the event carries nothing at all
        return ""
    if not isinstance(value, str):
        value = str(value) if isinstance(value, int) and abs(value) < 10**15 else ""
    if len(value) > LONGEST_TEXT:
        raise ImgenError(f"the page sent a {name} that is too long")
    return value


def number_of(event: gr.EventData) -> str:
    """The page's number of a run."""
    return said(event, "run")[:100]


def plain(name: str) -> str:
    """A user's name for a file, without folders and control characters."""
    return "".join(c for c in Path(name[-LONGEST_NAME:].replace("\0", "")).name if c.isprintable())


def picture(workspace: Workspace, purpose: str, photo: Photo) -> dict[str, Any]:
    """What the page shows of a photo: the address of a small picture, and the photo's own size."""
    # the browser may still be reading the picture before, when a preview follows another
    proxy = save_proxy(photo, workspace.place(purpose, "proxy", keep=2).parent)
    return {"path": str(proxy), "width": photo.width, "height": photo.height, "depth": photo.depth}
