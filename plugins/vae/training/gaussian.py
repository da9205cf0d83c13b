"""What the trainers of variational autoencoders share: the evidence lower bound, its signs of trouble, the export."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Exported, Hardware, PictureSettings, Trainer, Width, rows, update

from ..networks import VAE

ACTIVE = 0.01  # nats below which a dimension carries nothing


class GaussianSettings(PictureSettings):
    """Settings that the trainers share."""

    latent: int = Field(256, ge=1, description="Length of the code")
    widths: tuple[Width, Width, Width] = Field((64, 96, 160), description="Channels at 1/2, 1/4 and 1/8 of the size")
    beta: float = Field(1.0, ge=0, description="Weight of the KL divergence; above 1, dimensions come apart more")
    free_bits: float = Field(0.02, ge=0, description="Nats of each dimension that cost nothing")
    warmup: int = Field(2000, ge=1, description="Steps over which beta rises from 0")


class Gaussian(Trainer):
    """What the variational autoencoders share: the evidence lower bound (Kingma & Welling, arXiv 1312.6114).

    loss = fit + beta * sum_d max(KL_d, free_bits), all in nats a picture: beta as in beta-VAE (Higgins et al., 2017),
    free bits as in Kingma et al., arXiv 1606.04934.
    """

    settings: Any  # a GaussianSettings
    channels: ClassVar[int]
    size: ClassVar[int]

    @abstractmethod
    def batch(self, dice: Dice) -> Tensor:
        """Pictures (B, channels, size, size) in 0..1."""

    @abstractmethod
    def fit(self, hardware: Hardware, made: Tensor, images: Tensor) -> Tensor:
        """Nats a picture, up to a constant, that the pictures cost, given what was made of their codes."""

    def build(self) -> None:
        """One VAE and AdamW."""
        s = self.settings
        self.model = VAE(self.channels, self.size, s.latent, s.widths)
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode, draw a code, decode, compare, update."""
        s, network = self.settings, self.model
        images = hardware.place(self.batch(dice))
        noise = hardware.place(torch.randn(len(images), s.latent, generator=dice.torch))
        with hardware.autocast():
            made, mean, logvar = network(images, noise)
        kl = divergence(mean, logvar).mean(0)  # (latent,)
        beta = s.beta * min(1.0, (dice.step + 1) / s.warmup)
        loss = (self.fit(hardware, made, images) + beta * kl.clamp_min(s.free_bits).sum()) / images[0].numel()
        gradient = update(hardware, network, self.optimizers["model"], loss)
        network.rate.lerp_(kl.detach(), 0.01)
        return {"psnr": batch_psnr(made, images), "kl": kl.sum(), "active": (kl > ACTIVE).sum(), "gradient": gradient}

    def warnings(self) -> dict[str, str]:
        """Posterior collapse: the decoder has learned to do without most of the code."""
        s = self.settings
        active = int((self.model.rate > ACTIVE).sum())
        if active >= max(1, s.latent // 10):
            return {}
        text = f"posterior collapse: {active} of {s.latent} dimensions carry anything; lower beta, or raise free_bits"
        return {"collapse": f"{text} or warmup"}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: pictures, reconstructions, samples from N(0, I), the three strongest dimensions from -3 to 3; KL."""
        images, device = self.batch(dice)[:8], next(network.parameters()).device
        picture = Editable(network)
        codes = torch.randn(len(images), self.settings.latent, generator=dice.torch)
        walk = torch.linspace(-3, 3, len(images))[:, None]
        strips = [codes, *(walk * dimension for dimension in torch.eye(self.settings.latent)[:3])]
        still = torch.zeros(len(images), self.settings.latent)
        made = [picture(images.to(device), torch.ones(len(images), 1).to(device), still.to(device))[0]]
        for strip in strips:
            made.append(picture(images.to(device), torch.zeros(len(images), 1).to(device), strip.to(device))[0])
        bars = chart(network.get_buffer("rate").cpu(), self.size, len(images) * self.size)
        bars = bars.unflatten(1, (len(images), -1)).movedim(1, 0)  # (at most 8, size, size)
        return rows(*(part.cpu().float().expand(-1, 3, -1, -1) for part in (images, *made, bars[:, None])))

    def export(self, network: nn.Module) -> Exported:
        """See `Editable`."""
        names = {name: {0: "batch"} for name in ("image", "keep", "offset")}
        return Exported(Editable(network), self.example, ["picture", "mean", "logvar"], names, self.size, None)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels and codes; pictures have one size."""
        return {
            "image": rng.random((batch, self.channels, self.size, self.size), dtype=np.float32),
            "keep": np.ones((batch, 1), np.float32),
            "offset": rng.standard_normal((batch, self.settings.latent), dtype=np.float32),
        }


class Editable(nn.Module):
    """The whole autoencoder as one function of a picture and a change of its code.

    The dimensions are ordered by their KL divergence, so that the first tell most.
    """

    order: Tensor
    back: Tensor

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        order = network.rate.argsort(descending=True, stable=True)
        self.register_buffer("order", order)
        self.register_buffer("back", order.argsort())

    def forward(self, image: Tensor, keep: Tensor, offset: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The picture of the code keep * mean + offset, and the mean and log variance of the code of `image`.

        Args:
            image: (B, channels, S, S) in 0..1.
            keep: (B, 1), 1 to change the picture's code, 0 to decode `offset` alone.
            offset: (B, latent).
        """
        mean, logvar = self.network.encode(image)
        mean, logvar = mean[:, self.order], logvar[:, self.order]
        code = keep * mean + offset
        return self.network.decode(code[:, self.back]).sigmoid(), mean, logvar


def chart(values: Tensor, height: int, width: int) -> Tensor:
    """Values (N,) as bars (height, width), the largest first: white on black."""
    heights = values.sort(descending=True).values[torch.arange(width) * len(values) // width]
    levels = torch.arange(height, 0, -1)[:, None] - 0.5  # from the top down
    return (heights / values.max().clamp_min(1e-6) * height > levels).float()


def divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)) of each dimension, in nats; same shape as the arguments."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar)
