"""The autoencoder, and the critics that look at its codes or at its pictures.

References: adversarial autoencoders (Makhzani et al., arXiv 1511.05644), ACAI (Berthelot et al., arXiv 1807.07543).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training.autoencoder import NARROW, Decoder, Encoder
from imgen.training.checkpoint import as_bytes


class Autoencoder(nn.Module):
    """An encoder, which is at the same time the generator of codes, and a decoder.

    A code is style numbers, followed by label numbers where there are labels.

    Args:
        channels: of the pictures.
        size: their side in pixels, a multiple of 2^(n + 1) with n widths.
        style: numbers of the style.
        labels: numbers of the label; 0 without labels.
        widths: channels at 1/2 of the size, at 1/4 and so on: three for 32 or 64 pixels, four for 128.
        level: give each number of the style mean 0 and spread 1 over the pictures, by a batch norm without weights.
    """

    usual: Tensor  # (labels,) the share of the pictures that has each label

    def __init__(
        self, channels: int, size: int, style: int, labels: int, widths: Sequence[int], level: bool = False
    ) -> None:
        super().__init__()
        self.side, self.width = size // 2 ** (len(widths) + 1), widths[-1]
        self.style, self.labels = style, labels
        self.encoder = Encoder(channels, widths)
        self.narrow = nn.Conv2d(widths[-1], NARROW, 3, 2, padding=1)
        self.heads = nn.Linear(NARROW * self.side**2, style + labels)
        self.spread = nn.Linear(style + labels, widths[-1] * self.side**2)
        self.decoder = Decoder(channels, widths)
        self.level = nn.BatchNorm1d(style, affine=False) if level else nn.Identity()
        if labels:
            self.register_buffer("usual", torch.full((labels,), 0.5))

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Style (B, style) and the logits of the label (B, labels) of pictures (B, channels, S, S) in 0..1."""
        style, logits = self.look(image)
        return self.level(style), logits

    def look(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """The same before the style is brought to mean 0 and spread 1."""
        x = F.relu(self.narrow(self.encoder(image)))  # (B, NARROW, side, side)
        style, logits = self.heads(x.flatten(1)).float().split([self.style, self.labels], 1)
        return style, logits

    def decode(self, code: Tensor) -> Tensor:
        """Logits (B, channels, S, S) of the picture of codes (B, style + labels)."""
        x = F.relu(self.spread(code)).unflatten(1, (self.width, self.side, self.side))
        return self.decoder(F.interpolate(x, scale_factor=2.0))


class Plane(nn.Module):
    """Codes to places on a plane and back: an autoencoder of what another one says of pictures.

    Args:
        numbers: in a code.
        places: in a place, two.
        widths: of the hidden layers of each half.
        level: give places mean 0 and spread 1, by a batch norm without weights.
    """

    middle: Tensor  # (numbers,) of the codes
    spread: Tensor  # (numbers,)
    of: Tensor  # (32,) bytes of the checksum of the model that the codes come from

    def __init__(self, numbers: int, places: int, widths: Sequence[int], level: bool) -> None:
        super().__init__()
        self.encoder, self.decoder = layers(numbers, *widths, places), layers(places, *widths[::-1], numbers)
        self.level = nn.BatchNorm1d(places, affine=False) if level else nn.Identity()
        self.register_buffer("middle", torch.zeros(numbers))
        self.register_buffer("spread", torch.ones(numbers))
        self.register_buffer("of", torch.zeros(32, dtype=torch.uint8))

    @torch.no_grad()
    def describe(self, codes: Tensor, checksum: str) -> None:
        """Take down mean and spread of codes (N, numbers), and whose they are."""
        self.middle.copy_(codes.mean(0))
        self.spread.copy_(codes.std(0).clamp_min(1e-3))
        self.of.copy_(as_bytes(checksum))

    def encode(self, code: Tensor) -> Tensor:
        """Places (B, places) of codes (B, numbers)."""
        return self.level(self.encoder((code - self.middle) / self.spread))

    def decode(self, place: Tensor) -> Tensor:
        """The likeliest codes (B, numbers) there."""
        return self.middle + self.spread * self.decoder(place)

    def forward(self, code: Tensor, place: Tensor) -> tuple[Tensor, Tensor]:
        """The codes (B, numbers) at `place` (B, places), and the places of `code` (B, numbers)."""
        return self.decode(place), self.encode(code)


def layers(*widths: int) -> nn.Sequential:
    """Linear layers from the first width to the last."""
    made = [part for sizes in pairwise(widths) for part in (nn.Linear(*sizes), nn.LeakyReLU(0.2))]
    return nn.Sequential(*made[:-1])


class CodeCritic(nn.Module):
    """The discriminator in the middle: tells codes of pictures from samples of the prior.

    Args:
        numbers: in a code.
        width: of its two hidden layers.
        scores: how many it gives; more than one where it guesses attributes instead.
    """

    def __init__(self, numbers: int, width: int, scores: int = 1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs in (numbers, width):
            layers += [nn.Linear(inputs, width), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Linear(width, scores))

    def forward(self, code: Tensor) -> Tensor:
        """Scores (B, scores), above 0 for the prior, of codes (B, numbers)."""
        return self.layers(code)


class MixCritic(nn.Module):
    """ACAI's critic: guesses by how much the codes of two pictures were mixed to draw a third.

    Args:
        channels: of the pictures.
        widths: channels at 1/2, 1/4, ... of the size.
    """

    def __init__(self, channels: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *widths)):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.LeakyReLU(0.2)]
            layers += [nn.Conv2d(outputs, outputs, 4, 2, padding=1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], widths[-1], 3, padding=1))

    def forward(self, picture: Tensor) -> Tensor:
        """Mixing coefficients (B,) of pictures (B, channels, S, S) in 0..1: 0 for none, at most one half."""
        return self.layers(picture * 2 - 1).float().mean((1, 2, 3))


class Codec(nn.Module):
    """The whole autoencoder as one function of a picture and a change of its code; what is exported.

    Args:
        network: with weights.
        exclusive: labels exclude each other, as digits do; else each is its own, from -1 absent to 1 present.
    """

    def __init__(self, network: Autoencoder, exclusive: bool) -> None:
        super().__init__()
        self.network, self.exclusive = network, exclusive

    def forward(self, image: Tensor, keep: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """The picture of the code keep * code + offset, and the code of `image`.

        Args:
            image: (B, channels, S, S) in 0..1.
            keep: (B, style + labels), how much of each number of the picture's own code is kept, 0..1.
            offset: (B, style + labels).
        """
        code = torch.cat(labelled(*self.network.encode(image), exclusive=self.exclusive), 1)
        return self.network.decode(keep * code + offset).sigmoid(), code


def labelled(style: Tensor, logits: Tensor, *, exclusive: bool) -> tuple[Tensor, Tensor]:
    """Style as it is, and the label: chances that sum to 1, or each from -1 to 1."""
    return style, logits.softmax(1) if exclusive else (logits / 2).tanh()
