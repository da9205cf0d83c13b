"""The browser editor: a Gradio page on which the plugins' tools are chained on a photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .budget import LIMIT
from .serve import launch as launch

if TYPE_CHECKING:
    from .page import Page


def build(device: str = "auto", limit: int = LIMIT) -> Page:
    """The editor as Gradio blocks; launch it with the options of `imgen.editor.serve.launch_options()`.

    Without these options it answers nothing: they hold the rules of who may use it.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
        limit: bytes of all open work, in memory and on disk together.
    """
    from .folder import private_folder

    private_folder()  # before Gradio is imported, which makes folders then
    from .page import build as build_page  # Gradio takes seconds to import, `imgen edit --help` should not

    return build_page(device, limit)


__all__ = ["build", "launch"]
