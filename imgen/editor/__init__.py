"""The browser editor: a Gradio page on which the plugins' tools are chained on a photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .serve import launch as launch

if TYPE_CHECKING:
    import gradio as gr


def build(device: str = "auto") -> gr.Blocks:
    """The editor as Gradio blocks; launch it with the options of `imgen.editor.serve.launch_options()`."""
    from .page import build as build_page  # Gradio takes seconds to import, `imgen edit --help` should not

    return build_page(device)


__all__ = ["build", "launch"]
