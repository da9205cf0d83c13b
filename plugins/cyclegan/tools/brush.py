"""The painter at work on a photo of any size: broad strokes first, then finer ones over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen.image import guided
from imgen.image.tiling import tiled
from imgen.inference.registry import Model

from .grain import grain

Array = NDArray[np.float32]

WORK = 320  # side of the square with as many pixels as the picture that broad strokes are painted on
FINER = 3.0  # times that size it is painted once more over what was painted
MORE = 1.3  # times that size a photo must have at least, to be painted once more; up to twice that for a broad brush
MOST = WORK * FINER**2  # side of the largest picture that is painted; beyond, it is enlarged
UNDER = 0.7  # of what is painted again was painted before, the rest is the photo
GRAIN = 0.7  # of the noise that the network saw in training
TILE = 1024  # it paints at once up to this many pixels squared, beyond in tiles of that side
PIECES = 4  # pieces across and down that tell the statistics of a larger picture
READ = 288  # side of the square with as many pixels as a picture has when its style is read off
ROUND = 16  # of which its sides are multiples then
NOTHING = np.zeros((1, 3, 32, 32), np.float32)  # in place of a picture that is not asked for


class Hand(NamedTuple):
    """Who paints.

    Attributes:
        model: of a style, or of any.
        numbers: (1, N), those that tell the style to a model of any; None for a model of one.
    """

    model: Model
    numbers: Array | None = None


def read(model: Model, picture: Array) -> Hand:
    """The hand that a picture (H, W, 3) in 0..1 is painted by, read off it by a model of any style."""
    small = planes(guided.reduced(picture, *guided.size_near(picture.shape, READ, ROUND)))
    statistics = np.ones((1, model.card["measured"]["statistics"]), np.float32)
    blank, frozen = np.zeros((1, model.card["measured"]["hand"]), np.float32), np.zeros((1, 1), np.float32)
    found = model(image=NOTHING, hand=blank, picture=small, statistics=statistics, frozen=frozen)
    return Hand(model, found[2])


def brushed(image: Array, hand: Hand, stroke: float) -> Array:
    """The photo (H, W, 3) painted, at most about MOST pixels squared.

    Args:
        image: 0..1.
        hand: who paints.
        stroke: width of the strokes in relation to the picture, 1 is that of training.
    """
    made: Array | None = None
    for height, width in sizes(image.shape, stroke, hand.model.card["multiple"]):
        made = brushed_once(image, hand, height, width, made)
    assert made is not None
    return made


def brushed_once(image: Array, hand: Hand, height: int, width: int, under: Array | None = None) -> Array:
    """The photo painted with the strokes of one size, over what was painted under them."""
    small = guided.reduced(image, height, width)
    if under is not None:
        small = np.asarray(UNDER * guided.reduced(under, height, width) + (1 - UNDER) * small, np.float32)
    return painted(hand, grained(small, GRAIN * hand.model.card["measured"]["grain"]))


def sizes(shape: tuple[int, ...], stroke: float, multiple: int) -> Iterator[tuple[int, int]]:
    """Heights and widths at which a photo is painted, one after the other."""
    side, more = WORK / stroke, MORE * min(2.0, max(1.0, stroke))
    yield guided.size_near(shape, round(side), multiple)
    whole = min(MOST, (shape[0] * shape[1]) ** 0.5)
    while side * more <= whole:
        side = min(side * FINER, whole)
        yield guided.size_near(shape, round(side), multiple)


def grained(small: Array, amount: float) -> Array:
    """A picture (h, w, 3) with so much of always the same grain."""
    noise = grain(small.shape[0], small.shape[1], np.random.default_rng(0))
    return np.asarray(small + np.float32(amount) * noise, np.float32)


def painted(hand: Hand, small: Array) -> Array:
    """A picture (h, w, 3) painted; in tiles where it is large, all with the whole picture's statistics."""
    if small.shape[0] * small.shape[1] <= TILE**2:
        return run(hand, planes(small))[0][0].transpose(1, 2, 0)
    statistics = run(hand, planes(pieces(small)))[1]

    def tile(part: Array) -> Array:
        return run(hand, part, statistics)[0]

    halo, multiple = hand.model.card["measured"]["halo"], hand.model.card["multiple"]
    return tiled(tile, small, halo=halo, multiple=multiple, tile=TILE)


def pieces(picture: Array) -> Array:
    """Parts of a large picture (h, w, 3) from all over it, side by side (TILE, TILE, 3).

    Its statistics must be those of the size that it is painted at: strokes of a smaller copy are others.
    """
    side = TILE // PIECES
    height, width = picture.shape[:2]
    tops, lefts = (np.linspace(0, max(0, n - side), PIECES).astype(int) for n in (height, width))
    bands = [np.concatenate([picture[t : t + side, x : x + side] for x in lefts], 1) for t in tops]
    return np.concatenate(bands)


def run(hand: Hand, part: Array, statistics: Array | None = None) -> tuple[Array, Array]:
    """A part of a picture (1, 3, h, w) painted, and its statistics (1, N).

    Args:
        hand: who paints.
        part: h and w are multiples of the network's.
        statistics: of the whole picture, to be used for the part; None for its own.
    """
    imgen.progress(0)
    own = np.ones((1, hand.model.card["measured"]["statistics"]), np.float32)
    inputs = {
        "image": part,
        "statistics": own if statistics is None else statistics,
        "frozen": np.full((1, 1), statistics is not None, np.float32),
    }
    if hand.numbers is not None:
        inputs |= {"hand": hand.numbers, "picture": NOTHING}
    made, found, *_ = hand.model(**inputs)
    return made, found


def planes(picture: Array) -> Array:
    """(h, w, 3) as (1, 3, h, w)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])
