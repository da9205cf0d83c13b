"""The variational autoencoder, its quantised relative, and a mixture of Gaussians over codes.

References: auto-encoding variational Bayes (Kingma & Welling, arXiv 1312.6114), neural discrete representation learning
(van den Oord et al., arXiv 1711.00937).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.autoencoder import NARROW, Decoder, Encoder


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


class Gaussians(nn.Module):
    """Gaussians that share a covariance.

    Args:
        count: how many.
        latent: length of a code.
    """

    def __init__(self, count: int, latent: int) -> None:
        super().__init__()
        self.chances = nn.Parameter(torch.full((count,), 1 / count), requires_grad=False)
        self.means = nn.Parameter(torch.zeros(count, latent), requires_grad=False)
        self.root = nn.Parameter(torch.eye(latent), requires_grad=False)  # of the covariance, lower triangular

    def forward(self, noise: Tensor, choice: Tensor) -> Tensor:
        """Codes (B, latent) from noise (B, latent) and which Gaussian each comes from, one-hot (B, count)."""
        return choice @ self.means + noise @ self.root.T

    def start(self, codes: Tensor, draw: torch.Generator) -> None:
        """Means at random codes, and the covariance of all of them."""
        self.means.copy_(codes[torch.randperm(len(codes), generator=draw)[: len(self.means)].to(codes.device)])
        self.root.copy_(
            torch.linalg.cholesky(torch.cov(codes.T) + 1e-4 * torch.eye(codes.shape[1], device=codes.device))
        )

    def log_density(self, codes: Tensor) -> Tensor:
        """Log density (N, count) of codes (N, latent) under each Gaussian, times its chance."""
        white = torch.linalg.solve_triangular(self.root, torch.cat([codes, self.means]).T, upper=False).T
        distance = torch.cdist(white[: len(codes)], white[len(codes) :]).square()  # (N, count)
        normaliser = self.root.diagonal().log().sum() + 0.5 * codes.shape[1] * np.log(2 * np.pi)
        return self.chances.clamp_min(1e-12).log() - 0.5 * distance - normaliser

    def maximise(self, codes: Tensor, share: Tensor, ridge: float) -> None:
        """Chances, means and covariance that fit best, with each code's share (N, count) in each Gaussian."""
        weight = share.sum(0)  # (count,)
        self.chances.copy_(weight / weight.sum())
        self.means.copy_(share.T @ codes / weight.clamp_min(1e-6)[:, None])
        spread = codes.T @ codes - (self.means * weight[:, None]).T @ self.means
        even = ridge * torch.eye(codes.shape[1], device=codes.device)
        self.root.copy_(torch.linalg.cholesky(spread / len(codes) + even))
