"""Faces and digits from nothing, and real faces completed and added up, with adversarial networks."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .completion import complete_face
from .tools import add_to_face, draw_digit, face_arithmetic, generate_faces, interpolate_faces


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Faces and digits from nothing, sums of faces, and faces completed."""
    return [generate_faces, interpolate_faces, face_arithmetic, add_to_face, complete_face, draw_digit]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/dcgan."""
    return Path(str(files("imgen_exports"))) / "dcgan"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .directions import Directions
    from .encoder import Encoding
    from .trainer import Digits, Faces

    return [Faces, Digits, Encoding, Directions]


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from . import evaluation, photo_evaluation

    return evaluation.EVALUATIONS | photo_evaluation.EVALUATIONS
