"""Faces edited, mixed and invented with variational autoencoders."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import imgen

from .tools import edit_face, latent_sheet, morph_faces, perturb_latent, sample_faces, vae_manifold


@imgen.hookimpl
def imgen_tools() -> list[Callable[..., Any]]:
    """Edits of a person's face, and pictures of what the codes hold."""
    return [edit_face, morph_faces, perturb_latent, latent_sheet, sample_faces, vae_manifold]


@imgen.hookimpl
def imgen_models() -> Path:
    """exports/vae."""
    return Path(str(files("imgen_exports"))) / "vae"


@imgen.hookimpl
def imgen_trainers() -> list[Any]:
    """Trainers."""
    from .closeup import Closeup
    from .closeup_directions import CloseupDirections
    from .directions import Direction, Directions
    from .mixture import Mixture
    from .quantised import Quantised
    from .trainer import Digits, Faces
    from .traits import FaceTraits

    return [Faces, Closeup, Digits, Directions, CloseupDirections, Direction, Mixture, Quantised, FaceTraits]


@imgen.hookimpl
def imgen_evaluations() -> dict[str, Callable[..., Any]]:
    """Measurements for the models' cards."""
    from . import closeup_evaluation, code_evaluation, evaluation

    return evaluation.EVALUATIONS | code_evaluation.EVALUATIONS | closeup_evaluation.EVALUATIONS
