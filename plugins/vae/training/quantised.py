"""Training of the VQ-VAE: the same faces through a grid of codes out of a learned book."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from imgen.faces import SIZE
from imgen.faces.training.perceptual import FaceLoss
from imgen.faces.training.portraits import batch_of, draw, portraits, random_faces
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Exported, Hardware, PictureSettings, Settings, Trainer, Width, rows, update

from ..networks import VQVAE


class QuantisedSettings(PictureSettings):
    """Settings of the VQ-VAE."""

    widths: tuple[Width, Width, Width] = Field((64, 96, 160), description="Channels at 1/2, 1/4 and 1/8 of the size")
    features: float = Field(0.5, ge=0, description="Weight of the loss on features beside that on pixels")
    entries: int = Field(512, ge=2, description="Codes in the book")
    depth: int = Field(64, ge=1, description="Length of each code")
    commit: float = Field(0.25, ge=0, description="Weight of the distance between vectors and their codes")


class Quantised(Trainer):
    """vae/quantised: VQ-VAE (van den Oord et al., arXiv 1711.00937) of the same faces, to compare reconstructions."""

    name = "vae/quantised"
    task = "reconstructions of faces from a grid of codes out of a book"
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/"
    terms = "those of the faces; with features for research only, as the network that they come from"
    Settings: ClassVar[type[Settings]] = QuantisedSettings
    settings: QuantisedSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces, see `imgen.faces.training.portraits`."""
        self.images = portraits(folders, SIZE).images
        self.loss = FaceLoss(self.settings.features)

    def build(self) -> None:
        """One VQ-VAE and AdamW; the book itself learns by moving averages."""
        s = self.settings
        self.model = VQVAE(3, s.entries, s.depth, s.widths)
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def batch(self, dice: Dice) -> Tensor:
        """Random faces, mirrored or not."""
        count = len(self.images) - self.settings.held_out
        return batch_of(self.images, draw(dice.numpy, self.settings.batch, 0, count))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode, take the nearest codes, decode, compare, update; the gradient goes straight through the choice."""
        s, network = self.settings, self.model
        images = hardware.place(self.batch(dice))
        with hardware.autocast():
            x = network.encode(images)
        codes, numbers = network.quantise(x)
        with hardware.autocast():
            made = network.decode(x + (codes - x).detach()).float().sigmoid()
        committed = (x - codes).square().mean()
        loss = self.loss(hardware, made, images) / images[0].numel() + s.commit * committed
        gradient = update(hardware, network, self.optimizers["model"], loss)
        network.learn(x, numbers, dice.torch)
        share = network.used / network.used.sum()
        entropy = -(share * share.clamp_min(1e-9).log()).sum()
        return {
            "psnr": batch_psnr(made, images),
            "perplexity": entropy.exp(),
            "commit": committed,
            "gradient": gradient,
        }

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: faces, reconstructions."""
        images = self.batch(dice)[:8]
        return rows(images, Reconstruction(network)(images.to(next(network.parameters()).device)).cpu())

    def export(self, network: nn.Module) -> Exported:
        """The reconstruction (B, 3, 64, 64) of faces."""
        return Exported(Reconstruction(network), random_faces, ["picture"], {"image": {0: "batch"}}, SIZE, None)


class Reconstruction(nn.Module):
    """What a VQ-VAE makes of a picture."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, S, S) in 0..1, same out."""
        codes, _ = self.network.quantise(self.network.encode(image))
        return self.network.decode(codes).sigmoid()
