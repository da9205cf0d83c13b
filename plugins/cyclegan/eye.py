"""Textures as a denoiser of imgen sees them: what styles are compared by, what critics of texture look through."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from ..autoencoder.network import Autoencoder
from .network import MULTIPLE

PARTS = "head", "encode1", "down1", "encode2", "down2", "bottleneck"
WEIGHTS = Path(str(files("imgen_exports"))) / "cyclegan" / "features" / "eye.safetensors"
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


class Eye(nn.Module):
    """The encoder of a denoiser, frozen: what it sees at 1/2, 1/4 and 1/8 of the size.

    Its weights are those of a denoiser (33.76, 31.13 and 27.91 dB on CBSD68 at Gaussian 15, 25 and 50) that is kept for
    this alone, so that styles and figures stay comparable whichever denoiser is shipped.
    """

    def __init__(self) -> None:
        super().__init__()
        network = Autoencoder(1, widths(), settings()["blocks"])
        self.network = nn.ModuleDict({part: getattr(network, part) for part in PARTS})
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
