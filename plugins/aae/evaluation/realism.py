"""A classifier that learns to tell mixed pictures from those that are not, and its answers on others."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.contract.arrays import Array
from imgen.faces.training.measures import planes
from imgen.training.diffaugment import augment

WIDTHS = (24, 32, 48)  # channels at 1/2, 1/4 and 1/8 of the size
STEPS, BATCH, RATE = 600, 64, 2e-3
UNMIXED, MIDPOINTS = "reconstructions taken for unmixed, %", "midpoints taken for unmixed, %"


def taken_for_unmixed(made: dict[str, list[tuple[Array, Array]]]) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """For each method and row, whether each of its test pictures is taken for one that is not mixed.

    One classifier learns from the pictures of all methods, as many of each, so that it favours none; what is not mixed
    are the methods' own reconstructions, so that it does not go by how sharp they are.

    Args:
        made: by method, for the training and the test pictures each: reconstructions and midpoints (N, S, S, C).
    """
    unmixed, mixed = (
        torch.cat([tensor(parts[0][kind]) for parts in made.values()]) for kind in (0, 1)
    )  # of the training pictures
    classifier = learned(unmixed, mixed)
    return {
        method: {UNMIXED: answers(classifier, tensor(test[0])), MIDPOINTS: answers(classifier, tensor(test[1]))}
        for method, (_, test) in made.items()
    }


def learned(unmixed: Tensor, mixed: Tensor) -> nn.Module:
    """A small network that gives pictures (B, C, S, S) scores, above 0 for unmixed ones."""
    torch.manual_seed(0)
    draw = torch.Generator().manual_seed(0)
    classifier = network(unmixed.shape[1])
    optimizer = torch.optim.AdamW(classifier.parameters(), RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS)
    truth = torch.arange(2).repeat_interleave(BATCH).float()[:, None]
    for _ in range(STEPS):
        sets = [s[torch.randint(len(s), (BATCH,), generator=draw)] for s in (mixed, unmixed)]
        pictures = augment(torch.cat(sets), ("move",), draw)
        loss = F.binary_cross_entropy_with_logits(classifier(pictures), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return classifier.eval()


def network(channels: int) -> nn.Sequential:
    """Convolutions with batch norm, and the mean over the picture at the end: another kind than the critic."""
    layers: list[nn.Module] = []
    inputs = channels
    for width in WIDTHS:
        layers += [nn.Conv2d(inputs, width, 5, 2, padding=2), nn.BatchNorm2d(width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1))


@torch.no_grad()
def answers(classifier: nn.Module, pictures: Tensor) -> NDArray[np.bool_]:
    """Whether pictures (N, C, S, S) are taken for unmixed (N,)."""
    return torch.cat([classifier(part)[:, 0] > 0 for part in pictures.split(250)]).numpy()


def tensor(pictures: Array) -> Tensor:
    """(N, S, S, C) as (N, C, S, S)."""
    return torch.from_numpy(planes(pictures))
