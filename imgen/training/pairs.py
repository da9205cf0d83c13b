"""Folders of paired pictures: photos with masks, or inputs with what they should become."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .data import Crop, DataError, Decoding, Pictures
from .transforms import functional


class Pairs:
    """Pictures that belong together two by two: DIR/`first`/NAME.* with DIR/`second`/NAME.*, of one size.

    Args:
        folders: each holds the two subfolders.
        first: the subfolder of the RGB pictures.
        second: the subfolder of their partners.
        decoding: how the partners are decoded; both are shrunk to its `side`.

    Raises:
        DataError: a subfolder or a partner is missing, or sizes differ; the message names the file.
    """

    def __init__(self, folders: Sequence[Path], first: str, second: str, decoding: Decoding) -> None:
        for folder in folders:
            missing = [name for name in (first, second) if not (folder / name).is_dir()]
            if missing:
                raise DataError(f"{folder} holds no folder {missing[0]!r}; put pictures in {first}/ and {second}/")
        self.first = Pictures([f / first for f in folders], Decoding(side=decoding.side))
        self.second = Pictures([f / second for f in folders], decoding)
        check_names(self.first.files, self.second.files, second)
        readable = {*self.first.paths, *self.second.paths}
        both = [pair for pair in zip(self.first.files, self.second.files, strict=True) if readable.issuperset(pair)]
        if not both:
            raise DataError(f"no picture in {first}/ and its partner in {second}/ can both be read; replace them")
        self.first.keep({a for a, _ in both})
        self.second.keep({b for _, b in both})
        for path, a, b in zip(self.first.paths, self.first.index, self.second.index, strict=True):
            if a[1:] != b[1:]:
                raise DataError(f"{path} is {a.width}x{a.height}, its partner in {second}/ {b.width}x{b.height}")

    def __len__(self) -> int:
        return len(self.first)

    def draw(self, rng: np.random.Generator, least: float = 0.6) -> tuple[Crop, Crop]:
        """The same random part of both pictures of a random pair, flipped or not.

        Args:
            rng: the randomness of the step.
            least: the part has at least this share of the height and, apart from it, of the width.
        """
        i = int(rng.integers(len(self)))
        a, b = self.first[i], self.second[i]
        (height, width), share = a.shape[:2], rng.uniform(least, 1, 2)
        h, w = max(1, round(share[0] * height)), max(1, round(share[1] * width))
        top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
        area = np.s_[top : top + h, left : left + w]
        step = -1 if rng.random() < 0.5 else 1
        return a[area][:, ::step], b[area][:, ::step]


def check_names(first: Sequence[Path], second: Sequence[Path], folder: str) -> None:
    """Every picture has a partner of the same stem.

    Raises:
        DataError: one has none.
    """
    stems, others = [p.stem for p in first], [p.stem for p in second]
    alone = set(stems) ^ set(others)
    if alone:
        path = next(p for p in [*first, *second] if p.stem in alone)
        raise DataError(f"{path} has no partner; {folder}/ must hold one file of the same name for every picture")
    if stems != others:
        raise DataError(f"two pictures in {first[0].parent} or {folder}/ have the same name; rename one")


def resize(crop: NDArray[np.uint8], width: int, height: int, *, labels: bool = False) -> Crop:
    """(H, W, C) bytes at another size: bilinear, antialiased when smaller; labels by nearest pixel."""
    picture = torch.from_numpy(crop.copy()).permute(2, 0, 1)  # data files are mapped and cannot be written to
    way = functional.InterpolationMode.NEAREST if labels else functional.InterpolationMode.BILINEAR
    return functional.resize(picture, [height, width], way, antialias=not labels).permute(1, 2, 0).numpy()
