"""Maps of digits and faces that one can walk on, and edits by codes, with adversarial autoencoders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import TOOLS


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Maps, pictures between codes, other attributes and other hands."""
    return TOOLS


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/aae."""
    return shipped("aae")


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
