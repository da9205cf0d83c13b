"""What all handlers of the page's events share: the workspaces, the cache, and how an answer looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr

from ...engine.cache import Cache
from ...errors import ImgenError
from ...image.disk import large_arrays_in
from ...image.photo import Photo
from ...io.door import open as open_photo
from .budget import LIMIT, Budget, cost, decoding
from .disk import large_on_disk, let_photo_go
from .export import in_users_words
from .files import Files
from .folder import private_folder
from .heap import trim
from .line import Line
from .proxy import save_proxy
from .running import THREAD
from .shares import Shares
from .workspace import Workspace
from .workspaces import Workspaces

LARGEST_UPLOAD = 500 * 2**20  # bytes
LONGEST_TEXT = 64 * 2**20  # characters that an event carries: a recipe with its pictures
LONGEST_NAME = 1000
CACHED = 64 * 2**20  # bytes of results of steps in memory: those of previews
CACHED_ON_DISK = 2 * 2**30  # and of those at full size on disk
PREVIEWS = 2  # at work at a time
DECODING = 256 * 2**20  # bytes that photos of all pages take while they are opened, saved and made small
LAST = 2.0  # seconds that a run is waited for at the end
LITTLE = 16 * 2**20  # bytes for which nobody waits
Shown = dict[str, Any]
NOTHING = gr.skip()
GONE = "the photo of this tab is no longer on the server; open it again, the steps are kept"


class Desk:
    """The server's side of all open pages.

    Every answer carries a fresh number, because a page only notices a property that differs from the last.

    Attributes:
        cache: results of steps, for all pages.
        passing: keeps nothing, but puts what is large between two steps on disk: for runs that nobody repeats.
        runs: the line for runs at full size, one at a time; previews: that for previews.
        decoding: the line for the memory that photos take for a moment while they are opened, saved and made small.
        shares: who steps aside for whom.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
        limit: bytes of all open work; see `imgen.editor.state.budget`.
    """

    def __init__(self, device: str = "auto", limit: int = LIMIT) -> None:
        self.budget = Budget(limit)
        self.workspaces = Workspaces(self.budget)
        self.files = Files(private_folder(), self.budget, LARGEST_UPLOAD)
        self.work = self.files.root / "work"
        self.cache = Cache(CACHED, self.rest, CACHED_ON_DISK)
        self.passing = Cache(0, self.rest, 0)
        self.runs, self.previews, self.decoding = Line(1), Line(PREVIEWS), Line(DECODING)
        self.shares = Shares()
        self.device = device
        self._number = count(1)

    def close(self) -> None:
        """Stop all runs and wait a moment for them: Python breaks off when it ends while a model is at work."""
        self.workspaces.close_all()
        for thread in threading.enumerate():
            if thread.name == THREAD:
                thread.join(LAST)

    def workspace(self, request: gr.Request) -> Workspace:
        """The workspace of the page that asks."""
        return self.workspaces.of(request.session_hash)

    def rest(self, photo: Photo) -> Photo:
        """The photo; what is large of it is on disk.

        Raises:
            OSError: there is no room.
        """
        return large_on_disk(photo, self.work)

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
                with self.turn(decoding(path)), large_arrays_in(self.work):
                    photo = read(path, name)
                trim()
                yield photo
        finally:
            self.files.taken(path)

    @contextmanager
    def turn(self, size: int) -> Iterator[None]:
        """Wait until there is memory for so many bytes, which the block may take; runs step aside for it."""
        with nullcontext() if size < LITTLE else self.decoding.turn(size), self.shares.short():
            yield

    @contextmanager
    def memory(self, photo: Photo | None) -> Iterator[None]:
        """Wait until there is memory for a photo's values as files have them; it is given back after the block."""
        # three times for a moment: as integers, in Pillow, and on the way out
        size = 0 if photo is None else 3 * photo.width * photo.height * 4 * photo.depth // 8
        with self.turn(size):
            yield
        let_photo_go(photo)
        if size > LITTLE:
            trim()

    def picture(self, workspace: Workspace, purpose: str, photo: Photo) -> dict[str, Any]:
        """What the page shows of a photo: the address of a small picture, and the photo's own size."""
        # the browser may still be reading the picture before, when a preview follows another
        folder = workspace.place(purpose, "proxy", keep=2).parent
        with self.memory(photo):
            proxy = save_proxy(photo, folder)
        return {"path": str(proxy), "width": photo.width, "height": photo.height, "depth": photo.depth}


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
