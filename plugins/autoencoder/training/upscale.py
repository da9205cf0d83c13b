"""Training of the upscaler: pictures made smaller, some of them worse, and what they were."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training import corrupt
from imgen.training.data import Decoding, Pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update

from ..networks.upscaler import Upscaler

WAYS = (Pillow.Resampling.BOX, Pillow.Resampling.BILINEAR, Pillow.Resampling.LANCZOS)
NOISE, QUALITY = 5.0, (60, 96)  # the strongest noise, of 255, and the JPEG files of pictures that are made worse


class UpscaleSettings(Settings):
    """How large the network is and what it sees."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "crop": 2}

    width: int = Field(48, ge=4, le=512, description="Channels")
    blocks: int = Field(5, ge=1, le=64, description="Residual blocks")
    rate: float = Field(8e-4, gt=0, description="Learning rate at its peak")
    batch: int = Field(8, ge=1, description="Crops in a step")
    crop: int = Field(48, ge=16, description="Side of a small crop in pixels; the result has twice as many")
    worse: float = Field(0.25, ge=0, le=1, description="Part of the crops with noise, JPEG, or another reduction")
    swapped: float = Field(0.25, ge=0, le=1, description="Part of the batches with the three colours in another order")


class Upscale(Trainer):
    """autoencoder/upscale: twice the size, for pictures that are sharp or nearly so."""

    name = "autoencoder/upscale"
    task = "enlarge a picture to twice its size"
    layout = "DIR...: sharp photos of any size, in subfolders too"
    Settings: ClassVar[type[Settings]] = UpscaleSettings
    settings: UpscaleSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Pictures without the blocks of their own compression; the small ones are made on the fly."""
        self.pictures = Pictures(folders, Decoding(clean=True))

    def build(self) -> None:
        """One network and Adam."""
        s = self.settings
        self.networks = {"model": Upscaler(s.width, s.blocks)}
        self.optimizers = {"model": torch.optim.Adam(self.networks["model"].parameters(), s.rate, betas=(0.9, 0.99))}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Make smaller, enlarge, compare, update."""
        network, optimizer = self.networks["model"], self.optimizers["model"]
        assert isinstance(network, Upscaler)
        large, small = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            change = network.change(small)
        loss = F.l1_loss(network.smooth(small) + change.float(), F.pixel_unshuffle(large, 2))
        return {"loss": loss, "gradient": update(hardware, network, optimizer, loss, clip=0.5)}

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Crops (B, 3, 2S, 2S), and the same at half the size (B, 3, S, S)."""
        s, rng = self.settings, dice.numpy
        large = self.pictures.crops(rng, s.batch, 2 * s.crop)
        small = np.stack([self.reduced(one, rng) for one in large])
        order = rng.permutation(3) if rng.random() < s.swapped else np.arange(3)
        return as_tensor(large[..., order]), as_tensor(small[..., order])

    def reduced(self, large: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.float32]:
        """A crop (2S, 2S, 3) at half the size, in 0..1: bicubic, as tests have it, or as pictures come."""
        size = (self.settings.crop, self.settings.crop)
        worse = rng.random() < self.settings.worse
        way = WAYS[int(rng.integers(len(WAYS)))] if worse and rng.random() < 0.5 else Pillow.Resampling.BICUBIC
        small = np.asarray(Pillow.fromarray(large).resize(size, way), np.float32) / np.float32(255)
        if worse and rng.random() < 0.6:
            small = corrupt.quantise(corrupt.gaussian(small, rng, rng.uniform(0, NOISE) / 255))
        if worse and rng.random() < 0.6:
            small = corrupt.jpeg(small, int(rng.integers(*QUALITY)), bool(rng.random() < 0.5))
        return small.astype(np.float32)

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: the small pictures enlarged by repeating pixels, by the network, and what they were."""
        large, small = (t.to(next(network.parameters()).device) for t in self.batch(dice))
        return rows(F.interpolate(small, scale_factor=2.0), F.pixel_shuffle(network(small), 2).clamp(0, 1), large)

    def export(self, network: nn.Module) -> Exported:
        """The four parts (B, 12, H, W) of a picture (B, 3, H, W) of any size."""
        assert isinstance(network, Upscaler)
        sizes = {0: "batch", 2: "height", 3: "width"}
        return Exported(network, example, ["parts"], {"image": sizes}, 1, network.reach())


def example(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels."""
    return {"image": rng.random((batch, 3, height, width), dtype=np.float32)}
