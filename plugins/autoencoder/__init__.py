"""Denoising and inpainting with a residual autoencoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import denoise, inpaint


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Denoise and inpaint."""
    return [denoise, inpaint]


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "Remove what I brush over",
            "Fills it from its surroundings",
            [("grow_selection", {"pixels": 6}), ("inpaint", {})],
        ),
    ]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/autoencoder."""
    return shipped("autoencoder")


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers of the three models."""
    from .training import TRAINERS

    return TRAINERS


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from .evaluation import EVALUATIONS

    return EVALUATIONS
