"""Colour for grey photos: a network at a working size, its colours carried to full size along edges."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

import imgen
from imgen.contract.arrays import Array
from imgen.image import guided
from imgen.image.lab import lab_to_rgb, lightness, rgb_to_lab, without_colour
from imgen.inference.registry import Model

from .calibration import calibrated
from .pictures import from_pairs
from .working import FINE, WHOLE, planes, working_size

STEP, LIMIT = 10, 80  # a, b of Lab are quantised in steps of 10 between -80 and 80
BINS = 2 * LIMIT // STEP + 1

SHARPNESS = 1.6  # one over the temperature
RAISE = 0.69  # vividness 1 raises chroma by this part
TILT = 0.1  # how far alternatives go,
KNOTS = 4  # and how many levels of lightness have a hue of their own in them
TINY = 16  # pixels on the shorter side below which nothing can be recognised
FLAT = 4.0  # spread of L below which a picture shows so little that colours fade out
DRAWN = 0.95  # part of the pixels that equal their neighbours from which on a picture is no photo
COLOURFUL = 8  # mean chroma above which a photo counts as coloured

Strength = Annotated[float, Field(ge=0, le=1, description="0 keeps the photo's own colours, 1 replaces them")]
Vividness = Annotated[float, Field(ge=0, le=1, description="0 the careful average of what it may be, 1 lively")]
Seed = Annotated[int, Field(ge=0, le=2**31, description="0 the likeliest colours; every other number an alternative")]
Hints = Annotated[imgen.Dots, Field(description="Dots of colours that you know")]


@imgen.tool(
    group="Colour",
    synonyms=["black and white", "old photo", "add colour", "sepia", "faded"],
    version=2,
    migrate={1: dict},  # the same parameters; unsure colours fade
)
@imgen.uses("unet/colorize")
def colorize(
    image: imgen.Image,
    *,
    strength: Strength = 1.0,
    vividness: Vividness = 0.3,
    hints: Hints = [],  # read only  # noqa: B006
    seed: Seed = 0,
) -> imgen.Image:
    """Give a black-and-white or faded photo its colours.

    A network says how likely each colour is at each place (Zhang et al., arXiv 1603.08511), knowing the dots of
    `hints` (Zhang et al., arXiv 1705.02999); a guided filter carries the colours to the full size along edges. The
    photo's lightness (L of CIE Lab, and with it the luminance) is kept; colours that sRGB cannot show lose chroma.
    """
    if strength == 0:
        return image.copy()
    if min(image.shape[:2]) < TINY:
        imgen.note("colorize: the photo is too small to show what it is, so its colours mean little")
    fine = rgb_to_lab(guided.reduced(image, *guided.size_near(image.shape, FINE)))
    if np.hypot(fine[..., 1], fine[..., 2]).mean() > COLOURFUL:
        imgen.note("colorize: this photo has colours, which are replaced; a strength below 1 keeps part of them")
    shown = 1.0 if hints else min(1.0, float(fine[..., 0].std()) / FLAT, photographed(image))
    ab = guided.reduced(predict_colours(image, hints, shown * (1 + RAISE * vividness), seed), *fine.shape[:2])
    coefficients = guided.fit(fine[..., :1] / np.float32(100), ab, radius=8, eps=1e-3)
    result = np.empty(image.shape, np.float32)
    height, width = image.shape[:2]
    for rows in guided.strips(height, width):
        imgen.progress(rows.start, height)
        light = lightness(image[rows])
        ab = guided.predict(guided.enlarged(coefficients, rows, height, width), light / np.float32(100))
        if strength < 1:
            own = rgb_to_lab(image[rows])[..., 1:]
            ab = np.asarray(own + np.float32(strength) * (ab - own), np.float32)
        result[rows] = lab_to_rgb(np.concatenate([light, ab], -1))
    return result


def predict_colours(image: Array, hints: imgen.Dots, strong: float, seed: int) -> Array:
    """The network's a, b (h, w, 2) for the whole picture, so many times as strong, at a fraction of its size."""
    model = imgen.model("unet/colorize")
    small = guided.reduced(image, *working_size(image, model, WHOLE))
    if from_pairs(model):  # a colorizer of the user's own
        grey = lab_to_rgb(without_colour(rgb_to_lab(small)))
        return rgb_to_lab(model(image=planes(grey))[0].transpose(1, 2, 0))[..., 1:]
    light = lightness(small) / np.float32(100)
    dots = draw(hints, light.shape)
    views = [
        seen_colours(model, light, dots, seed, turn) for turn in (1, -1)
    ]  # the mean of both is nearer to the truth
    return np.asarray((views[0] + views[1]) * np.float32(strong / 2), np.float32)


