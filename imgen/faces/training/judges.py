"""Who looks at edited faces: judges, who tell what a face shows, and a critic, who is told what it shall show."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ...contract.arrays import Array
from ...training.backbone import pretrained
from ...training.diffaugment import augment
from .marks import Classifier

AUGMENTED = ("colour", "move")  # what a critic sees of pictures differs by
PLACES = 4  # a side of the places that each depth is averaged to


class Judge(nn.Module):
    """What a face shows, by a published network's features at two depths: `marks.Classifier`, for gradients."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.network = pretrained().eval()
        spread = torch.from_numpy(classifier.spread)
        weight = classifier.weight.detach() / spread[:, None]
        self.register_buffer("weight", weight)
        self.register_buffer("bias", classifier.bias.detach() - torch.from_numpy(classifier.mean) @ weight)
        self.requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        """Logits (B, K) of faces (B, 3, 128, 128) in 0..1."""
        *_, middle, last = self.network(image)
        features = [F.adaptive_avg_pool2d(part, PLACES).flatten(1) for part in (middle, last)]
        return torch.cat(features, 1).float() @ self.get_buffer("weight") + self.get_buffer("bias")


class Critic(nn.Module):
    """Real or made, patch by patch and as a whole; as a whole also whether a face shows what it is said to.

    The latter by projection (Miyato & Koyama, arXiv 1802.05637).

    Args:
        kinds: how many things are said of a face.
        size: of the faces, in pixels.
        width: channels after the first layer.
    """

    def __init__(self, kinds: int, size: int = 128, width: int = 64) -> None:
        super().__init__()
        self.trunk = nn.Sequential(layer(3, width), layer(width, 2 * width), layer(2 * width, 4 * width))
        self.patch = nn.Sequential(layer(4 * width, 4 * width, 1), nn.Conv2d(4 * width, 1, 3, padding=1))
        self.deep = nn.Sequential(layer(4 * width, 6 * width), layer(6 * width, 6 * width, 1))
        self.narrow = spectral(nn.Conv2d(6 * width, 128, 1))
        self.whole = spectral(nn.Linear(128 * (size // 16) ** 2, 256))
        self.score, self.said = spectral(nn.Linear(256, 1)), spectral(nn.Linear(kinds, 256, bias=False))

    def forward(self, image: Tensor, said: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (B,) of the patches and of the whole, higher for real.

        Args:
            image: (B, 3, S, S) in 0..1.
            said: what it shows, (B, K) in 0..1.
        """
        x = self.trunk(image * 2 - 1)  # (B, 4 width, S/8, S/8)
        code = F.leaky_relu(self.narrow(self.deep(x)), 0.2).flatten(1)
        code = F.leaky_relu(self.whole(code), 0.2)  # (B, 256)
        told = (code * self.said(said * 2 - 1)).sum(1)
        return self.patch(x).float().mean((1, 2, 3)), (self.score(code)[:, 0] + told).float()


def layer(inputs: int, outputs: int, stride: int = 2) -> nn.Sequential:
    """A convolution that halves the size, or does not, spectrally normalised."""
    conv = nn.Conv2d(inputs, outputs, 4, 2, 1) if stride == 2 else nn.Conv2d(inputs, outputs, 3, 1, 1)
    return nn.Sequential(spectral(conv), nn.LeakyReLU(0.2))


spectral = nn.utils.parametrizations.spectral_norm


def word(critic: nn.Module, faces: Tensor, said: Tensor, draw: torch.Generator) -> Tensor:
    """What a critic thinks of faces (B, 3, S, S) that are said (B, K) to show that (B,)."""
    patches, whole = critic(augment(faces, AUGMENTED, draw), said)
    return patches + whole


def lesson(
    critic: nn.Module,
    real: tuple[Tensor, Tensor, Tensor],
    made: tuple[Tensor, Tensor],
    draw: torch.Generator,
) -> Tensor:
    """What a critic has still to learn, by hinges.

    Args:
        critic: a `Critic`.
        real: faces (B, 3, S, S), what they show (B, K), and what is said of them that is not so.
        made: faces, and what they are said to show.
        draw: the randomness of the step.
    """
    faces, truth, lie = real
    seen = augment(faces, AUGMENTED, draw)
    (patches, whole), (_, untrue) = critic(seen, truth), critic(seen, lie)
    made_patches, made_whole = critic(augment(made[0], AUGMENTED, draw), made[1])
    loss = F.relu(1 - patches).mean() + F.relu(1 + made_patches).mean() + F.relu(1 - whole).mean()
    return loss + 0.8 * F.relu(1 + made_whole).mean() + 0.2 * F.relu(1 + untrue).mean()


def lied(shown: Array, columns: NDArray[np.int64]) -> Array:
    """What faces show (B, K), with the opposite of one column each (B,)."""
    wrong, each = shown.copy(), np.arange(len(shown))
    wrong[each, columns] = 1 - wrong[each, columns]
    return wrong


def surprise(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy (B, K) beyond what the best answer would have, of 0..1 for `truth`."""
    best = torch.logit(truth.clamp(1e-3, 1 - 1e-3))
    cost = F.binary_cross_entropy_with_logits
    return cost(logits, truth, reduction="none") - cost(best, truth, reduction="none")
