"""Training of the variational autoencoder of close faces at 128 pixels: sharp, by features and a critic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.faces.training.perceptual import charbonnier, unlike
from imgen.faces.training.portraits import batch_of, coarse_squares, draw, portraits
from imgen.faces.training.views import moved, tinted
from imgen.training.backbone import pretrained
from imgen.training.blocks import PatchDiscriminator
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Exported, Hardware, PictureSettings, Settings, Width, update

from ..networks import VAE
from .gaussian import Gaussian, divergence

RISING = 350  # steps over which the critic's word gets its weight
LEAST, MOST, PACE = 2e-7, 1e-3, 0.004  # of beta, and by what share it changes in a step at most


class CloseupSettings(PictureSettings):
    """Settings of the close faces' VAE."""

    latent: int = Field(320, ge=1, description="Length of the code")
    widths: tuple[Width, ...] = Field((64, 96, 144, 176), description="Channels at 1/2, 1/4, 1/8 and 1/16 of the size")
    batch: int = Field(128, ge=2, description="Pictures in a step")
    held_out: int = Field(500, ge=0, description="The last so many pictures are never seen")
    nats: float = Field(800.0, gt=0, description="KL divergence of a face that beta is steered to")
    beta: float = Field(3e-7, gt=0, description="What a nat costs at first, beside the mean error of a value in 0..1")
    free_bits: float = Field(0.05, ge=0, description="Nats of each dimension that cost nothing")
    features: float = Field(0.5, ge=0, description="Length of the features' gradient beside that of the pixels'")
    critic: float = Field(0.3, ge=0, description="Length of the critic's gradient beside that of the pixels'")
    critic_after: int = Field(1630, ge=0, description="Steps before the critic's word counts")
    critic_rate: float = Field(4e-4, gt=0, description="The critic's learning rate at its peak")
    between: float = Field(0.25, ge=0, le=0.5, description="Pictures of codes between faces for the critic, a face")


