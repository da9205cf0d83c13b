"""How near pictures are to what they should be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


def psnr(made: NDArray[Any], truth: NDArray[Any], where: NDArray[np.bool_] | None = None) -> float:
    """Peak signal-to-noise ratio in dB of pictures in 0..1, of the same shape; higher is nearer.

    Args:
        made: (..., H, W, C).
        truth: the same shape.
        where: (H, W), the pixels that count; None is all.
    """
    error = (made.astype(np.float64) - truth) ** 2
    return float(-10 * np.log10(error[where].mean() if where is not None else error.mean()))


def batch_psnr(made: Tensor, truth: Tensor) -> Tensor:
    """Mean PSNR in dB of the pictures of a batch (B, C, H, W) in 0..1, without a gradient."""
    return -10 * (made.detach() - truth).square().mean((1, 2, 3)).clamp_min(1e-10).log10().mean()
