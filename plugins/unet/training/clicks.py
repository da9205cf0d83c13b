"""Clicks as a user would make them, for training (RITM, Sofiiuk et al., arXiv 2102.06583; Xu et al., 1603.04042)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

RADIUS = 5  # of a click's disc, in pixels of what the network sees
COARSE = 4  # wrong parts are looked for at a fraction of the size
DEPTH = 16  # and measured up to so many steps from their edge


def discs(shape: tuple[int, int], y: Tensor, x: Tensor) -> Tensor:
    """(B, 1, H, W): 1 within `RADIUS` of the pixel (y, x) of each picture, both (B,); else 0."""
    rows = torch.arange(shape[0], device=y.device).view(1, 1, -1, 1)
    columns = torch.arange(shape[1], device=y.device).view(1, 1, 1, -1)
    away = (rows - y.view(-1, 1, 1, 1)) ** 2 + (columns - x.view(-1, 1, 1, 1)) ** 2
    return (away <= RADIUS**2).float()


def depth(region: Tensor) -> Tensor:
    """How many steps inside a region (B, 1, h, w) of 0 and 1 each place lies, at most `DEPTH`."""
    total = torch.zeros_like(region)
    for _ in range(DEPTH):
        total = total + region
        region = -F.max_pool2d(-F.pad(region, [1] * 4), 3, 1)
    return total


@torch.no_grad()
def one_more(found: Tensor, truth: Tensor, clicks: Tensor, use: Tensor, chance: Tensor) -> Tensor:
    """`clicks` with another one, somewhere deep in the part of the picture that is wrong by most.

    Args:
        found: probabilities (B, 1, H, W).
        truth: masks (B, 1, H, W) in 0..1.
        clicks: (B, 2, H, W).
        use: (B,): the pictures that get one.
        chance: (B, H * W / 16) random numbers in 0..1, which choose among deep places.
    """
    guess, true = (F.avg_pool2d(m, COARSE) > 0.5 for m in (found, truth))
    missed, extra = depth((true & ~guess).float()), depth((guess & ~true).float())
    adds = missed.flatten(1).amax(1) >= extra.flatten(1).amax(1)  # (B,)
    wrong = torch.where(adds.view(-1, 1, 1, 1), missed, extra).flatten(1)
    deepest = wrong.amax(1, keepdim=True)
    place = ((wrong > 0.6 * deepest) * chance).argmax(1)
    width = missed.shape[3]
    y, x = ((n * COARSE + COARSE // 2) for n in (place // width, place % width))
    disc = discs((found.shape[2], found.shape[3]), y, x) * (use & (deepest[:, 0] > 1)).view(-1, 1, 1, 1)
    part = adds.float().view(-1, 1, 1, 1)
    return torch.maximum(clicks, torch.cat([disc * part, disc * (1 - part)], 1))
