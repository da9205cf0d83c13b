"""Maps of digits and faces that one can walk on, and edits by codes, with adversarial autoencoders."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .photo_tools import clean_face, restyle_face
from .tools import latent_map, morph_codes, restyle_digit, sample_prior, walk_map


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Maps, pictures between codes, other attributes and other hands."""
    return [latent_map, walk_map, restyle_digit, restyle_face, morph_codes, sample_prior, clean_face]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/aae."""
    return Path(str(files("imgen_exports"))) / "aae"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .acai import Lines, MixDigits, MixFaces
    from .faces import Faces
    from .semi import Digits
    from .trainer import FaceMap, Map

    return [Map, FaceMap, Digits, Faces, MixFaces, MixDigits, Lines]


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from . import evaluation, face_evaluation

    return evaluation.EVALUATIONS | face_evaluation.EVALUATIONS
