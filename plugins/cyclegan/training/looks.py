"""What a style is: how features and colours of a painting go together, wherever they are; and what a photo shows.

Features are compared by their Gram matrices at several depths and sizes (Gatys et al., arXiv 1508.06576; Johnson et
al., arXiv 1603.08155). EfficientNet-Lite0 hardly cares for colour, so colours are compared as heaps, also those of
blurred pictures (sliced Wasserstein distance, Rabin et al., SSVM 2011).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ..networks.sight import LEARNED, Sight, gram, relative

SCALES = (1, 2)  # parts of the size at which features are compared
BLURS = (1, 4, 8)  # pixels on a side over which colours are averaged
MANY = 2048  # colours of a picture that are compared
SLICES = 16  # directions in which colours are
LIGHT = 4  # pixels on a side over which light is averaged
CONTENT = LEARNED.index(4)  # the features that tell what is shown: at 1/8


class Look(NamedTuple):
    """What paintings are compared by.

    Attributes:
        grams: (1, C, C) of each scale and depth.
        colours: (3, N) at each of `BLURS`.
    """

    grams: list[list[Tensor]]
    colours: list[Tensor]


@torch.no_grad()
def look_at(sight: Sight, painting: Tensor) -> Look:
    """The look of a painting (1, 3, H, W)."""
    return look_of(painting, [sight(smaller(painting, scale)) for scale in SCALES])


def look_of(painting: Tensor, seen: list[list[Tensor]]) -> Look:
    """The look of a painting (1, 3, H, W) by what is seen in it at `SCALES`."""
    grams = [[gram(part) for part in features] for features in seen]
    return Look(grams, [smaller(painting, blur)[0].flatten(1) for blur in BLURS])


def smaller(pictures: Tensor, scale: int) -> Tensor:
    """Pictures at 1/scale of the size."""
    return F.avg_pool2d(pictures, scale) if scale > 1 else pictures


def unlike(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """How far features of pictures, (B, C, h, w) at each depth, are from these Gram matrices."""
    return torch.stack([relative(gram(a), b) for a, b in zip(found, wanted, strict=True)]).mean()


def discoloured(made: Tensor, wanted: Look, chance: torch.Generator) -> Tensor:
    """How far the colours of each of the pictures (B, 3, H, W) are from a painting's, relative to their spread."""
    total = torch.zeros((), device=made.device)
    for blur, right in zip(BLURS, wanted.colours, strict=True):
        heaps = smaller(made, blur).flatten(2)  # (B, 3, N)
        count = min(MANY, heaps.shape[2])
        slices = F.normalize(torch.randn(SLICES, 3, generator=chance), dim=1).to(made.device)
        a, b = slices @ some(heaps, count, chance), slices @ some(right, count, chance)
        total = total + (a.sort(2).values - b.sort(1).values).square().mean() / (right.var(1).mean() + 1e-4)
    return total / len(BLURS)


def some(heaps: Tensor, count: int, chance: torch.Generator) -> Tensor:
    """`count` random columns of (..., 3, N); all if there are as many."""
    size = heaps.shape[-1]
    return heaps if size == count else heaps[..., torch.randint(size, (count,), generator=chance).to(heaps.device)]


def other_thing(made: list[Tensor], shown: list[Tensor]) -> Tensor:
    """How far what is painted is from what a photo shows (features of `Sight`), whatever its contrast."""
    return not_like(made[CONTENT], shown[CONTENT])


def not_like(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean square difference of features (B, C, h, w), each channel by its own mean and spread."""
    return (plain(made) - plain(wanted)).square().mean()


def other_light(made: Tensor, photos: Tensor) -> Tensor:
    """How far light and dark of what is painted are from the photos' (B, 3, H, W), whatever contrast they have."""
    light = [plain(F.avg_pool2d(pictures.mean(1, keepdim=True), LIGHT)) for pictures in (made, photos)]
    return (light[0] - light[1]).square().mean()


def other_edges(made: Tensor, photos: Tensor) -> Tensor:
    """How little the strength of edges in what is painted goes with that in the photos (B, 3, H, W): 0 same, 1 none."""
    strengths = [plain(steepness(pictures)) for pictures in (made, photos)]
    return 1 - (strengths[0] * strengths[1]).mean()


def steepness(pictures: Tensor) -> Tensor:
    """Strength of the gradient of light (B, 1, H - 1, W - 1) of pictures (B, 3, H, W)."""
    light = pictures.mean(1, keepdim=True)
    down, across = light[..., 1:, :-1] - light[..., :-1, :-1], light[..., :-1, 1:] - light[..., :-1, :-1]
    return (down.square() + across.square() + 1e-6).sqrt()


def plain(features: Tensor) -> Tensor:
    """Features (B, C, h, w) with mean 0 and spread 1 in each channel."""
    features = features.float()
    mean = features.mean((2, 3), keepdim=True)
    return (features - mean) / (features.var((2, 3), keepdim=True, correction=0) + 1e-5).sqrt()


def rough(made: Tensor) -> Tensor:
    """Total variation of pictures (B, 3, H, W): how much neighbouring pixels differ."""
    return (made[..., 1:] - made[..., :-1]).abs().mean() + (made[..., 1:, :] - made[..., :-1, :]).abs().mean()
