"""Selections, everyday adjustments and the document: the tools that every edit needs, offered like any plugin's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import (
    blur,
    clear_selection,
    contrast,
    crop,
    curves,
    feather_selection,
    flatten,
    flip,
    grow_selection,
    invert_selection,
    light,
    load_selection,
    resize,
    rotate,
    saturation,
    select_rectangle,
    selection_to_alpha,
    sharpen,
    temperature,
    text,
)


@imgen.hookimpl
def imgen_tools() -> list[object]:
    """Selections, adjustments and document tools."""
    return [
        select_rectangle, load_selection, invert_selection, feather_selection, grow_selection, clear_selection,
        selection_to_alpha, flatten, crop, rotate, flip, resize, text, light, contrast, temperature, curves,
        saturation, sharpen, blur,
    ]  # fmt: skip


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/core."""
    return shipped("core")


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from imgen.faces.training.finder import TRAINERS

    return TRAINERS


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from imgen.faces.training.evaluation import EVALUATIONS

    return EVALUATIONS
