"""Faces edited, mixed and invented with variational autoencoders."""

import imgen
from imgen.engine.shape import hooks

from .tools import TOOLS

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(__name__, TOOLS)


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "What would I look like smiling?", "On the largest face of the photo", [("edit_face", {"smile": 2.5})]
        )
    ]
