"""Colour for grey photos and one-click selections with U-Nets."""

import imgen
from imgen.engine.shape import hooks

from .tools import colorize, image_to_image, segment, select_subject

imgen_tools, imgen_models, imgen_trainers, imgen_evaluations = hooks(
    __name__, [colorize, select_subject, segment, image_to_image]
)


@imgen.hookimpl
def imgen_starters() -> list[imgen.Starter]:
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "Cut out the subject", "On a transparent ground", [("select_subject", {}), ("selection_to_alpha", {})]
        ),
        imgen.Starter(
            "Blur the background",
            "The subject stays sharp",
            [("select_subject", {}), ("invert_selection", {}), ("blur", {"radius": 12.0})],
        ),
        imgen.Starter(
            "Only the subject in colour",
            "The rest turns grey",
            [("select_subject", {}), ("invert_selection", {}), ("saturation", {"amount": 0.0})],
        ),
    ]
