"""Training of the autoencoder plugin: corrupt a picture, then learn to reconstruct it (Vincent et al. 2008)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.training import corrupt
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, Width, as_tensor, update

from ..networks.autoencoder import Autoencoder
from .sensor import sensor
from .shots import Shots, has_shots

LEAST = 1e-6  # mean square below which a picture is as good as another
MAX_SIGMA = 60  # of 255; the strongest noise that the denoiser learns


class RestoreSettings(Settings):
    """Settings that all trainers share."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "crop": 2}

    widths: tuple[Width, Width, Width] = Field((48, 96, 160), description="Channels at 1/2, 1/4 and 1/8 of the size")
    blocks: int = Field(2, ge=1, le=8, description="Residual blocks at each size, encoder and decoder")
    dilations: tuple[int, ...] = Field((1, 1), description="Dilation of each bottleneck block")
    skips: bool = Field(True, description="False trains the plain bottleneck autoencoder")
    rate: float = Field(6e-4, gt=0, description="Learning rate at its peak")
    batch: int = Field(12, ge=1, description="Crops in a step")
    crop: int = Field(80, ge=16, multiple_of=8, description="Side of a crop in pixels")


class DenoiseSettings(RestoreSettings):
    """What kinds of noise, and which error; a network that is quick enough for previews."""

    widths: tuple[Width, Width, Width] = Field((32, 48, 96), description="Channels at 1/2, 1/4 and 1/8 of the size")
    blocks: int = Field(1, ge=1, le=8, description="Residual blocks at each size, encoder and decoder")
    white: float = Field(0.55, ge=0, le=1, description="Part of the crops with white Gaussian noise, not clipped")
    clipped: float = Field(0.17, ge=0, le=1, description="Part with the same, clipped; the rest is camera noise")
    sensor: float = Field(0.5, ge=0, le=1, description="Part of the camera noise that is made on a Bayer mosaic")
    coarse: float = Field(0.2, ge=0, le=1, description="Part of the camera noise whose blotches of colour are coarse")
    subsampled: float = Field(0.6, ge=0, le=1, description="Part of its JPEG files with colours at half the size")
    reduced: float = Field(0.25, ge=0, le=1, description="Part of the crops that are halved: finer detail, less noise")
    swapped: float = Field(0.25, ge=0, le=1, description="Part of the batches with the three colours in another order")
    real: float = Field(0, ge=0, le=1, description="Part of the camera noise from pairs NAME_real and NAME_mean")
    squared: bool = Field(False, description="Squared error, for the last dB of a fine-tuning, instead of absolute")


class BestSettings(DenoiseSettings):
    """Fifteen times the work: three times the channels and twice the blocks."""

    widths: tuple[Width, Width, Width] = Field((96, 160, 256), description="Channels at 1/2, 1/4 and 1/8 of the size")
    blocks: int = Field(2, ge=1, le=8, description="Residual blocks at each size, encoder and decoder")


class InpaintSettings(RestoreSettings):
    """More context for holes: larger crops and a dilated bottleneck."""

    dilations: tuple[int, ...] = Field((1, 2, 4, 2, 1), description="Dilation of each bottleneck block")
    batch: int = Field(6, ge=1, description="Crops in a step")
    crop: int = Field(128, ge=16, multiple_of=8, description="Side of a crop in pixels")
    squared: bool = Field(False, description="Root of each picture's mean square, which PSNR measures, not absolute")


