"""The colours of a cut-out along its soft edge, where a photo shows a mixture with the background.

Fast Multi-Level Foreground Estimation (Germer et al. 2020, arXiv 2006.14970), as pymatting's `estimate_foreground_ml`:
foreground F and background B are sought that are smooth and mix to the photo, `alpha * F + (1 - alpha) * B`, first at a
few pixels, then at twice the size, and so on. Only where the edge is soft is anything computed, and strip by strip at
the full size, so that memory stays small.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.image.guided import enlarged, reduced, size_near, strips
from imgen.lazy import ndimage

SMOOTH = 1e-5  # smoothness that is asked for everywhere; where alpha changes, so much more as it changes
TINY = 32  # pixels of a side up to which a size costs nothing,
MANY, FEW = 10, 3  # so that there are more rounds at it than at larger ones
WHOLE = 1 << 20  # pixels up to which a size is computed at once

SIDE, AROUND = 512, 31  # pixels squared at which edges are told from fades, and how near to a place its edge may be
FADE, EDGE = 0.02, 0.04  # slope of alpha, by those pixels, up to which it is a fade, and from which on an edge


def estimate_foreground(image: Array, alpha: Array) -> Array:
    """The photo with the foreground's own colours where 0 < alpha < 1; all other pixels are the same.

    So are those of a wide fade, as of a vignette, in which the photo shows no mixture.

    Args:
        image: the photo (H, W, 3) in 0..1.
        alpha: how much of each pixel is foreground (H, W), 0..1.
    """
    result = image.copy()
    soft = (alpha > 0) & (alpha < 1)
    if not soft.any():
        return result
    both, trust = coarse(image, alpha), steepness(alpha)
    height, width = alpha.shape
    for rows in strips(height, width):
        progress(rows.start, height)
        if not soft[rows].any():
            continue
        wide = slice(max(0, rows.start - FEW - 1), min(height, rows.stop + FEW + 1))
        columns = reach(soft[rows], FEW + 1)
        start = enlarged(both, wide, height, width)[:, columns]
        found = improved(image[wide, columns], alpha[wide, columns], start, FEW)
        found = found[rows.start - wide.start : rows.stop - wide.start, :, :3]
        part = enlarged(trust, rows, height, width)[:, columns]
        mixed = result[rows, columns] + part * (found - result[rows, columns])
        np.copyto(result[rows, columns], mixed, where=soft[rows, columns, None])
    return result


def steepness(alpha: Array) -> Array:
    """How much the soft pixels near by are an edge and no fade (h, w, 1), 0..1."""
    small = reduced(alpha[..., None], *size_near(alpha.shape, SIDE, 2))[..., 0]
    down, across = np.gradient(small)
    slope = np.hypot(down, across)
    near: Any = ndimage.maximum_filter(slope, AROUND, mode="nearest")
    return ((near - FADE) / (EDGE - FADE)).clip(0, 1).astype(np.float32)[..., None]


def reach(soft: NDArray[np.bool_], margin: int) -> slice:
    """The columns in which something is set, and as many more."""
    columns = np.flatnonzero(soft.any(0))
    return slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1)


def coarse(image: Array, alpha: Array) -> Array:
    """Foreground and background (h, w, 6) at the largest size that is half the photo's or less, and not too large."""
    height, width = alpha.shape
    steps = max(1, int(np.ceil(np.log2(max(height, width)))))
    both = np.zeros((1, 1, 6), np.float32)
    small, part = image, alpha[..., None]
    levels: list[tuple[Array, Array]] = []
    for k in range(1, steps + 1):
        size = [max(1, round(n / 2**k)) for n in (height, width)]
        small, part = reduced(small, *size), reduced(part, *size)
        if size[0] * size[1] <= WHOLE:
            levels.append((small, part[..., 0]))
    both[:] = np.tile(levels[-1][0].mean((0, 1)), 2)
    for small, part in reversed(levels):
        rows, columns = part.shape
        start = enlarged(both, slice(0, rows), rows, columns)
        both = improved(small, part, start, MANY if max(rows, columns) <= TINY else FEW)
    return both


def improved(image: Array, alpha: Array, start: Array, rounds: int) -> Array:
    """Foreground and background (h, w, 6) after rounds of Jacobi's method from `start`, in and beside soft pixels."""
    both = start.copy()
    np.copyto(both[..., :3], image, where=(alpha == 1)[..., None])
    np.copyto(both[..., 3:], image, where=(alpha == 0)[..., None])
    soft: Any = ndimage.binary_dilation((alpha > 0) & (alpha < 1))
    rows, columns = np.nonzero(soft)
    height, width = alpha.shape
    flat, parts = both.reshape(-1, 6), alpha.ravel()
    here = rows * width + columns
    neighbours = [
        np.clip(rows + y, 0, height - 1) * width + np.clip(columns + x, 0, width - 1)
        for y, x in ((-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    own, pixels = parts[here][:, None], image.reshape(-1, 3)[here]
    weights = [np.float32(SMOOTH) + np.abs(own - parts[place][:, None]) for place in neighbours]
    total = sum(weights[1:], weights[0])
    ahead, behind, mixed = own * own + total, (1 - own) ** 2 + total, own * (1 - own)
    scale = 1 / (ahead * behind - mixed * mixed)
    known = np.hstack([own * pixels, (1 - own) * pixels])
    for _ in range(rounds):
        sums = known.copy()
        for weight, place in zip(weights, neighbours, strict=True):
            sums += weight * flat[place]
        first, second = sums[:, :3], sums[:, 3:]
        solved = np.hstack([behind * first - mixed * second, ahead * second - mixed * first]) * scale
        flat[here] = solved.clip(0, 1)
    return both
