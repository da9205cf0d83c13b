"""The whole contract between imgen and its plugins. A plugin implements any of these hooks with @imgen.hookimpl.

A plugin is a package with an entry point in the group "imgen.plugins"; the entry point's name is the plugin's. Its
module may say `IMGEN_API = 1`: then an imgen of another contract lists it with what to do, and runs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pluggy

from .starter import Starter

API = 1  # raised when a plugin that keeps to this contract would no longer work

hookspec = pluggy.HookspecMarker("imgen")
hookimpl = pluggy.HookimplMarker("imgen")


@hookspec
def imgen_tools() -> Sequence[Callable[..., Any]]:
    """The plugin's tools: plain typed functions; called at start, so import nothing heavy."""
    raise NotImplementedError


@hookspec
def imgen_starters() -> Sequence[Starter]:
    """Recipes to begin with, which the editor offers where all their tools are installed."""
    raise NotImplementedError


@hookspec
def imgen_models() -> Path:
    """A folder with the plugin's models, MODEL.onnx and MODEL.json each; they are named "plugin/MODEL"."""
    raise NotImplementedError


@hookspec
def imgen_trainers() -> Sequence[type[Any]]:
    """What trains the plugin's models, subclasses of `imgen.training.trainer.Trainer`.

    Called only to train, so this is the place to import torch.

    A trainer named "plugin/*" trains models of any name.
    """
    raise NotImplementedError


@hookspec
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """For a model's name, the function (folders) -> Report that measures it for its card.

    An entry "plugin/*" measures models of any name; its function is (name, folders) -> Report.
    """
    raise NotImplementedError
