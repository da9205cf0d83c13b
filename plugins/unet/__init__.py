"""Colour for grey photos and one-click selections with U-Nets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import colorize, image_to_image, segment, select_subject


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Colours, selections, and models of your own."""
    return [colorize, select_subject, segment, image_to_image]


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "Cut out the subject", "On a transparent ground", [("select_subject", {}), ("selection_to_alpha", {})]
        ),
        imgen.Starter(
            "Blur the background",
            "The subject stays sharp",
            [("select_subject", {}), ("invert_selection", {}), ("blur", {"radius": 12.0})],
        ),
        imgen.Starter(
            "Only the subject in colour",
            "The rest turns grey",
            [("select_subject", {}), ("invert_selection", {}), ("saturation", {"amount": 0.0})],
        ),
    ]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/unet."""
    return shipped("unet")


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
