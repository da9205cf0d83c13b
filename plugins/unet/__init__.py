"""Colour for grey photos and one-click selections with U-Nets."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .tools import colorize, image_to_image, segment, select_subject


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Colours, selections, and models of your own."""
    return [colorize, select_subject, segment, image_to_image]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/unet."""
    return Path(str(files("imgen_exports"))) / "unet"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .trainer import TRAINERS

    return TRAINERS


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from .evaluation import EVALUATIONS

    return EVALUATIONS
