"""What the published EfficientNet-Lite0 sees in a picture: styles are learned from it, and judged by it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from imgen.training.backbone import Inverted, folded, pretrained

STEM = -1  # the place before all blocks
MULTIPLE = 16  # of heights and widths
LEARNED = (STEM, 0, 1, 2, 4, 6, 8)  # at 1/2, 1/2, 1/4, 1/4, 1/8, 1/16 and 1/16 of the size
JUDGED = (3, 7, 9)  # blocks that no training looks at: at 1/8, 1/16 and 1/16


class Sight(nn.Module):
    """Features inside blocks of Lite0, where they are widest, before they are narrowed; frozen.

    These are clipped to 0..6, as those of the networks are that style transfer began with. What leaves the blocks are
    plain sums, whose correlations say little about strokes.

    Args:
        places: blocks, in rising order; `STEM` for what comes before them.
    """

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__()
        network = folded(pretrained())
        self.places, self.stem, self.blocks = tuple(places), network.stem, network.blocks[: places[-1] + 1]
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features (B, C, H / n, W / n) of pictures (B, 3, H, W) in 0..1, cut to multiples of 16."""
        height, width = (side // MULTIPLE * MULTIPLE for side in pictures.shape[2:])
        x = self.stem((pictures[:, :, :height, :width].contiguous() * 255 - 127) / 128)
        found = [x] if STEM in self.places else []
        for i, block in enumerate(self.blocks):
            assert isinstance(block, Inverted)
            inside = block.depthwise(block.expand(x))
            if i in self.places:
                found.append(inside)
            if i < self.places[-1]:
                narrow = block.project(inside)
                x = x + narrow if block.shortcut else narrow
        return found


def gram(features: Tensor) -> Tensor:
    """Correlations (B, C, C) of the channels of (B, C, h, w) over all places (Gatys et al., arXiv 1508.06576)."""
    flat = features.float().flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def relative(made: Tensor, wanted: Tensor) -> Tensor:
    """Square error of (B, ...) over the squares of what is wanted (1 or B, ...), the mean over B."""
    return ((made - wanted).square().flatten(1).sum(1) / wanted.square().flatten(1).sum(1)).mean()


@torch.no_grad()
def style_distance(judge: Sight, picture: Tensor, wanted: Sequence[Tensor]) -> float:
    """Mean over depths of how far the correlations of a picture (1, 3, H, W) are from those that are wanted."""
    found = [gram(part) for part in judge(picture)]
    return sum(float(relative(a, b)) for a, b in zip(found, wanted, strict=True)) / len(wanted)
