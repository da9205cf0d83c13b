"""Faces edited, mixed and invented with variational autoencoders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import TOOLS


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Edits of a person's face, and pictures of what the codes hold."""
    return TOOLS


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "What would I look like smiling?", "On the largest face of the photo", [("edit_face", {"smile": 2.5})]
        )
    ]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/vae."""
    return shipped("vae")


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .training import TRAINERS

    return TRAINERS


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from .evaluation import EVALUATIONS

    return EVALUATIONS
