"""The painter at work on a photo of any size: broad strokes first, then finer ones over them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen.image import guided
from imgen.image.tiling import tiled
from imgen.inference.registry import Model
from imgen.lazy import ndimage

from .grain import grain
from .quilt import Quilt, laid, quilt, source

Array = NDArray[np.float32]
Part = tuple[tuple[float, float], tuple[float, float]]  # from and to, down and across, in 0..1 of a photo

WORK = 320  # side of the square with as many pixels as the picture that broad strokes are painted on
FINER = 3.0  # times that size it is painted once more over what was painted
MORE = 1.3  # times that size a photo must have at least, to be painted once more; up to twice that for a broad brush
MOST = WORK * FINER**2  # side of the largest picture that is painted; beyond, it is enlarged
UNDER = 0.7  # of what is painted again was painted before, the rest is the photo
GRAIN = 0.7  # of the noise that the network saw in training
TILE = 1024  # it paints at once up to this many pixels squared, beyond in tiles of that side
PIECES = 4  # pieces across and down that tell the statistics of a larger picture
READ = 224  # side of the square with as many pixels as a picture has when its style is read off: larger ones read worse
PATTERN = 2.0  # pixels over which a pattern of two pixels is as strong
ROUND = 16  # of which its sides are multiples then
NOTHING = np.zeros((1, 3, 32, 32), np.float32)  # in place of a picture that is not asked for


class Hand(NamedTuple):
    """Who paints.

    Attributes:
        model: of a style, or of any.
        numbers: (1, N), those that tell the style to a model of any; None for a model of one.
        picture: (h, w, 3), pieces of which are laid over what a model of any paints.
    """

    model: Model
    numbers: Array | None = None
    picture: Array | None = None


def read(model: Model, picture: Array) -> Hand:
    """The hand that a picture (H, W, 3) in 0..1 is painted by, read off it by a model of any style."""
    small = planes(guided.reduced(picture, *guided.size_near(picture.shape, READ, ROUND)))
    statistics = np.ones((1, model.card["measured"]["statistics"]), np.float32)
    blank, frozen = np.zeros((1, model.card["measured"]["hand"]), np.float32), np.zeros((1, 1), np.float32)
    found = model(image=NOTHING, hand=blank, picture=small, statistics=statistics, frozen=frozen)
    return Hand(model, found[2], source(picture))


def brushed(image: Array, hand: Hand, stroke: float) -> Array:
    """The photo (H, W, 3) in 0..1 painted, at most about MOST pixels squared; see `layered`."""
    return layered(image, hand, stroke)[0]


def layered(image: Array, hand: Hand, stroke: float) -> tuple[Array, Array]:
    """The photo (H, W, 3) painted with broad strokes, then finer ones; and statistics (1, N) for `touched`.

    Args:
        image: 0..1.
        hand: who paints.
        stroke: width of the strokes in relation to the picture, 1 is that of training.
    """
    made: Array | None = None
    pieces_of: Quilt | None = None
    found: list[Array] = []
    for height, width in sizes(image.shape, stroke, hand.model.card["multiple"]):
        small = guided.reduced(image, height, width)
        if made is not None:
            small = np.asarray(UNDER * guided.reduced(made, height, width) + (1 - UNDER) * small, np.float32)
        made, statistics = painted(hand, shown(hand, small))
        if hand.picture is not None:
            pieces_of = pieces_of or quilt(made, small, hand.picture)
            made = laid(pieces_of, made)
        found.append(statistics)
    assert made is not None
    return made, found[:2][-1]  # of the finer strokes, where there are any


def touched(image: Array, hand: Hand, stroke: float, statistics: Array, part: Part) -> tuple[Array, Part]:
    """A part of the photo (H, W, 3) painted with the finer strokes alone (h, w, 3), and which part that is exactly.

    Args:
        image: 0..1.
        hand: who paints.
        stroke: as for `layered`.
        statistics: (1, N), what `layered` returned.
        part: what is to be painted; it becomes a little larger.
    """
    measured, multiple = hand.model.card["measured"], hand.model.card["multiple"]
    side = min(FINER * WORK / stroke, (image.shape[0] * image.shape[1]) ** 0.5)
    size = guided.size_near(image.shape, round(side), multiple)
    rows, columns = (wider(*span, n, measured["halo"], multiple) for span, n in zip(part, size, strict=True))
    small = shown(hand, guided.reduced(image, *size))[rows, columns]
    made = run(hand, planes(small), statistics)[0][0].transpose(1, 2, 0)
    top, left = rows.start / size[0], columns.start / size[1]
    return made, ((top, rows.stop / size[0]), (left, columns.stop / size[1]))


def wider(start: float, stop: float, size: int, halo: int, multiple: int) -> slice:
    """The pixels of a side from and to these parts of it, and so many more, in multiples."""
    first, last = int(start * size) - halo, int(stop * size) + 1 + halo
    return slice(max(0, first // multiple * multiple), min(size, -(-last // multiple) * multiple))


def shown(hand: Hand, small: Array) -> Array:
    """A picture (h, w, 3) with the grain that the network makes strokes of."""
    return grained(small, GRAIN * hand.model.card["measured"]["grain"])


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
    return np.asarray(small + np.float32(amount) * same_grain(*small.shape[:2]), np.float32)


def same_grain(height: int, width: int) -> Array:
    """Always the same grain (height, width, 1), kept for the next time unless it is large."""
    return kept_grain(height, width) if height * width <= TILE**2 else grain(height, width, np.random.default_rng(0))


@lru_cache(maxsize=4)
def kept_grain(height: int, width: int) -> Array:
    """See `same_grain`; a few MB each. Not to be written to."""
    made = grain(height, width, np.random.default_rng(0))
    made.flags.writeable = False
    return made


def painted(hand: Hand, small: Array) -> tuple[Array, Array]:
    """A picture (h, w, 3) painted, and its statistics (1, N).

    In tiles where it is large, all with the whole picture's statistics.
    """
    if small.shape[0] * small.shape[1] <= TILE**2:
        made, statistics = run(hand, planes(small))
        return made[0].transpose(1, 2, 0), statistics
    statistics = run(hand, planes(pieces(small)))[1]

    def tile(part: Array) -> Array:
        return run(hand, part, statistics)[0]

    halo, multiple = hand.model.card["measured"]["halo"], hand.model.card["multiple"]
    return tiled(tile, small, halo=halo, multiple=multiple, tile=TILE), statistics


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
    return evened(made), found


def evened(made: Array) -> Array:
    """What was painted (1, 3, h, w) without the pattern of two pixels that four at a time, out of one place, leave.

    How strong the pattern is around a pixel is the mean of what is there, every second pixel turned over: along rows,
    along columns, and along both.
    """
    rows, columns = (np.where(np.arange(n) % 2, np.float32(-1), np.float32(1)) for n in made.shape[2:])
    even = made.copy()
    for turned in (rows[:, None], columns[None], rows[:, None] * columns):
        even -= turned * ndimage.gaussian_filter(made * turned, PATTERN, mode="mirror", axes=(2, 3))
    return even


def planes(picture: Array) -> Array:
    """(h, w, 3) as (1, 3, h, w)."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])
