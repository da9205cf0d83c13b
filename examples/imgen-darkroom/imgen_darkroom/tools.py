"""Tools of a darkroom."""

import json
import os
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

import imgen

STRAIGHT = [(0, 0), (1, 1)]  # a curve that changes nothing
STEPS = (("lighter", 0.7), ("as it is", 1.0), ("darker", 1.4))  # exponents


def papers():
    """The papers by name: the plugin's, and those in the folder $DARKROOM_PAPERS. Called whenever they are needed."""
    folders = [Path(__file__).parent / "papers", Path(os.environ.get("DARKROOM_PAPERS") or "papers-of-nobody")]
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.json"))}


def linear(colour):
    """A colour "#rrggbb" as an array (3,) in 0..1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def version_2(parameters):
    """Version 1 had `warm`, a switch, where there is `paper` now."""
    warm = parameters.pop("warm", False)
    return {"paper": "warm" if warm else "cold", **parameters}


Paper = Annotated[str, imgen.Choice(papers, "put NAME.json into $DARKROOM_PAPERS"), Field(description="The paper")]
Swatches = imgen.Control(Path(__file__).with_name("swatches.js"))
Ink = Annotated[imgen.Colour, Swatches, Field(description="What the darkest tones become")]
Gradation = Annotated[imgen.Curve, Field(description="Tones of the print over those of the photo")]
Steps = Annotated[float, Field(ge=0, le=1, description="How far the strips are apart")]
Radius = Annotated[float, Field(ge=1, le=100, description="How far it glows", json_schema_extra={"unit": "px"})]


@imgen.tool(
    group="Style",
    synonyms=["black and white", "sepia", "duotone"],
    icon="photo",
    version=2,
    former_names=["print_photo"],
    migrate={1: version_2},
)
def print_on(
    image: imgen.Image, *, paper: Paper = "cold", ink: Ink = "#101010", gradation: Gradation = STRAIGHT
) -> imgen.Image:
    """Print the photo in one ink on a paper."""
    x, y = np.array(gradation).T
    tone = np.interp(image.mean(2), x, y)[..., None].astype(np.float32)
    white = linear(json.loads(papers()[paper].read_text())["colour"])
    return linear(ink) + tone * (white - linear(ink))


@imgen.tool(group="Adjust", synonyms=["exposure", "brightness", "variants"])
def proof_strip(image: imgen.Image, *, steps: Steps = 1.0) -> imgen.Pictures:
    """Offer the photo lighter, as it is and darker, to choose from."""
    made = [image ** np.float32(exponent**steps) for _, exponent in STEPS]
    return imgen.Pictures(np.stack(made), tuple(label for label, _ in STEPS))


@imgen.tool(group="Measure", synonyms=["histogram", "brightness"])
def exposure(image: imgen.Image) -> imgen.Measurements:
    """Measure how bright the photo is, and what is lost in white and black."""
    grey = image.mean(2)
    word = "dark" if grey.mean() < 0.35 else "light" if grey.mean() > 0.65 else "even"
    return {"mean": grey.mean(), "white": (grey > 0.99).mean(), "black": (grey < 0.01).mean(), "look": word}


@imgen.tool(group="Style", synonyms=["bloom", "soft focus"], expensive=True)
@imgen.uses("darkroom/glow")
def glow(image: imgen.Image, *, radius: Radius = 20.0) -> imgen.Image:
    """Let highlights glow, by a network that is fetched first: imgen models get darkroom/glow."""
    model = imgen.model("darkroom/glow")
    width = np.full((1, 1), radius, np.float32)
    halo, multiple = model.card["halo"], model.card["multiple"]
    return imgen.tiled(lambda tile: model(image=tile, radius=width), image, halo=halo, multiple=multiple)
