"""Denoising and inpainting with a residual autoencoder."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .tools import denoise, inpaint


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Denoise and inpaint."""
    return [denoise, inpaint]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/autoencoder."""
    return Path(str(files("imgen_exports"))) / "autoencoder"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers of the three models."""
    from .trainer import TRAINERS

    return TRAINERS


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from .evaluation import EVALUATIONS

    return EVALUATIONS
