"""Textures as a denoiser of imgen sees them: what styles are compared by, what critics of texture look through."""

from __future__ import annotations

import json
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.inference.registry import shipped

from .generator import MULTIPLE

WEIGHTS = shipped("cyclegan") / "features" / "eye.safetensors"
STRIDES = (2, 1, 1)  # of critics of its features: all score at about a quarter of the size
NOISE = 0.05  # the level that the denoiser is told: it then looks for strokes of that contrast


def widths() -> tuple[int, int, int]:
    """Channels that the denoiser has at 1/2, 1/4 and 1/8 of the size."""
    a, b, c = settings()["widths"]
    return a, b, c


def settings() -> dict[str, Any]:
    """Those that the denoiser was trained with."""
    with safe_open(WEIGHTS, framework="pt") as file:
        return json.loads(file.metadata()["training"])["settings"]


class Residual(nn.Module):
    """x + conv(relu(conv(x))), the denoiser's block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Add what the two convolutions make of `x` (B, width, H, W)."""
        return x + self.second(F.relu(self.first(x)))


def conv(inputs: int, outputs: int) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def residuals(width: int, count: int) -> nn.Sequential:
    """`count` residual blocks in a row."""
    return nn.Sequential(*(Residual(width) for _ in range(count)))


class FeatureNetwork(nn.Module):
    """The encoder of a denoiser, frozen: what it sees at 1/2, 1/4 and 1/8 of the size.

    Its weights are those of a denoiser (33.76, 31.13 and 27.91 dB on CBSD68 at Gaussian 15, 25 and 50) that is kept for
    this alone, so that styles and figures stay comparable whichever denoiser is shipped.
    """

    def __init__(self) -> None:
        super().__init__()
        a, b, c = widths()
        blocks = settings()["blocks"]
        self.network = nn.ModuleDict(
            {
                "head": conv(4 * 4, a),
                "encode1": residuals(a, blocks),
                "down1": nn.Conv2d(a, b, 2, stride=2),
                "encode2": residuals(b, blocks),
                "down2": nn.Conv2d(b, c, 2, stride=2),
                "bottleneck": residuals(c, 2),
            }
        )
        self.network.load_state_dict({name: value.float() for name, value in load_file(WEIGHTS).items()})
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features (B, C, H / n, W / n), at least 0, of pictures (B, 3, H, W) in 0..1."""
        n = self.network
        height, width = (side // MULTIPLE * MULTIPLE for side in pictures.shape[2:])
        x = pictures[:, :, :height, :width]
        noise = torch.full_like(x[:, :1], NOISE)
        half = n["encode1"](n["head"](F.pixel_unshuffle(torch.cat([x, noise], 1), 2)))
        quarter = n["encode2"](n["down1"](half))
        eighth = n["bottleneck"](n["down2"](quarter))
        return [F.relu(part) for part in (half, quarter, eighth)]
