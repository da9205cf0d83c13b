"""Adversaries on codes: one tells them from samples of the prior, one finds what they shall not hold."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.adversarial import LOSSES, Name, frozen, gradient_penalty, r1_penalty
from imgen.training.diagnostics import Watch
from imgen.training.trainer import Dice, Hardware
from imgen.training.trainer import update as step

from ..networks import CodeCritic


class CodeDiscriminator:
    """A discriminator on codes, and the encoder as the generator (Makhzani et al., arXiv 1511.05644).

    Args:
        loss: what both minimise.
        numbers: in a code.
        width: of the critic's layers.
        rate: the critic's learning rate.
        r1: weight of its squared gradient at samples of the prior, which damps the chase around the equilibrium.
    """

    def __init__(self, loss: Name, numbers: int, width: int, rate: float, r1: float) -> None:
        self.critic: nn.Module = CodeCritic(numbers, width)
        self.optimizer = torch.optim.Adam(self.critic.parameters(), rate, betas=(0.5, 0.99))
        self.loss, self.r1 = LOSSES[loss], r1
        self.watch = Watch(self.loss)
        self.gradient = torch.zeros(())

    def update(self, hardware: Hardware, dice: Dice, prior: Tensor, code: Tensor) -> dict[str, float]:
        """The critic learns to tell the prior's samples (B, N) from codes (B, N); returns what `Watch` sees."""
        code = code.detach()
        scores = self.critic(prior), self.critic(code)
        loss = self.loss.critic(*scores)
        if self.r1:
            loss = loss + self.r1 * r1_penalty(self.critic, prior)
        if self.loss.penalty:
            loss = loss + self.loss.penalty * gradient_penalty(self.critic, prior, code, dice.torch)
        step(hardware, self.critic, self.optimizer, loss)
        return self.watch.look((prior, code), scores, self.gradient)

    def fool(self, code: Tensor) -> Tensor:
        """What the encoder minimises, so that its codes (B, N) are taken for samples of the prior."""
        with frozen(self.critic):
            return self.loss.generator(self.critic(code))


class AttributeAdversary:
    """An adversary that looks for labels in styles, and the encoder that leaves it none (Lample et al., 1706.00409).

    Args:
        numbers: in a style.
        width: of the adversary's layers.
        labels: how many it looks for.
        rate: its learning rate.
    """

    def __init__(self, numbers: int, width: int, labels: int, rate: float) -> None:
        self.critic: nn.Module = CodeCritic(numbers, width, labels)
        self.optimizer = torch.optim.Adam(self.critic.parameters(), rate)

    def update(self, hardware: Hardware, style: Tensor, truth: Tensor) -> Tensor:
        """The adversary learns to find labels (B, labels) in styles (B, N); returns how wrong it is."""
        loss = F.binary_cross_entropy_with_logits(self.critic(style.detach()), truth)
        step(hardware, self.critic, self.optimizer, loss)
        return loss

    def hidden(self, style: Tensor, usual: Tensor) -> Tensor:
        """How far its answers are from the usual ones (labels,), which are all that an empty style would tell it."""
        with frozen(self.critic):
            return F.binary_cross_entropy_with_logits(self.critic(style), usual.expand(len(style), -1))
