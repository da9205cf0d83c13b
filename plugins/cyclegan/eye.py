"""Textures as imgen's own denoiser sees them: what styles are compared by, and what critics of texture look through."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.models import model as find_model
from imgen.training import checkpoint

from ..autoencoder.network import Autoencoder
from .network import MULTIPLE

DENOISER = "autoencoder/denoise"
STRIDES = (2, 1, 1)  # of critics of its features: all score at about a quarter of the size
NOISE = 0.05  # the level that the denoiser is told: it then looks for strokes of that contrast


def widths() -> tuple[int, int, int]:
    """Channels that the denoiser has at 1/2, 1/4 and 1/8 of the size."""
    a, b, c = find_model(DENOISER).card["training"]["settings"]["widths"]
    return a, b, c


class Eye(nn.Module):
    """The encoder of imgen's denoiser, frozen: what it sees at 1/2, 1/4 and 1/8 of the size."""

    def __init__(self) -> None:
        super().__init__()
        model = find_model(DENOISER)
        settings: dict[str, Any] = model.card["training"]["settings"]
        network = Autoencoder(1, widths(), settings["blocks"])
        network.load_state_dict(checkpoint.from_onnx(model.path))
        self.network = network.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features (B, C, H / n, W / n), at least 0, of pictures (B, 3, H, W) in 0..1."""
        n = self.network
        height, width = (side // MULTIPLE * MULTIPLE for side in pictures.shape[2:])
        x = pictures[:, :, :height, :width]
        noise = torch.full_like(x[:, :1], NOISE)
        half = n.encode1(n.head(F.pixel_unshuffle(torch.cat([x, noise], 1), 2)))
        quarter = n.encode2(n.down1(half))
        eighth = n.bottleneck(n.down2(quarter))
        return [F.relu(part) for part in (half, quarter, eighth)]
