"""Closed-form matting: how much of each pixel along an outline belongs to the subject (Levin et al., TPAMI 2008).

Where a strand of hair lies over a background, each pixel is a mixture of two colours. In a window of 3x3 pixels alpha
is taken to be a linear function of the colour; the matte is the one that all windows agree on best, that equals what
is sure, and that stays near a first guess where the colours say nothing:

    minimise a' L a + sum of trust * (a - guess)²,   L the matting Laplacian

by conjugate gradients, from half the size up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.image import guided
from imgen.lazy import sparse

EPS = 1e-5  # variance of colours (0..1) below which a window counts as flat
NEAR = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]  # a window
STEPS, CLOSE = 60, 1e-2  # of conjugate gradients at most, and the part of the first residual at which they end
CACHED = 8192  # windows that are looked at at once, so that what lies between stays in the processor's cache
SMALLEST = 48  # pixels on the shorter side below which no smaller size is solved first

Bools = NDArray[np.bool_]


class Problem(NamedTuple):
    """What is to be solved.

    Attributes:
        guide: the photo (h, w, 3) in 0..1.
        guess: alpha (h, w) in 0..1, exact where it is not free.
        trust: (h, w), how much the guess counts where it is free; the Laplacian's diagonal is about 1.
        free: (h, w), which pixels are asked for.
    """

    guide: Array
    guess: Array
    trust: Array
    free: Bools


def solved(problem: Problem) -> Array:
    """The matte (h, w) in 0..1; what is not free stays as guessed. Stops a cancelled run."""
    if not problem.free.any():
        return problem.guess
    start = problem.guess
    height, width = start.shape
    if min(height, width) >= 2 * SMALLEST:
        coarse = solved(halved(problem))[..., None]
        start = np.where(problem.free, guided.enlarged(coarse, slice(0, height), height, width)[..., 0], start)
    matte = problem.guess.copy()
    matte[problem.free] = descend(*equations(problem), start[problem.free]).clip(0, 1)
    return matte


def halved(problem: Problem) -> Problem:
    """The same at half the size."""
    half = [n // 2 for n in problem.free.shape]
    planes = np.dstack([*problem[:3], problem.free]).astype(np.float32)
    small = guided.reduced(planes, *half)
    return Problem(np.ascontiguousarray(small[..., :3]), small[..., 3], small[..., 4], small[..., 5] > 0)


def equations(problem: Problem) -> tuple[Any, Array]:
    """The sparse matrix (n, n) and right side (n,) of the free pixels, n of them in the order of rows."""
    free, width = problem.free.ravel(), problem.free.shape[1]
    asked = np.flatnonzero(free)
    data = laplacian(problem.guide, problem.free)
    around = np.array([y * width + x for y in range(-2, 3) for x in range(-2, 3)])
    columns = np.clip(asked[:, None] + around, 0, free.size - 1)
    known = ~free[columns]
    guess, trust = problem.guess.ravel(), problem.trust.ravel()[asked]
    right = trust * guess[asked] - np.where(known, data * guess[columns], 0).sum(1)
    data[known] = 0
    data[:, 12] += trust
    number = np.zeros(free.size, np.int32)
    number[asked] = np.arange(asked.size)
    starts = np.arange(asked.size + 1) * 25
    matrix: Any = sparse.csr_matrix(
        (data.ravel(), number[columns].ravel(), starts), shape=(asked.size, asked.size), copy=False
    )
    return matrix, right.astype(np.float32)


def laplacian(guide: Array, free: Bools) -> Array:
    """Rows of the matting Laplacian for the free pixels: (n, 25), the 5x5 pixels around each."""
    height, width = free.shape
    centres = grown(free)
    centres[[0, -1]] = centres[:, [0, -1]] = False
    middle = np.flatnonzero(centres)
    asked = np.flatnonzero(free)
    number = np.full(height * width, middle.size)  # of the window around a pixel; the last one is empty
    number[middle] = np.arange(middle.size)
    data, windows = np.zeros((25, asked.size), np.float32), np.zeros(asked.size, np.float32)
    planes = np.ascontiguousarray(guide.reshape(-1, 3).T)
    alike = np.zeros((9, 9, middle.size + 1), np.float32)
    for first in range(0, middle.size, CACHED):
        some = middle[first : first + CACHED]
        windows_of = np.stack([planes.take(some + (y * width + x), axis=1) for y, x in NEAR])
        alike[..., first : first + some.size] = likeness(windows_of)
    for i, (yi, xi) in enumerate(NEAR):
        around = number.take(asked - (yi * width + xi), mode="clip")
        windows += around < middle.size
        for (yj, xj), part in zip(NEAR, alike[i].take(around, axis=1), strict=True):
            data[(yj - yi + 2) * 5 + xj - xi + 2] -= part
    data[12] += windows
    return np.ascontiguousarray(data.T)


def grown(free: Bools) -> Bools:
    """What lies in a window around any of these pixels."""
    for axis in (0, 1):
        lines = np.swapaxes(free, 0, axis)
        wider = lines.copy()
        wider[1:] |= lines[:-1]
        wider[:-1] |= lines[1:]
        free = np.swapaxes(wider, 0, axis)
    return free


def likeness(colours: Array) -> Array:
    """How much two pixels of a window go together (9, 9, m), for the colours (9, 3, m) of m windows."""
    x = colours - colours.mean(0)
    spread = np.einsum("iam,ibm->abm", x, x, dtype=np.float64) / 9 + np.eye(3)[..., None] * (EPS / 9)
    turn = inverse(spread).astype(np.float32)
    result = np.empty((9, 9, x.shape[2]), np.float32)
    for i in range(9):
        red, green, blue = turn[:, 0] * x[i, 0] + turn[:, 1] * x[i, 1] + turn[:, 2] * x[i, 2]
        for j in range(i, 9):
            result[i, j] = (np.float32(1) + (red * x[j, 0] + green * x[j, 1] + blue * x[j, 2])) / 9
            result[j, i] = result[i, j]
    return result


def inverse(of: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverses of symmetric matrices (3, 3, m), by the cross products of their rows."""
    crossed = np.stack([np.cross(of[i - 2], of[i - 1], axis=0) for i in range(3)])
    return crossed / (of[0] * crossed[0]).sum(0)


def descend(matrix: Any, right: Array, x: Array) -> Array:
    """Conjugate gradients from `x` on, with the diagonal as preconditioner."""
    scale = 1 / matrix.diagonal()
    rest = right - matrix @ x
    step = scale * rest
    left = first = float(rest @ step)
    for _ in range(STEPS):
        if left <= CLOSE**2 * first:
            break
        progress(0)  # stops a cancelled run
        pushed = matrix @ step
        part = np.float32(left / float(step @ pushed))
        x = x + part * step
        rest = rest - part * pushed
        turned = scale * rest
        before, left = left, float(rest @ turned)
        step = turned + np.float32(left / before) * step
    return x
