"""What the trainers of the DCGAN plugin share: a generator against a critic (Goodfellow et al., arXiv 1406.2661)."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from imgen.faces.training.perceptual import FeatureNetwork
from imgen.training.adversarial import LOSSES, Name, clip_weights, frozen, gradient_penalty, r1_penalty
from imgen.training.blocks import FeatureCritic
from imgen.training.diagnostics import Watch, coarse, nearest
from imgen.training.diffaugment import Change, augment
from imgen.training.trainer import Dice, Hardware, Settings, Trainer, rows, update

from ..networks import Norm, Upsampling
from .observers import Objects


class GanSettings(Settings):
    """Settings that the trainers share. README.md tells which of them make the published DCGAN."""

    grows: ClassVar[dict[str, int]] = {"batch": 1}

    loss: Name = Field("non-saturating", description="What critic and generator minimise")
    code: int = Field(128, ge=1, description="Numbers in a code")
    batch: int = Field(32, ge=2, description="Pictures in a step")
    upsampling: Upsampling = Field("resize", description="How the generator doubles sizes")
    norm: Norm = Field("none", description="Normalisation of the critic")
    spread: bool = Field(True, description="Let the critic see the spread over the batch")
    augment: tuple[Change, ...] = Field(("move",), description="Changes that the critic sees through")
    r1: float = Field(0.0, ge=0, description="Weight of the critic's squared gradient at real pictures")
    rate: float = Field(3e-4, gt=0, description="Learning rate of the generator at its peak")
    critic_rate: float = Field(4e-4, gt=0, description="Learning rate of the critic at its peak")
    momentum: float = Field(0.5, ge=0, lt=1, description="Adam's first beta")
    critic_steps: int = Field(1, ge=1, description="Updates of the critic before each one of the generator")
    held_out: int = Field(1000, ge=0, description="The last pictures, kept for tests")


class Gan(Trainer):
    """What the trainers share: two networks, two optimisers, and one round of updates."""

    Settings: ClassVar[type[Settings]] = GanSettings
    settings: GanSettings
    exported = "generator"
    features: FeatureNetwork | Objects | None = None  # through which a second critic sees

    def networks_of(self) -> tuple[nn.Module, nn.Module]:
        """Generator: codes and labels to samples; critic: samples and labels to scores."""
        raise NotImplementedError

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Real samples (B, ...) and one-hot labels (B, classes); (B, 0) without classes."""
        raise NotImplementedError

    def build(self) -> None:
        """Two networks, or three with a second critic, each with its Adam."""
        s = self.settings
        generator, critic = self.networks_of()
        self.networks = {"generator": generator, "critic": critic}
        if self.features is not None:
            self.networks["observer"] = FeatureCritic(self.features.widths, self.features.strides, self.features.hidden)
        self.critics = nn.ModuleList(network for name, network in self.networks.items() if name != "generator")
        rates = {name: s.rate if name == "generator" else s.critic_rate for name in self.networks}
        self.optimizers = {
            name: torch.optim.Adam(self.networks[name].parameters(), rate, betas=(s.momentum, 0.999))
            for name, rate in rates.items()
        }
        self.loss = LOSSES[s.loss]
        self.watch = Watch(self.loss)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """One round: update the critic on real and made samples, then the generator on the critic's scores."""
        for _ in range(self.settings.critic_steps - 1):
            real, fake, label = self.samples(hardware, dice)
            self.update_critic(hardware, dice, real, fake.detach(), label)
        real, fake, label = self.samples(hardware, dice)
        critic, scores = self.update_critic(hardware, dice, real, fake.detach(), label)
        loss, gradient = self.update_generator(hardware, dice, fake, label)
        seen = self.watch.look((real, fake), scores, gradient)
        return {"critic": critic, "generator": loss} | seen

    def samples(self, hardware: Hardware, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """Real samples, made ones with the same labels, and these labels."""
        real, label = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            fake = self.networks["generator"](hardware.place(self.codes(dice, len(real))), label)
        return real, fake, label

    def update_critic(
        self, hardware: Hardware, dice: Dice, real: Tensor, fake: Tensor, label: Tensor
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Make it tell them apart better; returns its loss and its scores of both."""
        critic = self.networks["critic"]
        real, fake = self.shown(real, dice), self.shown(fake, dice)
        with hardware.autocast():
            scores = critic(real, label), critic(fake, label)
            penalty = self.penalty(real, fake, label, dice)
        loss = self.loss.critic(scores[0].float(), scores[1].float()) + penalty
        update(hardware, critic, self.optimizers["critic"], loss)
        if self.loss.clip:
            clip_weights(critic, self.loss.clip)
        if self.features is not None:
            self.update_observer(hardware, self.features(hardware, real), self.features(hardware, fake))
        return loss, scores

    def update_observer(self, hardware: Hardware, real: list[Tensor], fake: list[Tensor]) -> None:
        """Make the second critic tell them apart better by the features of them."""
        observer = self.networks["observer"]
        with hardware.autocast():
            scores = observer(*real), observer(*fake)
        update(hardware, observer, self.optimizers["observer"], self.loss.critic(scores[0].float(), scores[1].float()))

    def update_generator(self, hardware: Hardware, dice: Dice, fake: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """Make it fool the critic better; returns its loss and the norm of its gradient."""
        generator = self.networks["generator"]
        fake = self.shown(fake, dice)
        with frozen(self.critics):
            with hardware.autocast():
                scores = [self.networks["critic"](fake, label)]
                if self.features is not None:
                    scores.append(self.networks["observer"](*self.features(hardware, fake)))
            loss = torch.stack([self.loss.generator(one.float()) for one in scores]).sum()
            return loss, update(hardware, generator, self.optimizers["generator"], loss)

    def penalty(self, real: Tensor, fake: Tensor, label: Tensor, dice: Dice) -> Tensor:
        """What keeps the critic smooth: the Wasserstein loss's own penalty, and R1 on a quarter of the batch."""
        critic, total = self.networks["critic"], torch.zeros((), device=real.device)
        if self.loss.penalty:
            between = gradient_penalty(lambda x: critic(x, label), real, fake, dice.torch)
            total = total + self.loss.penalty * between
        if self.settings.r1:
            part = max(2, len(real) // 4)  # enough for a penalty, and much cheaper
            total = total + self.settings.r1 * r1_penalty(lambda x: critic(x, label[:part]), real[:part])
        return total

    def shown(self, pictures: Tensor, dice: Dice) -> Tensor:
        """Samples as the critic sees them."""
        return augment(pictures, self.settings.augment, dice.torch)

    def codes(self, dice: Dice, count: int) -> Tensor:
        """(count, code), standard normal."""
        return torch.randn(count, self.settings.code, generator=dice.torch)

    def warnings(self) -> dict[str, str]:
        """Collapse, and gradients that vanish."""
        return self.watch.warnings()

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: what codes become, and below each the nearest training picture; it should not be the same."""
        real, label = self.known(dice)
        device = next(network.parameters()).device
        made = network(self.codes(dice, len(label)).to(device), label.to(device)).cpu()
        index, _ = nearest(coarse(made), coarse(real))
        near = real[torch.from_numpy(index)]
        pairs = [part for i in range(0, len(made), 8) for part in (made[i : i + 8], near[i : i + 8])]
        return rows(*(part.expand(-1, 3, -1, -1) for part in pairs))

    def known(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """All training pictures, and labels of the samples for a sheet."""
        raise NotImplementedError
