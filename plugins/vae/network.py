"""The variational autoencoder, its quantised relative, and the network whose features it is compared in.

References: auto-encoding variational Bayes (Kingma & Welling, arXiv 1312.6114), neural discrete representation learning
(van den Oord et al., arXiv 1711.00937), residual blocks (He et al., arXiv 1512.03385), sub-pixel convolution (Shi et
al., arXiv 1609.05158).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.blocks import Block, blocks

NARROW = 64  # channels before the codes, where every place has its own weights


class Encoder(nn.Module):
    """Pictures to feature maps, with residual blocks at 1/2, 1/4, ... of the size.

    Args:
        channels: of the pictures.
        widths: channels at 1/2 of the size, at 1/4 and so on; with n widths the maps are 2^n times smaller.
    """

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.names = names(len(widths))
        self.add_module("at2", blocks(channels * 4, widths[0], 1))
        for name, (inputs, outputs) in zip(self.names[1:], pairwise(widths), strict=True):
            self.add_module(name, blocks(inputs, outputs, 2, stride=2))

    def forward(self, image: Tensor) -> Tensor:
        """(B, channels, S, S) to (B, widths[-1], S/2^n, S/2^n)."""
        x = F.pixel_unshuffle(image, 2)
        for name in self.names:
            x = self.get_submodule(name)(x)
        return x


class Decoder(nn.Module):
    """Feature maps to pictures: the encoder's way back, with the same widths."""

    def __init__(self, channels: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.names = names(len(widths))[::-1]  # from the smallest size up
        upward = (*widths[::-1], widths[0])
        self.add_module(self.names[0], blocks(upward[0], upward[0], 2))
        for name, (inputs, outputs) in zip(self.names[1:], pairwise(upward), strict=False):
            self.add_module(name, blocks(inputs, outputs, 2))
        self.tail = nn.Conv2d(widths[0], channels * 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, widths[-1], S/2^n, S/2^n) to logits (B, channels, S, S)."""
        x = self.get_submodule(self.names[0])(x)
        for name in self.names[1:]:
            x = self.get_submodule(name)(F.interpolate(x, scale_factor=2.0))
        return F.pixel_shuffle(self.tail(x), 2)  # from (B, widths[0], S/2, S/2)


def names(count: int) -> list[str]:
    """Of the parts that work at 1/2, 1/4, ... of the size: at2, at4, ..."""
    return [f"at{2 ** (i + 1)}" for i in range(count)]


class VAE(nn.Module):
    """A Gaussian encoder q(z | x) = N(mean, exp(logvar)) and a decoder.

    Args:
        channels: of the pictures.
        size: their side in pixels, a multiple of 2^(n + 1) with n widths.
        latent: length of the code z.
        widths: channels at 1/2 of the size, at 1/4 and so on: three for 32 or 64 pixels, four for 128.
    """

    rate: Tensor  # (latent,) running mean of the KL divergence of each dimension, in nats

    def __init__(self, channels: int, size: int, latent: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.side, self.width, self.latent = size // 2 ** (len(widths) + 1), widths[-1], latent
        self.encoder = Encoder(channels, widths)
        self.narrow = nn.Conv2d(widths[-1], NARROW, 3, 2, padding=1)
        self.heads = nn.Linear(NARROW * self.side**2, 2 * latent)
        self.spread = nn.Linear(latent, widths[-1] * self.side**2)
        self.decoder = Decoder(channels, widths)
        self.register_buffer("rate", torch.zeros(latent))

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance (B, latent) of the codes of pictures (B, channels, S, S)."""
        x = F.relu(self.narrow(self.encoder(image)))  # (B, NARROW, side, side)
        mean, logvar = self.heads(x.flatten(1)).float().chunk(2, 1)
        return mean, logvar.clamp(-10, 4)

    def decode(self, code: Tensor) -> Tensor:
        """Logits (B, channels, S, S) of the picture of codes (B, latent)."""
        x = F.relu(self.spread(code)).unflatten(1, (self.width, self.side, self.side))
        return self.decoder(F.interpolate(x, scale_factor=2.0))

    def forward(self, image: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction (B, channels, S, S) in 0..1, mean and log variance.

        The reparameterisation: z = mean + exp(logvar / 2) * noise, so that the gradient reaches mean and variance.
        """
        mean, logvar = self.encode(image)
        return self.decode(mean + (logvar / 2).exp() * noise).float().sigmoid(), mean, logvar


class VQVAE(nn.Module):
    """The same encoder and decoder around a grid of codes from a learned book (van den Oord et al., 1711.00937).

    Args:
        channels: of the pictures.
        entries: codes in the book.
        depth: length of each code.
        widths: channels at 1/2, 1/4 and 1/8 of the size.
    """

    book: Tensor  # (entries, depth)
    used: Tensor  # (entries,) moving average of how often each entry is the nearest in a batch
    sums: Tensor  # (entries, depth) moving average of the sum of the vectors that were nearest to it

    def __init__(self, channels: int, entries: int, depth: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.encoder = Encoder(channels, widths)
        self.inward = nn.Conv2d(widths[2], depth, 1)
        self.outward = nn.Conv2d(depth, widths[2], 3, padding=1)
        self.decoder = Decoder(channels, widths)
        book = torch.randn(entries, depth)
        self.register_buffer("book", book)
        self.register_buffer("used", torch.ones(entries))
        self.register_buffer("sums", book.clone())

    def encode(self, image: Tensor) -> Tensor:
        """Vectors (B, depth, S/8, S/8) before they are quantised."""
        return self.inward(self.encoder(image)).float()

    def nearest(self, vectors: Tensor) -> Tensor:
        """Number of the nearest entry (N,) for vectors (N, depth)."""
        return (self.book.square().sum(1) - 2 * vectors @ self.book.T).argmin(1)  # squared, less what all share

    def quantise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The nearest codes (B, depth, h, w) of vectors of that shape, and their numbers (B * h * w,)."""
        flat = x.movedim(1, 3).flatten(0, 2)  # (B * h * w, depth)
        numbers = self.nearest(flat)
        return self.book[numbers].unflatten(0, (-1, *x.shape[2:])).movedim(3, 1), numbers

    def decode(self, codes: Tensor) -> Tensor:
        """Logits (B, channels, S, S) of the picture of codes (B, depth, S/8, S/8)."""
        return self.decoder(F.relu(self.outward(codes)))

    @torch.no_grad()
    def learn(self, x: Tensor, numbers: Tensor, draw: torch.Generator, decay: float = 0.99) -> None:
        """Move the entries to the mean of their vectors (EMA); one that is hardly used restarts at a random vector."""
        flat = x.detach().movedim(1, 3).flatten(0, 2)
        onehot = F.one_hot(numbers, len(self.book)).float()  # (N, entries)
        self.used.lerp_(onehot.sum(0), 1 - decay)
        self.sums.lerp_(onehot.T @ flat, 1 - decay)
        dead = self.used < 0.03 * len(flat) / len(self.book)  # a thirtieth of its fair share
        fresh = flat[torch.randint(len(flat), (int(dead.sum()),), generator=draw).to(flat.device)]
        self.sums[dead], self.used[dead] = fresh, 1.0
        self.book.copy_(self.sums / self.used.clamp_min(1e-5)[:, None])


class Traits(nn.Module):
    """Tells the attributes of a face and gives it a vector that is alike for pictures of one person.

    Args:
        attributes: how many yes-or-no attributes there are.
        widths: channels at 1/2, 1/4, 1/8 and 1/16 of the size.
        residual: residual blocks instead of plain convolutions; the judge of the results shall not be built like the
            network whose features they were trained with.
    """

    EMBEDDING = 64

    def __init__(self, attributes: int, widths: tuple[int, int, int, int], residual: bool) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        inputs = 12
        for i, width in enumerate(widths):
            stages.append(Block(inputs, width, 1 + (i > 0)) if residual else plain(inputs, width, 1 + (i > 0)))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.attributes = nn.Linear(inputs * 16, attributes)
        self.embedding = nn.Linear(inputs * 16, self.EMBEDDING)

    def features(self, image: Tensor) -> list[Tensor]:
        """The feature maps of every stage of faces (B, 3, 64, 64) in 0..1."""
        x = F.pixel_unshuffle(image - 0.5, 2)
        found: list[Tensor] = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the attributes (B, attributes) and unit vectors (B, EMBEDDING) of faces (B, 3, 64, 64) in 0..1."""
        x = F.dropout(self.features(image)[-1].flatten(1), 0.3, self.training)  # (B, width * 16)
        return self.attributes(x), F.normalize(self.embedding(x).float(), dim=1)


def plain(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """Two convolutions, each with batch norm and ReLU."""
    layers: list[nn.Module] = []
    for width, step in ((inputs, stride), (outputs, 1)):
        conv = nn.Conv2d(width, outputs, 3, step, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers)
