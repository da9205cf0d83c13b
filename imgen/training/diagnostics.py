"""Signs of trouble in adversarial training, measured while it runs, and digits whose modes can be counted.

What goes wrong (Goodfellow et al., arXiv 1406.2661 and 1701.00160): the critic becomes sure and the generator's
gradient vanishes; or the generator collapses, and all codes become a few samples that fool the critic of the moment.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .adversarial import Loss
from .frechet import prdc

Array = NDArray[np.floating[Any]]
SAMPLES = 256  # recent samples that variety is measured on
EVERY = 50  # steps between two measurements of variety, which the loop shows as often
PATIENCE = 500  # steps before the first warning: at the start every generator is poor
COLLAPSED = 0.15  # variety below this is a collapse; healthy runs have several times as much
SURE = 0.98  # a critic that ranks so many pairs rightly...
VANISHED = 0.02  # ...while the generator's gradient is this part of what it was, teaches no more
ROWS = 512  # samples whose distances to all training pictures are held at once
MEMORY = 0.99  # running means look back about a hundred steps


class Watch:
    """Looks at every step of one run. `Watch(loss).look(...)` returns figures for the curves; `warnings` judges.

    Figures: `real` and `fake`, the critic's mean output for both (chances where the loss has them, one half at the
    equilibrium; else scores); `apart`, how many of all pairs it ranks rightly, one half at the equilibrium whatever
    the loss; `gradient`, the norm of the generator's; `variety`, the share of recent real samples near recent made
    ones: coverage or recall (see `prdc`), whichever is larger, for samples that differ but are not good yet have
    recall, good ones that differ little have coverage, and collapsed ones neither. Pictures are seen coarsely.

    Args:
        loss: of the run; one of `adversarial.LOSSES`.
    """

    def __init__(self, loss: Loss) -> None:
        self.loss, self.steps = loss, 0
        self.recent: tuple[deque[Array], deque[Array]] = (deque(maxlen=SAMPLES), deque(maxlen=SAMPLES))
        self.apart, self.gradient, self.first_gradient = 0.5, 0.0, 0.0
        self.varieties: deque[float] = deque(maxlen=3)

    def look(
        self, samples: tuple[Tensor, Tensor], scores: tuple[Tensor, Tensor], gradient: float | Tensor
    ) -> dict[str, float]:
        """Take in one step.

        Args:
            samples: real and made ones, pictures (B, C, H, W) or vectors (B, D).
            scores: the critic's of both, (B, ...).
            gradient: norm of the generator's gradient.
        """
        for kept, seen in zip(self.recent, samples, strict=True):
            kept.extend(coarse(seen))
        real, fake = (s.detach().float().flatten(1).mean(1) for s in scores)
        self.steps += 1
        keep = min(MEMORY, 1 - 1 / self.steps)  # a plain mean at first
        self.apart = keep * self.apart + (1 - keep) * told_apart(real, fake)
        self.gradient = keep * self.gradient + (1 - keep) * float(gradient)
        if self.steps <= EVERY:
            self.first_gradient = self.gradient
        if self.steps % EVERY == 0 and min(map(len, self.recent)) == SAMPLES:
            real_kept, fake_kept = map(np.stack, self.recent)
            near = prdc(real_kept, fake_kept)
            self.varieties.append(max(near["coverage"], near["recall"]))
        output = self.loss.chance or torch.clone
        figures = {"real": float(output(real).mean()), "fake": float(output(fake).mean()), "apart": self.apart}
        variety = {"variety": self.varieties[-1]} if self.varieties else {}
        return figures | {"gradient": self.gradient} | variety

    def warnings(self) -> dict[str, str]:
        """What is wrong, if anything: kind to a sentence that says what to change."""
        found: dict[str, str] = {}
        if self.steps < PATIENCE:
            return found
        if self.varieties and max(self.varieties) < COLLAPSED:
            found["collapse"] = (
                f"the samples come near {self.varieties[-1]:.0%} of the data: the generator has collapsed; start again "
                "with a lower rate, loss=hinge, norm=spectral, spread=true, or more r1"
            )
        if self.apart > SURE and self.gradient < VANISHED * self.first_gradient:
            found["vanished"] = (
                f"the critic tells {self.apart:.0%} of all pairs apart and the generator's gradient has vanished: it "
                "learns nothing; start again with loss=non-saturating or hinge, more augment, or a lower critic_rate"
            )
        return found


def told_apart(real: Tensor, fake: Tensor) -> float:
    """How many of all pairs of scores (B,) and (B,) have the real one above: the area under the ROC curve."""
    above = (real[:, None] - fake[None]).sign().mean()  # 1 above, 0 equal, -1 below
    return float(above + 1) / 2


@torch.no_grad()
def coarse(samples: Tensor) -> Array:
    """Pictures (B, C, H, W) at 8x8 as vectors (B, 64 C); vectors as they are."""
    seen = F.adaptive_avg_pool2d(samples.float(), 8) if samples.ndim == 4 else samples.float()
    return seen.flatten(1).cpu().numpy()


def nearest(samples: Array, training: Array) -> tuple[NDArray[np.intp], Array]:
    """Index (N,) and distance (N,) of the nearest of `training` (M, D) to each of `samples` (N, D).

    Samples that lie much nearer to training pictures than other real pictures do are learned by heart.
    """
    known = np.asarray(training, np.float64)
    index, squares = np.empty(len(samples), np.intp), np.empty(len(samples))
    for start in range(0, len(samples), ROWS):  # as one product of matrices, much faster than pair by pair
        some = np.asarray(samples[start : start + ROWS], np.float64)
        distances = (some**2).sum(1)[:, None] + (known**2).sum(1) - 2 * some @ known.T
        index[start : start + ROWS], squares[start : start + ROWS] = distances.argmin(1), distances.min(1)
    return index, np.sqrt(squares.clip(0))


def stacked(pictures: NDArray[np.uint8], rng: np.random.Generator, count: int) -> NDArray[np.uint8]:
    """Random digits of (N, 28, 28) as red, green and blue: (count, 28, 28, 3), 1,000 modes (arXiv 1611.02163)."""
    return pictures[rng.integers(len(pictures), size=(count, 3))].transpose(0, 2, 3, 1)


def stacked_modes(samples: Array, known: Array, labels: NDArray[np.uint8]) -> int:
    """How many of the 1,000 triples of digits occur among samples (N, 28, 28, 3) in 0..1.

    A digit is read as the label of the nearest of `known` (M, 28, 28) in 0..1, whose labels are (M,).
    """
    flat = known.reshape(len(known), -1)
    read = [labels[nearest(samples[..., i].reshape(len(samples), -1), flat)[0]].astype(int) for i in range(3)]
    return len(np.unique(read[0] * 100 + read[1] * 10 + read[2]))
