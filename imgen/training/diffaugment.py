"""Differentiable augmentation: the critic sees real and made pictures only through random changes of the same kind.

With few pictures a critic learns them by heart. Augmenting the real ones alone would teach the generator the
augmentation; augmenting both, and passing gradients through, does not (DiffAugment, Zhao et al., arXiv 2006.10738).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Change = Literal["colour", "move", "hole"]


def augment(pictures: Tensor, changes: Sequence[Change], chance: torch.Generator) -> Tensor:
    """Pictures (B, C, H, W) in 0..1 after these changes, each picture differently. Colours may leave 0..1 a little."""
    for change in changes:
        pictures = CHANGES[change](pictures, chance)
    return pictures


def colour(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Brightness ±0.25, saturation times 0..2, contrast times 0.5..1.5."""
    shift, vivid, contrast = torch.rand(3, len(pictures), 1, 1, 1, generator=chance).to(pictures.device)
    x = pictures + (shift - 0.5) / 2
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * 2 * vivid
    middle = x.mean((1, 2, 3), keepdim=True)
    return middle + (x - middle) * (contrast + 0.5)


def move(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Shifted by up to an eighth of the size.

    The picture is continued by reflection: with the paper's flat border a young generator learns to draw one.
    """
    height, width = pictures.shape[2:]
    y, x = height // 8, width // 8
    tops = torch.randint(2 * y + 1, (len(pictures),), generator=chance).tolist()
    lefts = torch.randint(2 * x + 1, (len(pictures),), generator=chance).tolist()
    padded = F.pad(pictures, (x, x, y, y), mode="reflect").unbind()  # cuts of one picture each have cheap gradients
    cuts = [one[:, t : t + height, u : u + width] for one, t, u in zip(padded, tops, lefts, strict=True)]
    return torch.stack(cuts)


def hole(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """A grey square of half of the size, its centre anywhere."""
    inside: list[Tensor] = []
    for size in pictures.shape[2:]:
        centre = torch.rand(len(pictures), 1, generator=chance) * size
        inside.append((torch.arange(size) + 0.5 - centre).abs() < size / 4)  # (B, size)
    cut = (inside[0][:, None, :, None] & inside[1][:, None, None, :]).to(pictures.device)  # (B, 1, H, W)
    return pictures.masked_fill(cut, 0.5)


CHANGES = {"colour": colour, "move": move, "hole": hole}