class Restore(Trainer):
    """What the trainers share: the network, its optimiser, and one step on a corrupted batch."""

    Settings: ClassVar[type[Settings]] = RestoreSettings
    settings: RestoreSettings
    clean: ClassVar[bool] = False
    fill: ClassVar[bool] = False

    def load(self, folders: Sequence[Path]) -> None:
        """Pictures of any size and content; the corruption is made on the fly."""
        self.pictures = Pictures(folders, Decoding(clean=self.clean))

    def build(self) -> None:
        """One autoencoder and AdamW."""
        s = self.settings
        self.model = Autoencoder(1, s.widths, s.blocks, s.dilations, s.skips, self.fill)
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, betas=(0.9, 0.99))}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Corrupt, reconstruct, compare, update."""
        network, optimizer = self.networks["model"], self.optimizers["model"]
        clean, damaged, condition = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            restored = network(damaged, condition)  # (B, 3, S, S)
        loss = self.loss(restored.float(), clean, condition)
        return {"loss": loss, "gradient": update(hardware, network, optimizer, loss, clip=0.5)}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: damaged, restored, clean."""
        device = next(network.parameters()).device
        clean, damaged, condition = (t.to(device) for t in self.batch(dice))
        restored = network(damaged, condition)
        return torch.cat([torch.cat(list(row), 2) for row in (damaged, restored, clean)], 1)

    def export(self, network: nn.Module) -> Exported:
        """Any batch, height and width; sizes are multiples of 8."""
        sizes = {0: "batch", 2: "height", 3: "width"}
        dynamic = {"image": sizes, "condition": sizes}
        return Exported(network, self.example, ["restored"], dynamic, Autoencoder.multiple, self.model.reach())

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Inputs of the network: noise of one strength, or random pixels with a hole."""
        raise NotImplementedError

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """Clean pictures, the same damaged, and what the network is told of the damage."""
        raise NotImplementedError

    def loss(self, restored: Tensor, clean: Tensor, condition: Tensor) -> Tensor:
        """How far the reconstruction is from the clean picture."""
        raise NotImplementedError


class Denoise(Restore):
    """autoencoder/denoise, for quality=fast: the condition is the noise's standard deviation as a map, 0..1 scale."""

    name = "autoencoder/denoise"
    Settings: ClassVar[type[Settings]] = DenoiseSettings
    settings: DenoiseSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]
    task = "remove Gaussian and camera noise and JPEG blocks, told how strong they are"
    layout = "DIR...: clean photos of any size, in subfolders too; with real=..., a DIR of pairs NAME_real, NAME_mean"
    clean = True

    def load(self, folders: Sequence[Path]) -> None:
        """Clean photos, and folders with pairs of real noise and none."""
        paired = [folder for folder in folders if has_shots(folder)] if self.settings.real else []
        if self.settings.real and not 0 < len(paired) < len(folders):
            raise DataError("real=... needs a folder of pairs NAME_real and NAME_mean, and another of clean photos")
        super().load([folder for folder in folders if folder not in paired])
        self.shots = Shots(paired) if paired else None

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """White Gaussian noise, the same clipped and rounded, and noise as cameras make it."""
        rng, s = dice.numpy, self.settings
        clean = self.crops(rng)
        noisy = np.empty_like(clean)
        level = np.empty((*clean.shape[:3], 1), np.float32)
        for i, picture in enumerate(clean):
            sigma, kind = rng.uniform(0, MAX_SIGMA) / 255, rng.random()
            of_camera = kind > s.white + s.clipped
            if of_camera and self.shots and rng.random() < s.real:
                clean[i], noisy[i] = self.shots.crop(rng, s.crop)
            elif of_camera and rng.random() < s.sensor:
                noisy[i] = sensor(picture, rng)
            elif of_camera:
                noisy[i] = corrupt.camera(picture, rng, sigma, s.coarse, s.subsampled)
            else:
                noisy[i] = corrupt.gaussian(picture, rng, sigma)
            if s.white < kind <= s.white + s.clipped:
                noisy[i] = corrupt.quantise(noisy[i])
            # for camera noise the level is what was really added, after clipping, blur and JPEG
            level[i] = np.std(noisy[i] - clean[i]) if of_camera else sigma
        return as_tensor(clean), as_tensor(noisy), as_tensor(level)

    def crops(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Clean crops (B, S, S, 3) in 0..1, some of them halved, now and then with swapped colours."""
        s = self.settings
        halved = int(rng.binomial(s.batch, s.reduced))
        whole = self.pictures.crops(rng, s.batch - halved, s.crop) if halved < s.batch else []
        large = self.pictures.crops(rng, halved, 2 * s.crop).astype(np.float32) if halved else []
        small = [part.reshape(s.crop, 2, s.crop, 2, 3).mean((1, 3)) for part in large]
        clean = np.stack([*whole, *small]).astype(np.float32) / np.float32(255)
        return clean[..., rng.permutation(3)] if rng.random() < s.swapped else clean

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels, and a strong noise level."""
        image = rng.random((batch, 3, height, width), dtype=np.float32)
        return {"image": image, "condition": np.full((batch, 1, height, width), 50 / 255, np.float32)}

    def loss(self, restored: Tensor, clean: Tensor, condition: Tensor) -> Tensor:
        """Mean absolute error, which learns faster and sharper; or the squared one, which PSNR measures."""
        return F.mse_loss(restored, clean) if self.settings.squared else F.l1_loss(restored, clean)


class DenoiseBest(Denoise):
    """autoencoder/denoise-best, for quality=best: the same, wider and deeper."""

    name = "autoencoder/denoise-best"
    Settings: ClassVar[type[Settings]] = BestSettings

    def export(self, network: nn.Module) -> Exported:
        """As the quick one; weights of eight bits, which cost 0.01 dB."""
        return super().export(network)._replace(bits=8)


class Inpaint(Restore):
    """autoencoder/inpaint: the condition is the hole mask, 1 = lost; lost pixels enter as mid grey."""

    name = "autoencoder/inpaint"
    task = "fill holes: scratches, letters, wires, brushed-out objects"
    layout = "DIR...: photos of any size, in subfolders too"
    Settings: ClassVar[type[Settings]] = InpaintSettings
    settings: InpaintSettings  # narrower, and never replaced  # pyright: ignore[reportIncompatibleVariableOverride]
    fill = True

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """Scratches, scattered pixels, brush strokes, boxes and letters."""
        rng, s = dice.numpy, self.settings
        clean = as_tensor(self.pictures.crops(rng, s.batch, s.crop))
        hole = as_tensor(np.stack([corrupt.any_hole(rng, s.crop) for _ in range(s.batch)])[..., None])
        return clean, clean * (1 - hole) + 0.5 * hole, hole

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Random pixels with holes of the width that the tool fills at once."""
        image = rng.random((batch, 3, height, width), dtype=np.float32)
        hole = np.zeros((batch, 1, height, width), np.float32)
        for top in range(10, height, 100):
            hole[:, :, top : top + 40, 8 : width - 8] = 1
        return {"image": image * (1 - hole), "condition": hole}

    def loss(self, restored: Tensor, clean: Tensor, condition: Tensor) -> Tensor:
        """Mean absolute error in the hole, or the root of the square, so that a scratch counts as much as a large box.

        Known pixels are pasted back and need no loss.
        """
        error = (restored - clean) * condition
        error = (error**2 if self.settings.squared else error.abs()).sum((1, 2, 3)) / (3 * condition.sum((1, 2, 3)) + 1)
        return ((error + LEAST).sqrt() if self.settings.squared else error).mean()
