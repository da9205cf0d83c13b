"""Training of maps: autoencoders whose codes have a chosen distribution."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from pydantic import Field, model_validator
from torch import Tensor

from imgen.training.adversarial import Name
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Hardware, Settings, update

from .adversaries import CodeDiscriminator
from .base import AutoencoderSettings, AutoencoderTrainer, OfDigits
from .priors import Prior, draw

CROWDED = 16  # numbers in a code from which on no sample of the prior has neighbours, so that variety says nothing
ADVICE = {
    "collapse": "codes fill a small part of the prior only; start again with more match, or a lower rate",
    "vanished": "the critic tells codes from the prior and teaches the encoder nothing; start again with more r1, a "
    "lower critic_rate, or loss=hinge",
}


class MatchSettings(AutoencoderSettings):
    """Settings of the adversarial loss on codes."""

    level: bool = Field(True, description="Give codes mean 0 and spread 1 by a batch norm, as all priors have them")
    prior: Prior = Field("gaussian", description="The distribution that the codes shall have")
    loss: Name = Field("non-saturating", description="What the critic on codes and the encoder minimise")
    match: float = Field(0.02, ge=0, description="Weight of fooling the critic beside the reconstruction")
    critic_width: int = Field(256, ge=1, description="Of the critic's two layers")
    critic_rate: float = Field(1e-3, gt=0, description="Learning rate of the critic at its peak")
    r1: float = Field(0.1, ge=0, description="Weight of the critic's squared gradient at samples of the prior")

    @model_validator(mode="after")
    def plane(self) -> MatchSettings:
        """The mixture and the swiss roll lie in the plane."""
        if self.prior != "gaussian" and self.style != 2:
            raise ValueError(f"the prior {self.prior} lies in the plane; give style=2")
        return self


class Matching(AutoencoderTrainer):
    """The adversarial autoencoder (Makhzani et al., arXiv 1511.05644): a GAN in the middle of an autoencoder."""

    Settings: ClassVar[type[Settings]] = MatchSettings

    def build(self) -> None:
        """The autoencoder, and the discriminator on its codes."""
        super().build()
        s = self.settings
        self.discriminator = CodeDiscriminator(s.loss, s.style, s.critic_width, s.critic_rate, s.r1)
        self.networks["critic"] = self.discriminator.critic
        self.optimizers["critic"] = self.discriminator.optimizer

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Encode and decode; the critic learns; the autoencoder learns to reconstruct and to fool the critic."""
        s = self.settings
        images = hardware.place(self.batch(dice))
        with hardware.autocast():
            code, _ = self.model.encode(images)
            made = self.model.decode(code).float().sigmoid()
        prior = hardware.place(torch.from_numpy(draw(s.prior, len(images), s.style, dice.numpy)))
        seen = self.discriminator.update(hardware, dice, prior, code)
        loss = self.fit(made, images) + s.match * self.discriminator.fool(code)
        self.discriminator.gradient = update(hardware, self.model, self.optimizers["model"], loss)
        return {"psnr": batch_psnr(made, images)} | seen

    def warnings(self) -> dict[str, str]:
        """What `imgen.training.diagnostics` sees, in words about codes."""
        found = self.discriminator.watch.warnings()
        if self.settings.style > CROWDED:
            found.pop("collapse", None)
        return {kind: ADVICE[kind] for kind in found}

    def measured(self) -> dict[str, Any]:
        """The prior too, which tools sample from."""
        return super().measured() | {"prior": self.settings.prior}


class Map(Matching, OfDigits):
    """aae/map: handwritten digits on a plane."""

    name = "aae/map"
    task = "a map of handwritten digits, in two dimensions"
