"""Photos in another light or by another hand, learned from pictures that are no pairs."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .tools import STYLES, stylize, translate


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Translations to other domains; styles, where there are models of some."""
    return [translate, stylize] if STYLES else [translate]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/cyclegan."""
    return Path(str(files("imgen_exports"))) / "cyclegan"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .style import Style
    from .trainer import Pair

    return [Pair, Style]


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from . import evaluation, style_evaluation

    return evaluation.EVALUATIONS | style_evaluation.EVALUATIONS
