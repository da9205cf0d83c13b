"""Photos in another light or by another hand, learned from pictures that are no pairs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools.pictures import translate
from .tools.styling import stylize


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Translations to other domains, and styles."""
    return [translate, stylize]


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "Sunset behind me",
            "Another light everywhere but on the subject",
            [("select_subject", {}), ("invert_selection", {}), ("translate", {"domain": "sunset"})],
        )
    ]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/cyclegan."""
    return shipped("cyclegan")


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .training.anystyle import AnyStyle
    from .training.pairs import Pair
    from .training.style import Style

    return [Pair, Style, AnyStyle]


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from .evaluation import pairs, style

    return pairs.EVALUATIONS | style.EVALUATIONS
