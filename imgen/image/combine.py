"""Two selections become one: added, subtracted, intersected."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from ..contract.arrays import Array

How = Literal["replace", "add", "subtract", "intersect"]
HOW: tuple[How, ...] = get_args(How)


def combined(how: How, before: Array | None, new: Array) -> Array:
    """What is selected after `new`, (H, W) in 0..1, was added to what was selected before, or another way.

    Soft edges are taken as fuzzy sets are: the greater of two, the smaller of two (Zadeh, Fuzzy sets, 1965).

    Args:
        how: what becomes of the two; "replace" forgets the one before.
        before: (H, W); None is everything to subtract from and to intersect with, and nothing to add to.
        new: (H, W).
    """
    if how == "replace" or (before is None and how != "subtract"):
        return new
    if how == "add":
        assert before is not None
        return np.maximum(before, new)
    return (1 - new) if before is None else np.minimum(before, new if how == "intersect" else 1 - new)
