"""Restoring photos with small networks: damage is found and filled, noise removed, and small ones are enlarged."""

import imgen
from imgen.engine.shape import hooks

from .tools import denoise, inpaint, select_damage, upscale

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(
    __name__, [denoise, inpaint, select_damage, upscale]
)


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
