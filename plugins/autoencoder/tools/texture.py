"""Texture for large holes, copied in patches from the surroundings.

Coarse to fine: at each size, every patch that touches the hole looks for the known patch most like it
(PatchMatch, Barnes et al. 2009), then each pixel becomes the mean of what its patches propose (Wexler et al.
2007). A guide, the network's blurry filling, says what goes where; the patches bring the detail back.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imgen.contract.arrays import Array
from imgen.contract.context import progress
from imgen.image.resize import resize

from .patches import Search

Flags = NDArray[np.bool_]
ROUNDS = (10, 4, 3)  # search-and-vote rounds at the coarsest size, the next one, and all others
SEARCHED = 60_000  # with more unknown pixels than this a size only refines what it was handed


def fill_texture(image: Array, hole: Flags, guide: Array, seed: int = 0) -> Array:
    """Fill the hole of `image` (H, W, 3) with patches from outside it.

    Args:
        image: the picture.
        hole: (H, W), where the picture is unknown.
        guide: (h, w, 3), a smaller and complete version of the picture.
        seed: of the random search; the same seed gives the same picture.

    Returns:
        A new (H, W, 3) picture, equal to `image` outside the hole. Where there is no whole patch to copy from,
        the guide fills it.
    """
    rng = np.random.default_rng(seed)
    sizes = pyramid(hole.shape, guide.shape)
    field: NDArray[np.int32] | None = None
    filled = np.where(hole[..., None], resize(guide, image.shape), image)
    for i, size in enumerate(sizes):
        progress(i, len(sizes))
        small, small_hole = shrink(image, hole, size)
        search = Search(small, small_hole, resize(guide, size) if i == 0 else resize(filled, size), rng)
        if not search.possible:
            continue
        search.start(field)
        rounds = ROUNDS[min(i, 2)] if search.count <= SEARCHED else 0
        search.run(rounds)
        field = search.whole
        filled = search.blended() if size == hole.shape else search.picture
    return np.where(hole[..., None], resize(filled, image.shape), image)


def pyramid(full: tuple[int, ...], guide: tuple[int, ...]) -> list[tuple[int, int]]:
    """Sizes from the guide's to the full one, each about twice the one before."""
    steps = max(1, round(np.log2(full[0] / guide[0])))
    share = [(guide[0] / full[0]) ** (1 - i / steps) for i in range(steps + 1)]
    return [(max(8, round(full[0] * s)), max(8, round(full[1] * s))) for s in share]


def shrink(image: Array, hole: Flags, shape: tuple[int, int]) -> tuple[Array, Flags]:
    """Picture and hole at a smaller size; known pixels are averaged without what is in the hole."""
    if shape == hole.shape:
        return image, hole
    known = (~hole).astype(np.float32)
    weight = resize(known[..., None], shape)
    mean = resize(image * known[..., None], shape) / np.maximum(weight, 1e-3)
    return np.where(weight > 0.5, mean, np.float32(0.5)), weight[..., 0] <= 0.5
