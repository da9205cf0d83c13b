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


class TextureCritic(nn.Module):
    """Tells real from made by an `Eye`'s features, place by place (as in Projected GANs, Sauer et al., 2111.01007).

    What a critic would have to learn from few pictures, a network knows that has seen many.

    Args:
        width: channels of its only hidden layers.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        spectral = nn.utils.parametrizations.spectral_norm
        self.layers = nn.ModuleList(
            nn.Sequential(
                spectral(nn.Conv2d(inputs, width, 3, stride, padding=1)),
                nn.LeakyReLU(0.2),
                spectral(nn.Conv2d(width, width, 3, padding=1)),
                nn.LeakyReLU(0.2),
                nn.Conv2d(width, 1, 1),
            )
            for inputs, stride in zip(widths(), (2, 1, 1), strict=True)
        )

    def forward(self, half: Tensor, quarter: Tensor, eighth: Tensor) -> Tensor:
        """Scores (B, 3, H/4, W/4), higher for real, of features (B, C, H/n, W/n)."""
        scores = [layers(part) for layers, part in zip(self.layers, (half, quarter, eighth), strict=True)]
        scores[2] = F.interpolate(scores[2], scores[1].shape[2:])
        return torch.cat(scores, 1)
