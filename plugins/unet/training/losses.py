"""Losses for masks and classes of pixels."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def mask_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Cross-entropy, which each pixel counts in, plus 1 - IoU, which each picture counts in (BASNet, CVPR 2019)."""
    found = logits.sigmoid()
    both = (found * masks).sum((1, 2, 3))
    either = (found + masks - found * masks).sum((1, 2, 3))
    return F.binary_cross_entropy_with_logits(logits, masks) + (1 - (both + 1) / (either + 1)).mean()


def label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy over the classes; pixels labelled 255 do not count."""
    return F.cross_entropy(logits, labels[:, 0].long(), ignore_index=255)


def ssim(found: Tensor, truth: Tensor, side: int = 11) -> Tensor:
    """Mean structural similarity of masks (B, 1, H, W) in 0..1, in windows of `side` (Wang et al., TIP 2004).

    The windows are flat: Gaussian ones, as in `kornia.metrics.ssim`, take more than twice as long.
    """

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)

    a, b = mean(found), mean(truth)
    spread_a, spread_b = mean(found * found) - a * a, mean(truth * truth) - b * b
    shared = mean(found * truth) - a * b
    likeness = (2 * a * b + 1e-4) * (2 * shared + 9e-4) / ((a * a + b * b + 1e-4) * (spread_a + spread_b + 9e-4))
    return likeness.mean()
