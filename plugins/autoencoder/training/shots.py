"""Real noise: photos as a camera gave them beside the mean of many shots of the same still scene (Xu et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imgen.training.data import DataError, Pictures, cut, find_pictures, turn

Array = npt.NDArray[np.float32]
REAL, MEAN = "_real.", "_mean."  # in the names of a pair's two files
ROUNDS = 3  # in which the place of a mean is found, each from where the last one has put it
WEAKEST, STRONGEST = 0.6, 1.8  # times its own strength, so that a few scenes teach more than their own strengths


def mean_of(path: Path) -> Path:
    """The mean that belongs to a shot."""
    return path.with_name(path.name.replace(REAL, MEAN))


def has_shots(folder: Path) -> bool:
    """Whether a folder holds pairs."""
    return any(REAL in path.name for path in find_pictures(folder))


def in_place(shot: Array, mean: Array) -> tuple[float, float]:
    """How far (down, right) in pixels the mean (H, W, 3) must be moved to lie where the shot does.

    The shift along the gradients that explains most of the difference (Lucas and Kanade 1981); differences in
    brightness over large parts do not count.
    """
    shift = np.zeros(2)
    for _ in range(ROUNDS):
        moved = ndimage.shift(mean, (*shift, 0), order=3, mode="mirror")
        difference = (shot - moved).mean(2)
        difference -= ndimage.gaussian_filter(difference, 8)
        light = ndimage.gaussian_filter(moved.mean(2), 0.7)
        gradient = np.stack([part.ravel() for part in np.gradient(light)], 1)
        shift -= np.linalg.lstsq(gradient, difference.ravel(), rcond=None)[0]
    return float(shift[0]), float(shift[1])


class Shots:
    """Crops of such pairs, the means moved into place, for many lie up to half a pixel beside the shot.

    Args:
        folders: in which NAME_real.* lies beside NAME_mean.*, of the same size.

    Raises:
        DataError: a shot has no mean, or one of another size.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.pictures = Pictures(folders)
        place = {path: i for i, path in enumerate(self.pictures.paths)}
        self.shifts: dict[int, tuple[float, float]] = {}
        self.pairs = [(i, place.get(mean_of(path), -1)) for path, i in place.items() if REAL in path.name]
        for shot, mean in self.pairs:
            if mean < 0 or self.pictures[shot].shape != self.pictures[mean].shape:
                raise DataError(f"{self.pictures.paths[shot]} needs a {MEAN[1:-1]} of the same name and size beside it")

    def crop(self, rng: np.random.Generator, size: int) -> tuple[Array, Array]:
        """A clean and a noisy crop (S, S, 3) in 0..1; the noise is made a little weaker or stronger."""
        shot, mean = self.pairs[rng.integers(len(self.pairs))]
        both = np.concatenate([self.pictures[mean], self.pictures[shot]], 2)
        if shot not in self.shifts:
            whole = both.astype(np.float32) / np.float32(255)
            self.shifts[shot] = in_place(whole[..., 3:], whole[..., :3])
        part = cut(both, rng, size).astype(np.float32) / np.float32(255)
        part[..., :3] = ndimage.shift(part[..., :3], (*self.shifts[shot], 0), order=3, mode="mirror").clip(0, 1)
        part = np.asarray(turn(cast("Any", part), rng), np.float32)  # it turns any numbers, not bytes alone
        clean, noise = part[..., :3], part[..., 3:] - part[..., :3]
        times = np.float32(WEAKEST * (STRONGEST / WEAKEST) ** rng.random())
        return clean, (clean + times * noise).clip(0, 1)