def seen_colours(model: Model, light: Array, dots: Array, seed: int, turn: int) -> Array:
    """What the network makes of lightness (H, W, 1) and dots (H, W, 3), mirrored where `turn` is -1: a, b (h, w, 2)."""
    logits = model(light=planes(light[:, ::turn]), hints=planes(dots[:, ::turn]))[0][..., ::turn]  # (BINS², h, w)
    likeliest = decode(logits)
    level = guided.reduced(light, *logits.shape[1:])[..., 0]
    if seed:
        likeliest = alternative(logits, likeliest, level, seed)
    return likeliest if dots.any() else calibrated(likeliest, level)  # a user knows more than usual errors tell


def photographed(image: Array) -> float:
    """How sure it is, 0..1, that a picture is a photo: screenshots and drawings are flat nearly everywhere.

    Of 250 photos the flattest has 75 % of pixels that equal their neighbours exactly, a fruit on white.
    """
    green = (image[..., 1] * 255).round().astype(np.uint8)
    here = green[1:, 1:]
    flat = ((here == green[:-1, 1:]) & (here == green[1:, :-1])).mean() if here.size else 0.0
    return float(np.clip((DRAWN - flat) / (DRAWN - 0.8), 0, 1))


def draw(hints: imgen.Dots, shape: tuple[int, ...]) -> Array:
    """Hints as the network takes them (h, w, 3): a/100, b/100 and 1 in a small square about each dot."""
    out = np.zeros((*shape[:2], 3), np.float32)
    for x, y, colour in hints:
        rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
        row, column = (min(int(part * n), n - 1) for part, n in zip((y, x), shape, strict=False))
        _, a, b = rgb_to_lab(rgb)
        out[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3] = (a / 100, b / 100, 1)
    return out


def colours() -> Array:
    """The a, b of each colour class (BINS², 2)."""
    axis = np.arange(-LIMIT, LIMIT + 1, STEP, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)


def decode(logits: Array, tilt: Array | None = None) -> Array:
    """Class logits (BINS², h, w) as a, b (h, w, 2): the mean of the sharpened distribution, faded where it is unsure.

    The annealed mean of Zhang et al., at a higher temperature than theirs. Where the classes disagree about the hue,
    their mean is a chance's, and makes blotches on plain walls: it is scaled by the root of |E c| / E |c|, which is 1
    where all agree. `tilt` u (h, w, 2) turns the distribution p(c) to p(c) exp(u · c), which moves most where the
    network is least sure.
    """
    classes = colours()
    scores = logits.reshape(len(classes), -1) * np.float32(SHARPNESS)  # (BINS², h * w)
    if tilt is not None:
        scores += classes @ tilt.reshape(-1, 2).T
    scores -= scores.max(0)
    weights = np.exp(scores, out=scores)
    mean = classes.T @ weights  # (2, h * w)
    agreed = np.hypot(*mean) / np.maximum(np.hypot(*classes.T) @ weights, np.float32(1e-6))
    return (mean * (np.sqrt(agreed) / weights.sum(0))).T.reshape(*logits.shape[1:], 2)


def alternative(logits: Array, likeliest: Array, light: Array, seed: int) -> Array:
    """Other plausible a, b (h, w, 2), tilted toward a hue for each lightness (h, w), hardly more colourful."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, KNOTS)
    knots = np.linspace(0, 1, KNOTS)
    hues = np.stack([np.interp(light, knots, axis(angles)) for axis in (np.cos, np.sin)], -1)
    ab = decode(logits, (TILT * hues).astype(np.float32))
    most = 1.3 * np.hypot(*np.moveaxis(likeliest, 2, 0)) + 8
    part = np.minimum(1, most / np.maximum(1e-6, np.hypot(*np.moveaxis(ab, 2, 0))))
    return ab * part.astype(np.float32)[..., None]
