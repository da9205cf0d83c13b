"""Faces and digits from nothing, and real faces completed and added up, with adversarial networks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import imgen
from imgen.inference.registry import shipped

from .tools import TOOLS


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Faces and digits from nothing, sums of faces, and faces completed."""
    return TOOLS


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/dcgan."""
    return shipped("dcgan")


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
