"""What exported networks give and take: bounded outputs, and lifelike inputs to check them with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from imgen.training.trainer import Wrapped

Inputs = dict[str, NDArray[np.float32]]


class Bounded(nn.Module):
    """A network of one picture and the sigmoid of what it gives; or, over several `classes`, the softmax."""

    def __init__(self, network: nn.Module, classes: bool = False) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) to (B, C, H, W) in 0..1."""
        logits = self.network(image)
        return logits.softmax(1) if self.classes else logits.sigmoid()


class Clicked(Wrapped):
    """A network of a picture and clicks, and the sigmoid of what it gives."""

    def forward(self, image: Tensor, clicks: Tensor) -> Tensor:
        """(B, 3, H, W) and (B, 2, H, W) to (B, 1, H, W) in 0..1."""
        return self.network(image, clicks).sigmoid()


def random_image(rng: np.random.Generator, batch: int, height: int, width: int) -> Inputs:
    """Random pixels."""
    return {"image": rng.random((batch, 3, height, width), dtype=np.float32)}


def random_clicked(rng: np.random.Generator, batch: int, height: int, width: int) -> Inputs:
    """Random pixels with a click that adds and one that takes away."""
    clicks = np.zeros((batch, 2, height, width), np.float32)
    clicks[:, 0, 4:9, 4:9] = clicks[:, 1, -9:-4, -9:-4] = 1
    return random_image(rng, batch, height, width) | {"clicks": clicks}


def random_light(rng: np.random.Generator, batch: int, height: int, width: int) -> Inputs:
    """Random pixels with one hint."""
    hints = np.zeros((batch, 3, height, width), np.float32)
    hints[:, :, 4:9, 4:9] = np.array([0.3, -0.2, 1], np.float32)[:, None, None]
    return {"light": rng.random((batch, 1, height, width), dtype=np.float32), "hints": hints}