class Closeup(Gaussian):
    """vae/closeup: faces of 128x128, cropped close; reconstructions that look sharp.

    Three gradients with respect to the picture are added, of pixels, of EfficientNet-Lite0's features (unit vectors at
    every place, as in LPIPS, Zhang et al., arXiv 1801.03924) and of a patch critic (VQGAN, Esser et al., arXiv
    2012.09841), the last two with a length in proportion to the first's. Beta follows the KL divergence that is asked
    for (as in ControlVAE, Shao et al., arXiv 2004.05988).
    """

    name = "vae/closeup"
    task = "codes of faces seen close, to edit expression, age and more"
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/, their eyes as in the close crop of docs/faces.md"
    terms = "those of the faces"
    Settings: ClassVar[type[Settings]] = CloseupSettings
    channels, size = 3, 128

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces, see `imgen.faces.training.portraits`."""
        self.images = portraits(folders, self.size).images
        self.backbone = pretrained().eval().requires_grad_(False) if self.settings.features else None

    def batch(self, dice: Dice) -> Tensor:
        """Random faces, mirrored or not, some of them moved and in another light."""
        count = len(self.images) - self.settings.held_out
        images = batch_of(self.images, draw(dice.numpy, self.settings.batch, 0, count))
        return tinted(moved(images, dice.torch), dice.torch)

    def fit(self, hardware: Hardware, made: Tensor, images: Tensor) -> Tensor:
        """The mean error of a value; what else counts has no sum, only gradients."""
        return charbonnier(made, images)

    def build(self) -> None:
        """The VAE, its critic and its beta."""
        s = self.settings
        self.model, critic = VAE(self.channels, self.size, s.latent, s.widths), PatchDiscriminator(3, 48)
        self.balance = Balance(s.beta)
        self.networks = {"model": self.model, "critic": critic, "balance": self.balance}
        self.optimizers = {
            "model": torch.optim.AdamW(self.model.parameters(), s.rate, betas=(0.9, 0.99), weight_decay=s.decay),
            "critic": torch.optim.Adam(critic.parameters(), s.critic_rate, betas=(0.5, 0.9)),
        }

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode, draw codes, decode; add up the gradients; then the critic and beta."""
        s, vae, balance = self.settings, self.model, self.balance
        images = hardware.place(self.batch(dice))
        noise = hardware.place(torch.randn(len(images), s.latent, generator=dice.torch))
        weight = s.critic * min(1.0, max(0, dice.step - s.critic_after) / RISING)
        with hardware.autocast():
            mean, logvar = vae.encode(images)
            codes = mean + (logvar / 2).exp() * noise
            if weight:
                codes = torch.cat([codes, between(codes, round(s.between * len(codes)), dice.torch)])
            made = vae.decode(codes).float().sigmoid()
        kl = divergence(mean, logvar).mean(0)  # (latent,)
        slope = self.slope(hardware, made.detach(), images, weight, self.networks["critic"])
        loss = (made * slope).sum() + balance.beta * kl.clamp_min(s.free_bits).sum()
        gradient = update(hardware, vae, self.optimizers["model"], loss)
        if weight:
            self.update_critic(hardware, images, made.detach())
        balance.follow(kl.detach().sum() / s.nats)
        vae.rate.lerp_(kl.detach(), 0.02)
        psnr = batch_psnr(made[: len(images)], images)
        return {"psnr": psnr, "kl": kl.sum(), "beta": balance.beta, "gradient": gradient}

    def slope(
        self, hardware: Hardware, made: Tensor, images: Tensor, weight: float, critic: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """The gradient (B, 3, S, S) to follow, of pictures of which the first are reconstructions of `images`."""
        shown = made.requires_grad_()
        same = shown[: len(images)]
        (slope,) = torch.autograd.grad(charbonnier(same, images), shown)
        costs: list[tuple[float, Tensor]] = []
        if self.backbone is not None:
            backbone = hardware.place(self.backbone)
            with hardware.autocast():
                truth, found = backbone(images), backbone(same)
            costs.append((self.settings.features, unlike(found, truth).mean()))
        if weight:
            with hardware.autocast():
                costs.append((weight, -critic(shown).float().mean()))
        total = slope
        for part, cost in costs:
            (by,) = torch.autograd.grad(cost, shown)
            total = total + part * slope.norm() / by.norm().clamp_min(1e-12) * by
        return total

    def update_critic(self, hardware: Hardware, images: Tensor, made: Tensor) -> None:
        """One step of the critic, by the hinge loss."""
        critic = self.networks["critic"]
        with hardware.autocast():
            real, fake = critic(images).float(), critic(made).float()
        loss = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        update(hardware, critic, self.optimizers["critic"], loss, clip=math.inf)

    def export(self, network: nn.Module) -> Exported:
        """See `gaussian.Editable`; weights of eight bits, whose pictures look the same."""
        return super().export(network)._replace(bits=8)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Coarse squares of random colour, and random codes."""
        image = coarse_squares(rng, batch, self.size)
        return super().example(rng, batch, height, width) | {"image": image}


class Balance(nn.Module):
    """What a nat costs; it follows the divergence that is asked for."""

    beta: Tensor  # ()

    def __init__(self, beta: float) -> None:
        super().__init__()
        self.register_buffer("beta", torch.tensor(beta))

    def follow(self, ratio: Tensor) -> None:
        """Dearer where the divergence is `ratio` times what it shall be and that is over 1, else cheaper."""
        self.beta.mul_((PACE * (ratio - 1).clamp(-1, 1)).exp()).clamp_(LEAST, MOST)


def between(codes: Tensor, count: int, draw: torch.Generator) -> Tensor:
    """Codes (count, latent) between two faces each, and a little beyond."""
    part = (torch.rand(count, 1, generator=draw) * 1.4 - 0.2).to(codes.device)
    return codes[:count] + part * (codes[count : 2 * count] - codes[:count])
