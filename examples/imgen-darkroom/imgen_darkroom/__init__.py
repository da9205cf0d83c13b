"""A plugin that uses all of imgen's contract: prints of photos, as a darkroom made them."""

from pathlib import Path

import imgen

from .tools import exposure, glow, print_on, proof_strip

IMGEN_API = 1


@imgen.hookimpl
def imgen_tools():
    """Four tools."""
    return [print_on, proof_strip, exposure, glow]


@imgen.hookimpl
def imgen_starters():
    """Recipes to begin with."""
    return [
        imgen.Starter(
            "A print on warm paper",
            "Black-and-white tones in brown ink",
            [("saturation", {"amount": 0.0}), ("print_on", {"paper": "warm", "ink": "#2b1a0c"})],
        )
    ]


@imgen.hookimpl
def imgen_models():
    """The cards of the models; their files are fetched by `imgen models get`."""
    return Path(__file__).parent / "models"
