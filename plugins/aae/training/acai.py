"""Training of autoencoders whose codes can be mixed: the critic on interpolations (ACAI)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from imgen.training.adversarial import frozen
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Hardware, Settings, Width, update

from ..networks import MixCritic
from .base import AutoencoderSettings, AutoencoderTrainer, OfDigits, OfFaces
from .lines import draw_lines


class MixSettings(AutoencoderSettings):
    """Settings of ACAI; the critic's are the paper's."""

    style: int = Field(64, ge=1, description="Numbers of a code")
    critic: float = Field(0.5, ge=0, description="Weight of fooling the critic; 0 trains a plain autoencoder")
    blend: float = Field(0.2, ge=0, le=1, description="The critic also sees reconstructions with so much of the truth")
    critic_widths: tuple[Width, ...] = Field((24, 40, 56), description="The critic's channels at 1/2, 1/4, ...")
    critic_rate: float = Field(5e-4, gt=0, description="Learning rate of the critic at its peak")
    decay: float = Field(0.0, ge=0, description="Weight decay")


class Mixing(AutoencoderTrainer):
    """ACAI (Berthelot et al., arXiv 1807.07543): what is drawn from mixed codes shall look as if it were not mixed.

    The critic guesses the mixing coefficient from the picture; the autoencoder wants it to guess 0, no mixture.
    """

    Settings: ClassVar[type[Settings]] = MixSettings

    def build(self) -> None:
        """The autoencoder, and the critic that looks at its pictures."""
        super().build()
        s = self.settings
        self.critic = MixCritic(self.channels, s.critic_widths)
        self.networks["critic"] = self.critic
        self.optimizers["critic"] = torch.optim.Adam(self.critic.parameters(), s.critic_rate, betas=(0.5, 0.99))

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw pictures from codes and from mixed codes; the critic learns by how much; the autoencoder hides it."""
        s = self.settings
        images = hardware.place(self.batch(dice))
        part = hardware.place(torch.rand(len(images), 1, generator=dice.torch)) / 2  # more would be the other's part
        with hardware.autocast():
            code, _ = self.model.encode(images)
            drawn = self.model.decode(torch.cat([code, torch.lerp(code, code.flip(0), part)]))
        made, mixed = drawn.float().sigmoid().chunk(2)
        figures: dict[str, float | Tensor] = {"psnr": batch_psnr(made, images)}
        loss = self.fit(made, images)
        if s.critic:
            figures["guess"] = self.update_critic(hardware, images, made.detach(), mixed.detach(), part[:, 0])
            with frozen(self.critic), hardware.autocast():
                fooled = self.critic(mixed).square().mean()
            loss = loss + s.critic * fooled
            figures["fooled"] = fooled
        update(hardware, self.model, self.optimizers["model"], loss)
        return figures

    def update_critic(self, hardware: Hardware, images: Tensor, made: Tensor, mixed: Tensor, part: Tensor) -> Tensor:
        """The critic learns the mixing coefficients, and 0 for what is not mixed; returns its squared error.

        It sees reconstructions with some of the truth mixed in, so that it does not go by how sharp they are.
        """
        with hardware.autocast():
            guess = self.critic(torch.cat([mixed, torch.lerp(made, images, self.settings.blend)]))
        loss = (guess - torch.cat([part, torch.zeros_like(part)])).square().mean() * 2  # a mean for either half
        update(hardware, self.critic, self.optimizers["critic"], loss)
        return loss

    def fit(self, made: Tensor, images: Tensor) -> Tensor:
        """The mean squared error, beside which the paper's weight of the critic is meant."""
        return (made - images).square().mean()


class MixDigits(Mixing, OfDigits):
    """aae/acaidigits: handwritten digits."""

    name = "aae/acaidigits"
    task = "codes of handwritten digits that can be mixed"


class MixFaces(Mixing, OfFaces):
    """aae/acai: aligned faces of 64x64."""

    name = "aae/acai"
    task = "codes of faces that can be mixed"

    class Settings(MixSettings):
        """Longer codes, and a critic that sees more of the picture."""

        style: int = Field(128, ge=1, description="Numbers of a code")
        widths: tuple[Width, Width, Width] = Field((32, 48, 80), description="Channels at 1/2, 1/4 and 1/8 of the size")
        critic_widths: tuple[Width, ...] = Field((32, 48, 64, 80), description="The critic's channels at 1/2, 1/4, ...")
        batch: int = Field(32, ge=2, description="Pictures in a step")


class Lines(Mixing):
    """aae/lines: the paper's task, where it is known what lies between two pictures: lines of other angles."""

    name = "aae/lines"
    task = "codes of lines that can be mixed, to measure interpolation by"
    layout = "any folder: lines are drawn as they are needed"
    terms = "none: no picture is used"
    channels, size = 1, 32

    class Settings(MixSettings):
        """Small networks."""

        style: int = Field(32, ge=1, description="Numbers of a code")
        widths: tuple[Width, Width, Width] = Field((16, 24, 32), description="Channels at 1/2, 1/4 and 1/8 of the size")
        critic_widths: tuple[Width, ...] = Field((16, 32, 48), description="The critic's channels at 1/2, 1/4, ...")

    def load(self, folders: Sequence[Path]) -> None:
        """Nothing: lines are drawn as they are needed, whatever the folder."""

    def batch(self, dice: Dice) -> Tensor:
        """Lines of random angles."""
        angles = dice.numpy.uniform(0, 2 * torch.pi, self.settings.batch)
        return torch.from_numpy(draw_lines(angles))[:, None]
