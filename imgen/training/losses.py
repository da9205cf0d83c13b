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
