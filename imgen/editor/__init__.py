"""The browser editor: a Gradio page on which the plugins' tools are chained on a photo."""

from .server.serve import build, launch

__all__ = ["build", "launch"]
