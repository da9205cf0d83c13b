"""What a generator is given to translate: pictures of its domain, other photos, and some in another light."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from imgen.training.augment import jitter, square
from imgen.training.data import Crop, DataError, Decoding, Pictures
from imgen.training.trainer import as_tensor

from .domains import STORED

DEEPER = (1.0, 1.8)  # times the distance of colours from grey, in pictures in another light


def parted(folders: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Folders that hold the pictures of a pair of domains, and those of other photos: these have no trainA or trainB.

    Raises:
        DataError: there are none of other photos.
    """
    pairs = [folder for i, folder in enumerate(folders) if i == 0 or any((folder / f"train{s}").is_dir() for s in "AB")]
    others = [folder for folder in folders if folder not in pairs]
    if not others:
        raise DataError("with others=... give --data folders of other photos, too, after that of the pair")
    return pairs, others


def other_photos(folders: Sequence[Path]) -> Pictures:
    """Photos that shall be translated, too, though they belong to no domain."""
    return Pictures(folders, Decoding(side=STORED))


def exchanged(
    own: Tensor, others: Pictures | None, part: float, size: int, least: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Pictures (B, 3, S, S) of which a random part is replaced by squares of other photos; and which are (B,)."""
    chosen = rng.random(len(own)) < part
    if others is None or not chosen.any():
        return own, torch.zeros(len(own), dtype=torch.bool)
    drawn = [square(others[int(rng.integers(len(others)))], rng, size, least) for _ in range(int(chosen.sum()))]
    which, given = torch.from_numpy(chosen), own.clone()
    given[which] = as_tensor(np.stack(drawn))
    return given, which


def relit(pictures: Tensor, part: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (B, 3, S, S) of which a random part is in another light with deeper colours; and which are (B,)."""
    which, given = torch.from_numpy(rng.random(len(pictures)) < part), pictures.clone()
    for i in which.nonzero()[:, 0].tolist():
        given[i] = in_another_light(as_bytes(pictures[i]), rng)
    return given, which


def in_another_light(photo: Crop, rng: np.random.Generator) -> Tensor:
    """A photo (H, W, 3) with another white balance, brightness and contrast, and deeper colours (3, H, W) in 0..1."""
    x = torch.from_numpy(jitter(photo, rng)).permute(2, 0, 1)
    grey = x.mean(0, keepdim=True)
    return (grey + rng.uniform(*DEEPER) * (x - grey)).clamp(0, 1)


def as_bytes(picture: Tensor) -> Crop:
    """(3, H, W) in 0..1 as (H, W, 3) bytes."""
    return (picture.permute(1, 2, 0) * 255).round().clamp(0, 255).to(torch.uint8).numpy()
