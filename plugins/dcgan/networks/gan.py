"""The generator that turns codes into pictures, the critic that tells them from real ones, and the encoder.

References: DCGAN (Radford et al., arXiv 1511.06434), spectral normalisation (Miyato et al., arXiv 1802.05957),
the projection critic (Miyato and Koyama, arXiv 1802.05637), the spread over the batch (Karras et al., arXiv
1710.10196), resizing against checkerboards (Odena et al., Distill 2016), residual blocks and a critic with a
convolution of 3x3 before each halving (both as in the networks of Miyato et al., arXiv 1802.05957).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.blocks import blocks

from .residual import Rise, hes_start

Upsampling = Literal["transposed", "resize", "residual"]
Norm = Literal["spectral", "batch", "none"]


class Generator(nn.Module):
    """A code becomes a small picture of many channels, which doubles its size with every layer.

    Args:
        code: numbers in a code.
        classes: numbers in a label; 0 without labels.
        channels: of the picture.
        widths: channels at each size, from the smallest one up; the picture is twice as large as the last, with
            residual blocks as large.
        base: side of the smallest size in pixels.
        upsampling: "transposed" convolutions as published, "resize" to twice the size, then convolve, or "residual"
            blocks of two convolutions.
    """

    def __init__(
        self, code: int, classes: int, channels: int, widths: Sequence[int], base: int, upsampling: Upsampling
    ) -> None:
        super().__init__()
        self.code, self.classes, self.base = code, classes, base
        residual = upsampling == "residual"
        self.first = nn.Linear(code + classes, widths[0] * base**2, bias=residual)
        self.stages = nn.Sequential(*(Rise(*pair) for pair in pairwise(widths)) if residual else ())
        if residual:
            self.norms = nn.ModuleList([nn.BatchNorm2d(widths[-1])])
            last = nn.Conv2d(widths[-1], channels, 3, padding=1)
            self.layers = nn.ModuleList([last])
            self.apply(hes_start)
            last.weight.data *= 0.3  # colours that start far from grey would be hard to move
            return
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)
        pairs = zip(widths, (*widths[1:], channels), strict=True)
        self.layers = nn.ModuleList(doubling(inputs, outputs, upsampling) for inputs, outputs in pairs)
        self.apply(small_weights)

    def forward(self, code: Tensor, label: Tensor) -> Tensor:
        """Codes (B, code), normal, and one-hot labels (B, classes) to pictures (B, channels, H, W) in 0..1."""
        x = self.first(torch.cat([code, label], 1))
        x = self.stages(x.unflatten(1, (-1, self.base, self.base)))
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = layer(F.relu(norm(x)))
        return x.sigmoid()


def base_of(size: int, widths: Sequence[int], upsampling: Upsampling) -> int:
    """Side of the smallest size of a generator of pictures of `size` pixels."""
    return size // 2 ** (len(widths) - (upsampling == "residual"))


def doubling(inputs: int, outputs: int, upsampling: Upsampling) -> nn.Module:
    """A layer that makes pictures twice as large."""
    if upsampling == "transposed":
        return nn.ConvTranspose2d(inputs, outputs, 4, 2, padding=1)
    return nn.Sequential(nn.Upsample(scale_factor=2.0), nn.Conv2d(inputs, outputs, 3, padding=1))


class Critic(nn.Module):
    """Halves the size with every layer, then scores.

    Args:
        classes: numbers in a label; 0 without labels.
        channels: of the picture.
        widths: channels at each size, from the smallest one up, as in the generator.
        base: side of the smallest size in pixels.
        norm: "spectral" on all weights, "batch" as published, or "none".
        spread: add a channel with the mean spread over the batch, so that a batch of equals gives itself away.
        deep: a convolution of 3x3 at each size, too; `widths` then has one more, for the full size.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        widths: Sequence[int],
        base: int,
        norm: Norm,
        spread: bool,
        deep: bool = False,
    ) -> None:
        super().__init__()
        self.spread, self.base = spread, base
        down = [*reversed(widths)] if deep else [channels, *reversed(widths)]
        layers: list[nn.Module] = []
        for i, (inputs, outputs) in enumerate(pairwise(down)):
            if deep:
                seen = inputs if i else channels
                layers += [normalised(nn.Conv2d(seen, inputs, 3, padding=1), norm), nn.LeakyReLU(0.2)]
            layers.append(normalised(nn.Conv2d(inputs, outputs, 4, 2, padding=1), norm))
            if norm == "batch" and i > 0:  # the published critic has none after its first layer
                layers.append(nn.BatchNorm2d(outputs))
            layers.append(nn.LeakyReLU(0.2))
        self.layers = nn.Sequential(*layers)
        inputs = (widths[0] + spread) * base**2
        self.score = normalised(nn.Linear(inputs, 1), norm)
        self.match = normalised(nn.Linear(classes, inputs, bias=False), norm) if classes else None
        self.apply(hes_start if deep and norm == "none" else small_weights)

    def forward(self, picture: Tensor, label: Tensor) -> Tensor:
        """Scores (B, 1), above 0 for real, of pictures (B, channels, H, W) in 0..1 with one-hot labels (B, classes)."""
        x = self.layers(picture * 2 - 1)  # (B, widths[0], base, base)
        if self.spread:
            x = torch.cat([x, (x.float().var(0) + 1e-8).sqrt().mean().to(x.dtype).expand(len(x), 1, *x.shape[2:])], 1)
        x = x.flatten(1)
        return self.score(x) + (0 if self.match is None else (self.match(label) * x).sum(1, keepdim=True))


class Encoder(nn.Module):
    """Guesses the code of a face: residual blocks, each stage at half the size of the one before.

    Args:
        code: numbers in a code.
        widths: channels at 32, 16, 8 and 4 pixels.
        of: SHA-256 of the generator whose codes it guesses.
    """

    of: Tensor  # (32,) bytes

    def __init__(self, code: int, widths: Sequence[int]) -> None:
        super().__init__()
        stages = [blocks(12, widths[0], 1), *(blocks(a, b, 1, stride=2) for a, b in pairwise(widths))]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(widths[-1] * 16, code)
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))

    def forward(self, image: Tensor) -> Tensor:
        """Codes (B, code) of faces (B, 3, 64, 64) in 0..1."""
        x = self.stages(F.pixel_unshuffle(image - 0.5, 2))
        return self.head(x.flatten(1))


def normalised(layer: nn.Module, norm: Norm) -> nn.Module:
    """The layer, its weights divided by their largest singular value where that is asked for."""
    return nn.utils.parametrizations.spectral_norm(layer) if norm == "spectral" else layer


def small_weights(module: nn.Module) -> None:
    """DCGAN's start: weights of spread 0.02; gains of batch norm around 1."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        nn.init.normal_(module.weight, 0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)
