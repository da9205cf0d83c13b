"""Codes as real faces have them: a generator's codes laid so that normal ones become what an encoder says of photos.

A generator learns to draw all normal codes, and draws those best that are like many of the faces that it saw. Codes of
real faces fill a small part of the space only; a normal distribution is fitted to them (as for autoencoders, Ghosh et
al., arXiv 1903.12436) and put into the generator's first layer and the encoder's last one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .gan import Encoder, Generator


@torch.no_grad()
def fit(generator: Generator, encoder: Encoder, codes: Tensor) -> None:
    """Lay codes anew, in place: normal ones are then as `codes` were, and the encoder gives the new ones.

    Args:
        generator: without classes, its first layer with offsets.
        encoder: of its codes.
        codes: (N, code) of real faces, N well above code.
    """
    mean = codes.double().mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(codes.double().T))
    spread = values.clamp_min(1e-6).sqrt()  # old = mean + vectors @ (spread * new)
    first, head = generator.first, encoder.head
    first.bias.add_((first.weight.double() @ mean).float())
    first.weight.copy_((first.weight.double() @ (vectors * spread)).float())
    head.bias.copy_((vectors.T @ (head.bias.double() - mean) / spread).float())
    head.weight.copy_(((vectors.T @ head.weight.double()) / spread[:, None]).float())
