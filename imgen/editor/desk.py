"""What all handlers of the page's events share: the workspaces, the cache, and how an answer looks."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder, is_in_or_equal

from ..cache import Cache
from ..errors import ImgenError
from ..photo import Photo
from .proxy import save_proxy
from .workspace import Workspace, Workspaces

Shown = dict[str, Any]
NOTHING = gr.skip()


class Desk:
    """The server's side of all open pages.

    Every answer carries a fresh number, because a page only notices a property that differs from the last.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
    """

    def __init__(self, device: str = "auto") -> None:
        self.workspaces = Workspaces()
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


def said(event: gr.EventData, name: str) -> str:
    """A detail that the page sent along with an event; empty where it sent none."""
    try:
        return str(getattr(event, name))
    except (AttributeError, TypeError):  # TypeError: the event carries nothing at all
        return ""


def uploaded(workspace: Workspace, path: str, name: str) -> tuple[Path, str]:
    """The place and the user's name of a file that the page just uploaded; the page may name no other file.

    Raises:
        ImgenError: it is no upload.
    """
    found = upload_at(path)
    workspace.uploads.add(found)
    return found, Path(name or found.name).name


def upload_at(path: str) -> Path:
    """The place of an upload, as it was told.

    Raises:
        ImgenError: it is no upload: nobody may name other files of this machine.
    """
    found = Path(path)
    if not is_in_or_equal(found, get_upload_folder()) or not found.is_file():
        raise ImgenError("the upload got lost; try again")
    return found


def picture(workspace: Workspace, purpose: str, photo: Photo) -> dict[str, Any]:
    """What the page shows of a photo: the address of a small picture, and the photo's own size."""
    # the browser may still be reading the picture before, when a preview follows another
    proxy = save_proxy(photo, workspace.place(purpose, "proxy", keep=2).parent)
    return {"path": str(proxy), "width": photo.width, "height": photo.height, "depth": photo.depth}
