"""Adversarial training: what critics and generators minimise, and what keeps a critic smooth.

A critic D gives a score s for each sample, above the middle for real; a generator G makes samples that raise it
(Goodfellow et al., arXiv 1406.2661). Scores have any shape: (B, 1) for pictures or codes, (B, 1, h, w) for patches.
Expectations are means over all of it. With a logistic critic D(x) = sigmoid(s), and at the best critic for a fixed G
D*(x) = p(x) / (p(x) + q(x)) for data p and samples q, the value of the game is V(G, D*) = -log 4 + 2 JSD(p, q).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Name = Literal["minimax", "non-saturating", "least-squares", "wasserstein-clip", "wasserstein-penalty", "hinge"]
Scorer = Callable[[Tensor], Tensor]  # samples to scores


@dataclass(frozen=True)
class Loss:
    """What both players minimise.

    Attributes:
        critic: of the scores of real and of made samples.
        generator: of the scores of made samples.
        chance: scores as the critic's chance that a sample is real, one half where it cannot tell; None where scores
            have no such level.
        clip: limit of the critic's weights, see `clip_weights`; 0 for none.
        penalty: weight of `gradient_penalty` in the critic's loss; 0 for none.
    """

    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    chance: Callable[[Tensor], Tensor] | None
    clip: float = 0.0
    penalty: float = 0.0


def logistic_critic(real: Tensor, fake: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))), which is -V(G, D); log(1 - sigmoid(s)) = -softplus(s)."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def minimax_generator(fake: Tensor) -> Tensor:
    """E log(1 - D(G(z))). Its slope is -D(G(z)): it vanishes where the critic is sure, which is where G must learn."""
    return -F.softplus(fake).mean()


def non_saturating_generator(fake: Tensor) -> Tensor:
    """-E log D(G(z)), the same fixed point with the slope D(G(z)) - 1: strong where the critic is sure."""
    return F.softplus(-fake).mean()


def squares_critic(real: Tensor, fake: Tensor) -> Tensor:
    """½ E (D(x) - 1)² + ½ E D(G(z))² (LSGAN, Mao et al., arXiv 1611.04076)."""
    return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()


def squares_generator(fake: Tensor) -> Tensor:
    """½ E (D(G(z)) - 1)²: also pulls samples that the critic already takes for real towards the boundary."""
    return 0.5 * ((fake - 1) ** 2).mean()


def wasserstein_critic(real: Tensor, fake: Tensor) -> Tensor:
    """E D(G(z)) - E D(x): minus the earth mover's distance at the best 1-Lipschitz D (Arjovsky et al., 1701.07875)."""
    return fake.mean() - real.mean()


def score_generator(fake: Tensor) -> Tensor:
    """-E D(G(z)), for Wasserstein and hinge critics."""
    return -fake.mean()


def hinge_critic(real: Tensor, fake: Tensor) -> Tensor:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))): what is sure enough counts no more (Lim and Ye, arXiv 1705.02894)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


LOSSES: dict[Name, Loss] = {
    "minimax": Loss(logistic_critic, minimax_generator, torch.sigmoid),
    "non-saturating": Loss(logistic_critic, non_saturating_generator, torch.sigmoid),
    # learns 1 for real and 0 for made: the score is the chance
    "least-squares": Loss(squares_critic, squares_generator, lambda scores: scores),
    "wasserstein-clip": Loss(wasserstein_critic, score_generator, None, clip=0.01),
    "wasserstein-penalty": Loss(wasserstein_critic, score_generator, None, penalty=10.0),
    # the best critic lies between -1, made, and 1, real
    "hinge": Loss(hinge_critic, score_generator, lambda scores: ((scores + 1) / 2).clamp(0, 1)),
}


@torch.no_grad()
def clip_weights(network: nn.Module, limit: float) -> None:
    """Keep every weight within ±limit, so that the critic is K-Lipschitz for some K (Arjovsky et al., 1701.07875)."""
    for weight in network.parameters():
        weight.clamp_(-limit, limit)


def gradient_penalty(critic: Scorer, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
    """E (|∇D(u x + (1 - u) G(z))| - 1)², u uniform: on the straight lines between pairs (WGAN-GP, arXiv 1704.00028).

    Args:
        critic: samples to scores; without batch norm, which would tie the samples of a batch together.
        real: (B, ...) samples.
        fake: the same number of made ones.
        chance: draws u.
    """
    u = torch.rand(len(real), *[1] * (real.ndim - 1), generator=chance).to(real.device)
    return ((gradient_norms(critic, u * real + (1 - u) * fake.detach()) - 1) ** 2).mean()


def r1_penalty(critic: Scorer, real: Tensor) -> Tensor:
    """½ E |∇D(x)|² on real samples; times a weight in the critic's loss (Mescheder et al., arXiv 1801.04406)."""
    return 0.5 * (gradient_norms(critic, real) ** 2).mean()


def gradient_norms(critic: Scorer, samples: Tensor) -> Tensor:
    """|∇D| (B,) at each sample (B, ...); of several patches' scores their mean counts. Can be differentiated again."""
    samples = samples.detach().requires_grad_()
    total = critic(samples).float().reshape(len(samples), -1).mean(1).sum()
    (slope,) = torch.autograd.grad(total, samples, create_graph=True)
    return slope.float().flatten(1).norm(dim=1)


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """While the generator learns, gradients pass through the critic and do not reach its weights: less work."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
