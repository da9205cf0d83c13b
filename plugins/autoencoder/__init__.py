"""Denoising and inpainting with a residual autoencoder."""

import imgen
from imgen.engine.shape import hooks

from .tools import denoise, inpaint

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(__name__, [denoise, inpaint])


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "Remove what I brush over",
            "Fills it from its surroundings",
            [("grow_selection", {"pixels": 6}), ("inpaint", {})],
        ),
    ]
