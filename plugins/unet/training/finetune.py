"""What trainers share whose networks begin with published weights: the decoder learns first, then all of it, slowly.

Random layers behind a trained encoder send it gradients that mean nothing yet and spoil what it knows; so it is held
until they have learned what to do with its features (Howard and Ruder, arXiv 1801.06146). Its batch norms keep their
published statistics all the time: those of a batch of a few pictures are worse.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from pydantic import Field
from torch import nn

from imgen.training.backbone import Lite, pretrained
from imgen.training.trainer import Settings, Trainer, Width

STORED = 320  # pictures are kept with at most this shorter side; no size of training is larger
WARM = 0.1  # the part of the time in which the encoder is held
RAMP = 0.05  # and that in which it reaches its rate


class LiteSettings(Settings):
    """Settings that the trainers share."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    pretrained: bool = Field(True, description="Begin with published weights of the encoder; false: random ones")
    widths: tuple[Width, Width, Width, Width] = Field(
        (64, 96, 144, 192), description="Channels of the decoder at 1/4, 1/8, 1/16 and 1/32"
    )
    rate: float = Field(1e-3, gt=0, description="Learning rate at its peak")
    slow: float = Field(
        0.15, ge=0, le=1, description="The pretrained encoder's learning rate, as a part of the others'"
    )
    decay: float = Field(0.05, ge=0, description="Weight decay")
    batch: int = Field(16, ge=2, description="Pictures in a step")
    size: int = Field(256, ge=32, le=STORED, multiple_of=32, description="Side in pixels at which it learns")


class LiteTrainer(Trainer):
    """A trainer of one network on the published encoder; subclasses say which."""

    settings: LiteSettings

    @abstractmethod
    def network(self) -> nn.Module:
        """The network, its encoder still random."""

    def build(self) -> None:
        """The network with its published weights, and AdamW."""
        network = self.network()
        begin(network, self.settings)
        self.networks = {"model": network}
        self.optimizers = {"model": optimizer(network, self.settings)}


def encoder_of(network: nn.Module) -> Lite:
    """The published part of a network."""
    encoder = network.get_submodule("encoder")
    assert isinstance(encoder, Lite)
    return encoder


def begin(network: nn.Module, settings: LiteSettings) -> None:
    """Give the network's encoder its published weights, where that is wanted and there is memory to put them in.

    Raises:
        TrainingError: the package with the weights is not installed.
    """
    encoder = encoder_of(network)
    if settings.pretrained and not next(encoder.parameters()).is_meta:
        encoder.load_state_dict(pretrained(encoder.kind).state_dict())


def optimizer(network: nn.Module, settings: LiteSettings, beta: float = 0.99) -> torch.optim.AdamW:
    """AdamW, the pretrained encoder at its own rate in the first two groups; no decay for biases and norms."""
    groups: list[dict[str, object]] = []
    for inside, rate in ((True, settings.rate * (settings.slow if settings.pretrained else 1)), (False, settings.rate)):
        for flat in (False, True):
            weights = [
                p for k, p in network.named_parameters() if k.startswith("encoder.") is inside and (p.ndim <= 1) is flat
            ]
            groups.append({"params": weights, "lr": rate, "weight_decay": 0.0 if flat else settings.decay})
    return torch.optim.AdamW(groups, betas=(0.9, beta))


def prepare(network: nn.Module, steps: torch.optim.Optimizer, settings: LiteSettings, spent: float) -> None:
    """Before a step: hold the encoder, or lower its rate, by the part of the time that is spent."""
    network.train()
    if not settings.pretrained:
        return
    encoder = encoder_of(network)
    encoder.eval()
    encoder.requires_grad_(spent >= WARM)
    for group in steps.param_groups[:2]:
        group["lr"] *= min(1.0, max(0.0, (spent - WARM) / RAMP))
