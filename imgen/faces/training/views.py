"""Faces as they might as well have been taken: moved, in another light, with noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .portraits import similarity

CHANGED = 0.4  # share of the faces that are moved, and of those whose light changes


def moved(images: Tensor, draw: torch.Generator, turn: float = 4.0, zoom: float = 0.05, shift: float = 0.023) -> Tensor:
    """A share of the faces (B, 3, S, S) turned (degrees), zoomed and shifted (parts of the side) by up to so much."""
    count = len(images)
    dice = (torch.rand(4, count, generator=draw) * 2 - 1) * (torch.rand(count, generator=draw) < CHANGED)
    angle, scale = dice[0] * math.radians(turn), 1 + dice[1] * zoom
    grid = similarity(images, angle, scale, dice[2:] * shift * 2)  # a side is 2
    return F.grid_sample(images, grid, mode="bicubic", padding_mode="reflection", align_corners=False).clamp(0, 1)


def tinted(images: Tensor, draw: torch.Generator) -> Tensor:
    """A share of the faces in another light: up to 15 % brighter or darker, with a cast of up to 6 %."""
    count = len(images)
    on = (torch.rand(count, 1, 1, 1, generator=draw) < CHANGED).float()
    cast = 1 + on * (torch.rand(count, 3, 1, 1, generator=draw) - 0.5) * 0.12
    light = 1 + on * (torch.rand(count, 1, 1, 1, generator=draw) - 0.5) * 0.3
    return (images * cast * light).clamp(0, 1)


def view(images: Tensor, draw: torch.Generator, sets: int = 1) -> Tensor:
    """The same random view of each of `sets` sets of pictures, one after the other: turned, moved, lit, with noise.

    What a judge must see from every side is hard to fake by a pattern.
    """
    count = len(images) // sets
    seeds = draw.get_state()
    parts: list[Tensor] = []
    for part in images.split(count):
        draw.set_state(seeds)
        light = (1 + (torch.rand(count, 1, 1, 1, generator=draw) - 0.5) * 0.4).to(part.device)
        parts.append(moved(part, draw, turn=8, zoom=0.08, shift=0.04) * light)
    seen = torch.cat(parts)
    return seen + 0.015 * torch.randn(seen.shape, generator=draw).to(seen.device)
