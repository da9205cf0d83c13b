"""Pieces of a picture laid over what was painted after it, so that its own strokes and shapes are there.

References: texture transfer (Efros & Freeman, SIGGRAPH 2001; Elad & Milanfar, arXiv 1609.03057), and pieces that go on
where their neighbours end (Ashikhmin, I3D 2001).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgen.image import guided
from imgen.image.resize import resize
from imgen.lazy import ndimage

Array = NDArray[np.float32]
Places = NDArray[np.intp]

SIDE = 288  # side of the square with as many pixels as a picture has at most when its pieces are compared
FINEST = 3 * SIDE  # and when they are laid
PIECE, STEP = 24, 8  # pixels: side of a piece, and from one to the next
COARSE = 4  # pieces are compared so many times reduced
LOOSE = 2.0  # the piece that goes on where its neighbour ends may differ so many times as much as the best one
ROUNDS = 2  # of looking at neighbours, across and down
EDGE, BUSY = 3.0, 0.7  # pixels that the strength of edges is smoothed over; part of the photo where it counts as weak


class Quilt(NamedTuple):
    """Which pieces of a picture are laid where, over a painting of a photo at the size of broad strokes.

    Attributes:
        picture: (H, W, 3).
        compared: its height and width when pieces were compared.
        places: (R, C, 2), row and column of each piece there.
        size: (h, w) of the painting.
        calm: (h, w, 1), how much is seen of them: 1 where the photo is flat, near 0 at its strongest edges.
    """

    picture: Array
    compared: tuple[int, int]
    places: Places
    size: tuple[int, int]
    calm: Array


def quilt(made: Array, photo: Array, picture: Array) -> Quilt:
    """For what was painted (h, w, 3) of a photo (h, w, 3), the pieces of a picture (H, W, 3) that are most like it."""
    side = min(SIDE, round((picture.shape[0] * picture.shape[1]) ** 0.5))
    height, width = guided.size_near(picture.shape, side)
    compared = max(2 * PIECE, height), max(2 * PIECE, width)
    wide = np.pad(made, [(STEP, PIECE + STEP)] * 2 + [(0, 0)], mode="symmetric")
    places = COARSE * matched(pieces(wide, STEP), pieces(resize(picture, compared), COARSE))
    return Quilt(picture, compared, places, (made.shape[0], made.shape[1]), calm(photo))


def source(picture: Array) -> Array:
    """A picture (H, W, 3) as large as its pieces are ever laid, or as it is."""
    side = round((picture.shape[0] * picture.shape[1]) ** 0.5)
    return guided.reduced(picture, *guided.size_near(picture.shape, min(side, FINEST)))


def calm(photo: Array) -> Array:
    """1 where a photo (h, w, 3) is flat, near 0 at its strongest edges (h, w, 1)."""
    light = photo.mean(2)
    slope = np.hypot(ndimage.sobel(light, 0), ndimage.sobel(light, 1))
    strength = np.asarray(ndimage.gaussian_filter(slope, EDGE), np.float32)[..., None]
    usual = np.float32(max(1e-6, float(np.quantile(strength, BUSY))))
    return np.asarray(1 / (1 + (strength / usual) ** 2), np.float32)


def pieces(picture: Array, step: int) -> Array:
    """All pieces of a picture (h, w, 3) from so many pixels to so many, reduced (rows, columns, n)."""
    height, width = (n // COARSE for n in picture.shape[:2])
    blocks = picture[: height * COARSE, : width * COARSE].reshape(height, COARSE, width, COARSE, 3)
    side, step = PIECE // COARSE, step // COARSE
    found = np.lib.stride_tricks.sliding_window_view(blocks.mean((1, 3)), (side, side), (0, 1))[::step, ::step]
    return np.asarray(found.reshape(*found.shape[:2], -1), np.float32)


def matched(wanted: Array, there: Array) -> Places:
    """Row and column (R, C, 2) of a piece of `there` (A, B, n) for each that is wanted (R, C, n).

    The nearest one, or one that goes on where the one before ends: the same piece again and again would make a pattern.
    """
    flat = there.reshape(-1, there.shape[2])
    best = np.concatenate([nearest(line, flat) for line in wanted])
    places = np.stack(np.divmod(best, there.shape[1]), 1).reshape(*wanted.shape[:2], 2)
    allowed = LOOSE * distance(wanted, there, places)
    for axis in (1, 0) * ROUNDS:
        lines, want, most = (np.moveaxis(part, axis, 0) for part in (places, wanted, allowed))  # gone along first
        onward = np.eye(2, dtype=np.intp)[axis] * (STEP // COARSE)
        for i in range(1, len(lines)):
            after = lines[i - 1] + onward
            inside = (after < there.shape[:2]).all(1)
            after = np.where(inside[:, None], after, lines[i])
            near = distance(want[i], there, after) <= most[i]
            lines[i] = np.where(near[:, None], after, lines[i])
    return places


def nearest(wanted: Array, flat: Array) -> Places:
    """The number of the nearest of (N, n) for each of (M, n)."""
    return (np.einsum("nk,nk->n", flat, flat) - 2 * wanted @ flat.T).argmin(1)


def distance(wanted: Array, there: Array, places: Places) -> Array:
    """Squared differences (...) of what is wanted (..., n) and the pieces at some places (..., 2)."""
    difference = wanted - there[places[..., 0], places[..., 1]]
    return np.asarray(np.einsum("...k,...k->...", difference, difference), np.float32)


def laid(quilt: Quilt, made: Array) -> Array:
    """A painting (h, w, 3) of the photo, of this size or a larger one, with pieces over it.

    Where the picture has too few pixels for that size, finer strokes are those that were painted.
    """
    height, width = made.shape[:2]
    finer = height / quilt.size[0]
    known = min(finer, max(1.0, quilt.picture.shape[0] / quilt.compared[0]))
    coarse = round(height * known / finer), round(width * known / finer)
    over = joined(quilt, coarse, known)
    if coarse != (height, width):
        over = resize(over, (height, width)) + made - resize(guided.reduced(made, *coarse), (height, width))
    return np.asarray(made + resize(quilt.calm, (height, width)) * (over - made), np.float32)


def joined(quilt: Quilt, size: tuple[int, int], larger: float) -> Array:
    """The pieces alone (h, w, 3), so many times as large as they were compared; overlapping ones mixed."""
    height, width = quilt.compared
    picture = resize(quilt.picture, (round(height * larger), round(width * larger)))
    side, ahead = round(PIECE * larger), round(STEP * larger)
    window = np.hanning(side + 2)[1:-1].astype(np.float32) ** 2  # mixing pales: the nearest middle counts most
    window = (window[:, None] * window)[..., None]
    total = np.zeros((size[0] + 2 * (side + ahead), size[1] + 2 * (side + ahead), 4), np.float32)
    last = np.array(picture.shape[:2]) - side
    sources = np.minimum(np.rint(quilt.places * larger).astype(int), last).reshape(-1, 2)
    for (row, column), (y, x) in zip(np.ndindex(*quilt.places.shape[:2]), sources, strict=True):
        top, left = round(row * STEP * larger), round(column * STEP * larger)
        part = total[top : top + side, left : left + side]
        part[..., :3] += window * picture[y : y + side, x : x + side]
        part[..., 3:] += window
    inside = total[ahead : ahead + size[0], ahead : ahead + size[1]]
    return np.asarray(inside[..., :3] / np.maximum(inside[..., 3:], 1e-6), np.float32)
