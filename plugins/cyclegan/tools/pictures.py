"""Another domain: the network sees the photo small, and what it changes is carried to the full size."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen.image import guided
from imgen.image.tiling import tiled
from imgen.inference.registry import Model

from .choices import Way, domains, models_of_domains
from .grain import grain
from .light import fitted, lit

Array = NDArray[np.float32]

LIGHT = 1.25  # light is learned from squares cut out of pictures; the whole shows things as large at this scale
WHOLE = 90  # beyond this side a network sees less of the scene at once, and lights parts of it apart from the rest
TEXTURE = 2.5  # and texture is drawn at so many times the side of training
GRAIN = 0.5  # of the noise that a style's network saw in training
RETIRED = {  # domains that were shipped once, and what to use now
    "painting": "use stylize instead, or train it anew",
    "photo": "train it anew with imgen train cyclegan/photo2painting",
}
TILE = 512  # texture is drawn at once up to this many pixels squared, beyond in tiles of that side

Domain = Annotated[
    str,
    imgen.Choice(domains, "train one with imgen train cyclegan/NAME"),
    Field(description="What the photo is to look like: a domain of imgen's or of a pair that you trained"),
]
Strength = Annotated[float, Field(ge=0, le=2, description="0 keeps the photo as it is, beyond 1 exaggerates")]
Detail = Annotated[
    float, Field(ge=0.25, le=8, description="Textures of your own: 2 draws them half as wide, 0.5 twice as wide")
]
Subject = Annotated[float, Field(ge=0, le=1, description="1 keeps the subject in its own light, 0 lights it as well")]


def from_version_1(parameters: dict[str, Any]) -> dict[str, Any]:
    """Paintings are no longer made here, nor photos of them.

    Raises:
        ImgenError: the recipe asks for one, and the user has no such model.
    """
    domain = parameters.get("domain")
    if domain in RETIRED and domain not in domains():
        raise imgen.ImgenError(f"the domain {domain!r} is no longer shipped, as it convinced nobody; {RETIRED[domain]}")
    return dict(parameters)


@imgen.tool(
    group="Style",
    synonyms=["sunset", "evening", "day", "cyclegan", "time of day"],
    version=2,
    migrate={1: from_version_1},
)
@imgen.uses(domain=models_of_domains, keep_subject={"0.0": (), "*": ("unet/subject",)})
def translate(
    image: imgen.Image,
    *,
    domain: Domain = "sunset",
    strength: Strength = 1.0,
    detail: Detail = 1.0,
    keep_subject: Subject = 0.0,
) -> imgen.Image:
    """Turn day to sunset or back; or from and to what you trained a model on.

    Networks that learned from two sets of pictures without pairs (CycleGAN, Zhu et al., arXiv 1703.10593). Colour and
    light are found at a small size and carried to the full one by local affine maps of the photo's own colours, so that
    it keeps its detail; textures are drawn at a size that follows the photo's, so that all sizes look alike.
    """
    made = changed(image, domains()[domain], strength, detail)
    if keep_subject:
        mask = imgen.tools()["select_subject"](image)
        made += np.float32(keep_subject) * mask[..., None] * (image - made)
    return made


def changed(image: Array, way: Way, strength: float, detail: float) -> Array:
    """The photo (H, W, 3) as the network would have it, by that strength."""
    if strength == 0:
        return image.copy()
    model = imgen.model(way.model)
    measured, side = model.card["measured"], model.card["training"]["settings"]["size"]
    if measured["change"] == "light":
        small = guided.reduced(
            image, *guided.size_near(image.shape, min(WHOLE, round(LIGHT * side)), model.card["multiple"])
        )
        levels = measured.get("levels")
        level = levels[way.back] if levels else None
        result = lit(image, small, level, lambda shown: run(model, way.back, shown)[0])
    else:
        scale = TEXTURE * detail
        small = guided.reduced(image, *guided.size_near(image.shape, round(scale * side), model.card["multiple"]))
        made = painted(model, way.back, grained(small, GRAIN * measured.get("grain", 0)))
        result = guided.transferred(image, small, made, radius=1, eps=1e-4)
    if strength != 1:
        result -= image
        result *= np.float32(strength)
        result += image
    return fitted(result)


def grained(small: Array, amount: float) -> Array:
    """A picture (h, w, 3) with so much of always the same grain."""
    if amount == 0:
        return small
    noise = grain(small.shape[0], small.shape[1], np.random.default_rng(0))
    return np.asarray(small + np.float32(amount) * noise, np.float32)


def painted(model: Model, back: bool, small: Array) -> Array:
    """A picture (h, w, 3) with another texture; in tiles where it is large, all with the whole picture's statistics."""
    height, width = small.shape[:2]
    multiple = model.card["multiple"]
    if height * width <= TILE**2:
        return run(model, back, small)[0]
    _, statistics = run(model, back, guided.reduced(small, *guided.size_near(small.shape, TILE, multiple)))

    def tile(part: Array) -> Array:
        return passed(model, back, part, statistics)[0]

    return tiled(tile, small, halo=model.card["measured"]["halo"], multiple=multiple, tile=TILE)


def run(model: Model, back: bool, picture: Array) -> tuple[Array, Array]:
    """What the network makes of a whole picture (h, w, 3), and the picture's statistics (1, N)."""
    imgen.progress(0)
    made, statistics = passed(model, back, np.ascontiguousarray(picture.transpose(2, 0, 1)[None]), None)
    return made[0].transpose(1, 2, 0), statistics


def passed(model: Model, back: bool, part: Array, statistics: Array | None) -> tuple[Array, Array]:
    """A part of a picture (1, 3, h, w) through the network, and its statistics (1, N).

    Args:
        model: of a pair or of a style.
        back: from B to A; styles have one direction.
        part: h and w are multiples of the network's.
        statistics: of the whole picture, to be used for the part; None for its own.
    """
    measured = model.card["measured"]
    own = statistics is None
    inputs = {
        "image": part,
        "statistics": np.ones((1, measured["statistics"]), np.float32) if own else statistics,
        "frozen": np.full((1, 1), 0 if own else 1, np.float32),
    }
    if "domains" in measured:
        inputs["back"] = np.full(1, back, np.float32)
    return model(**inputs)
