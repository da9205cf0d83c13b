"""Training of the U-Net plugin: masks from photos, colours from their lightness, or any pictures from others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen.training.adversarial import LOSSES, frozen
from imgen.training.augment import draw_hints, fade, jitter, square
from imgen.training.blocks import PatchDiscriminator
from imgen.training.data import DataError, Decoding, Pictures
from imgen.training.losses import label_loss, mask_loss
from imgen.training.pairs import Pairs, resize
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, Width, as_tensor, rows, update

from .network import UNet
from .tools import BINS, LIMIT, STEP, colours

HINGE = LOSSES["hinge"]
STORED = 320  # pictures are kept with at most this shorter side; no size of training is larger


class UNetSettings(Settings):
    """Settings that the trainers share."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    widths: tuple[Width, Width, Width, Width] = Field(
        (64, 96, 160, 192), description="Channels at 1/4, 1/8, 1/16 and 1/32"
    )
    depths: tuple[int, int, int, int] = Field((1, 2, 2, 2), description="Residual blocks at these sizes")
    skips: bool = Field(True, description="False drops the skip connections")
    rate: float = Field(2e-3, gt=0, description="Learning rate at its peak")
    decay: float = Field(0.02, ge=0, description="Weight decay")
    batch: int = Field(16, ge=2, description="Pictures in a step")
    size: int = Field(160, ge=32, le=STORED, multiple_of=32, description="Side in pixels at which it learns")


class SegmentSettings(UNetSettings):
    """What the masks hold."""

    classes: int = Field(1, ge=1, le=255, description="1: soft masks 0..255; N: pictures of the numbers 0..N-1")
    least: float = Field(0.6, gt=0, le=1, description="Smallest part of a photo's height and width that is shown")


class Segment(Trainer):
    """unet/segment: DIR/image/NAME.* with DIR/mask/NAME.*; one soft class, or N exclusive ones."""

    name = "unet/segment"
    task = "select what the masks of the training data select"
    layout = "DIR...: photos DIR/image/NAME.*, and for each its mask DIR/mask/NAME.*, of the same size"
    Settings: ClassVar[type[Settings]] = SegmentSettings
    settings: SegmentSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Photos in image/, masks in mask/. With N classes, 255 marks pixels that do not count."""
        self.labels = self.settings.classes > 1
        self.pairs = Pairs(folders, "image", "mask", Decoding("labels" if self.labels else "mask", side=STORED))
        for path, i in zip(self.pairs.second.paths, range(len(self.pairs)), strict=True):
            found = self.pairs.second[i]
            if self.labels and (wrong := found[(found >= self.settings.classes) & (found < 255)]).size:
                raise DataError(f"{path} holds class {wrong.max()}; give --set classes={wrong.max() + 1} or correct it")

    def build(self) -> None:
        """One U-Net and AdamW."""
        s = self.settings
        network = UNet(3, s.classes, s.widths, s.depths, skips=s.skips)
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.AdamW(network.parameters(), s.rate, weight_decay=s.decay)}

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Photos (B, 3, S, S) in 0..1 and masks (B, 1, S, S): 0..1, or numbers of classes."""
        s, rng = self.settings, dice.numpy
        drawn = [self.pairs.draw(rng, s.least) for _ in range(s.batch)]
        photos = np.stack([jitter(resize(a, s.size, s.size), rng) for a, _ in drawn])
        masks = np.stack([resize(b, s.size, s.size, labels=self.labels) for _, b in drawn])
        return as_tensor(photos), as_tensor(masks.astype(np.float32) if self.labels else masks)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, segment, compare, update."""
        network, optimizer = self.networks["model"], self.optimizers["model"]
        photos, masks = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            logits = network(photos)  # (B, classes, S, S)
        loss = label_loss(logits.float(), masks) if self.labels else mask_loss(logits.float(), masks)
        return {"loss": loss, "gradient": update(hardware, network, optimizer, loss)}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: photos, what the network selects (all but class 0), the masks."""
        device = next(network.parameters()).device
        photos, masks = (t.to(device) for t in self.batch(dice))
        found = Bounded(network, self.labels)(photos)
        shown = 1 - found[:, :1] if self.labels else found
        masks = (masks > 0).float() if self.labels else masks
        return rows(photos, shown.expand(-1, 3, -1, -1), masks.expand(-1, 3, -1, -1))

    def export(self, network: nn.Module) -> Exported:
        """Probabilities (B, classes, H, W) of a photo (B, 3, H, W)."""
        assert isinstance(network, UNet)
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}}
        bounded = Bounded(network, self.settings.classes > 1)
        return Exported(bounded, random_image, ["probabilities"], dynamic, network.multiple, None)


class ColorizeSettings(UNetSettings):
    """What it learns from, and how."""

    batch: int = Field(16, ge=2, description="Pictures in a step")
    size: int = Field(128, ge=32, le=STORED, multiple_of=32, description="Side in pixels at which it learns")
    hinted: float = Field(0.35, ge=0, le=1, description="Part of the pictures that come with some colour dots")
    chroma: float = Field(5.0, ge=0, description="Photos with less mean chroma count as grey and are left out")
    rebalance: float = Field(0.25, ge=0, le=1, description="0 frequent colours count most, 1 all count the same")
    objective: Literal["classes", "pix2pix"] = Field(
        "classes", description="classes: a distribution over colours; pix2pix: pictures from pictures, your own pairs"
    )
    l1: float = Field(100.0, ge=0, description="pix2pix: weight of the absolute error beside the discriminator's")


class Colorize(Trainer):
    """unet/colorize: a distribution over quantised colours for each place (Zhang et al., arXiv 1603.08511).

    Hints are colour dots among the inputs (Zhang et al., arXiv 1705.02999). With `objective=pix2pix` the same U-Net
    makes whole pictures from pictures (Isola et al., arXiv 1611.07004): from DIR/input/NAME.* those in
    DIR/target/NAME.*, or, given plain photos, colour from grey.
    """

    name = "unet/colorize"
    task = "colours for grey photos, with or without dots of colour as hints"
    layout = "DIR...: colour photos of any size; with objective=pix2pix DIR/input/NAME.* and DIR/target/NAME.*"
    Settings: ClassVar[type[Settings]] = ColorizeSettings
    settings: ColorizeSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Colour photos of anything, grey ones among them left out; or pairs."""
        self.pairs = None
        if self.settings.objective == "pix2pix" and any((folder / "target").is_dir() for folder in folders):
            self.pairs = Pairs(folders, "input", "target", Decoding(side=STORED))
            return
        self.pictures = Pictures(folders, Decoding(side=STORED))
        small = [rgb_to_lab(self.pictures[i][::8, ::8])[..., 1:].reshape(-1, 2) for i in range(len(self.pictures))]
        chroma = [np.hypot(*ab.T).mean() for ab in small]
        self.coloured = np.flatnonzero(np.array(chroma) >= self.settings.chroma)
        if not self.coloured.size:
            raise DataError(f"no colour photo in {', '.join(map(str, folders))}; give --data coloured pictures")
        self.weights = torch.from_numpy(
            rarity(np.concatenate([small[i] for i in self.coloured]), self.settings.rebalance)
        )

    def build(self) -> None:
        """One U-Net: lightness and hints to colour classes at a quarter of the size, or RGB to RGB with a critic."""
        s = self.settings
        whole = s.objective == "pix2pix"
        channels = (3, 3) if whole else (4, BINS**2)
        self.networks = {"model": UNet(*channels, s.widths, s.depths, fine=whole, skips=s.skips)}
        if whole:
            self.networks["critic"] = PatchDiscriminator(6)
        self.optimizers = {
            name: torch.optim.AdamW(
                network.parameters(), s.rate, betas=(0.5 if whole else 0.9, 0.999), weight_decay=s.decay
            )
            for name, network in self.networks.items()
        }

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Inputs (B, 4, S, S) and true a, b at a quarter of the size (B, 2, S/4, S/4)."""
        s, rng = self.settings, dice.numpy
        chosen = rng.choice(self.coloured, s.batch)
        lab = rgb_to_lab(np.stack([square(self.pictures[int(i)], rng, s.size) for i in chosen]))
        hints = np.zeros((*lab.shape[:3], 3), np.float32)
        for i in np.flatnonzero(rng.random(s.batch) < s.hinted):
            draw_hints(lab[i], hints[i], rng)
        light = np.stack([fade(one[..., :1] / 100, rng) for one in lab])
        truth = F.avg_pool2d(as_tensor(lab[..., 1:]), 4)
        return as_tensor(np.concatenate([light, hints], 3)), truth

    def paired_batch(self, dice: Dice) -> tuple[Tensor, Tensor]:
        """Inputs and targets (B, 3, S, S) in 0..1."""
        s, rng = self.settings, dice.numpy
        if self.pairs is None:
            target = np.stack([square(self.pictures[int(i)], rng, s.size) for i in rng.choice(self.coloured, s.batch)])
            return as_tensor(lab_to_rgb(without_colour(rgb_to_lab(target)))), as_tensor(target)
        drawn = [self.pairs.draw(rng, 0.8) for _ in range(s.batch)]
        given, target = (np.stack([resize(p, s.size, s.size) for p in half]) for half in zip(*drawn, strict=True))
        return as_tensor(given), as_tensor(target)

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, colour, compare, update."""
        if self.settings.objective == "pix2pix":
            return self.adversarial_step(hardware, dice)
        network, optimizer = self.networks["model"], self.optimizers["model"]
        inputs, truth = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            logits = network(inputs)  # (B, BINS², S/4, S/4)
        loss = colour_loss(logits.float(), truth, hardware.place(self.weights))
        return {"loss": loss, "gradient": update(hardware, network, optimizer, loss)}

    def adversarial_step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Update the critic (hinge loss) on real and made pictures, then the U-Net on L1 and the critic's word."""
        network, critic = self.networks["model"], self.networks["critic"]
        given, target = (hardware.place(t) for t in self.paired_batch(dice))
        with hardware.autocast():
            made = network(given).sigmoid()  # (B, 3, S, S)
            real, fake = critic(given, target), critic(given, made.detach())
        judged = HINGE.critic(real.float(), fake.float())
        update(hardware, critic, self.optimizers["critic"], judged)
        l1 = F.l1_loss(made.float(), target)
        with frozen(critic):
            with hardware.autocast():
                fake = critic(given, made)
            loss = self.settings.l1 * l1 + HINGE.generator(fake.float())
            gradient = update(hardware, network, self.optimizers["model"], loss)
        return {"l1": l1, "critic": judged, "gradient": gradient}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: inputs (with hints), what the network makes of them (the mean of its colours), the truth."""
        if self.settings.objective == "pix2pix":
            given, target = self.paired_batch(dice)
            return rows(given, network(given.to(next(network.parameters()).device)).float().sigmoid().cpu(), target)
        inputs, truth = self.batch(dice)
        logits = network(inputs.to(next(network.parameters()).device)).float().cpu()
        return rows(*(picture(inputs[:, :1], ab) for ab in (inputs[:, 1:3] * 100, mean_colour(logits), truth)))

    def export(self, network: nn.Module) -> Exported:
        """Logits of the colour classes (B, BINS², H/4, W/4) of lightness (B, 1, H, W) and hints (B, 3, H, W).

        With `objective=pix2pix`: RGB of RGB (B, 3, H, W).
        """
        assert isinstance(network, UNet)
        sizes = {0: "batch", 2: "height", 3: "width"}
        if self.settings.objective == "pix2pix":
            return Exported(Bounded(network), random_image, ["picture"], {"image": sizes}, network.multiple, None)
        dynamic = {"light": sizes, "hints": sizes}
        return Exported(Joined(network), random_light, ["logits"], dynamic, network.multiple, None)


class Joined(nn.Module):
    """A network that takes lightness and hints apart."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        """Lightness (B, 1, H, W) in 0..1; hints (B, 3, H, W): a/100, b/100 and 1 at the dots, else zeros."""
        return self.network(torch.cat([light, hints], 1))


class Bounded(nn.Module):
    """A network and the sigmoid of what it gives; or, over several `classes`, the softmax."""

    def __init__(self, network: nn.Module, classes: bool = False) -> None:
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) to (B, C, H, W) in 0..1."""
        logits = self.network(image)
        return logits.softmax(1) if self.classes else logits.sigmoid()


def rarity(ab: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """Weight of each class (BINS²): its frequency in `ab` (N, 2) to the power of minus `power`, 1 on average.

    Frequencies are smoothed over neighbouring classes (Zhang et al., arXiv 1603.08511).
    """
    edges = np.arange(-LIMIT - STEP / 2, LIMIT + STEP, STEP)
    counts = np.histogram2d(*ab.clip(-LIMIT, LIMIT).T, bins=(edges, edges))[0]
    frequency = ndimage.gaussian_filter(counts / counts.sum(), 1).clip(1e-5)
    weights = frequency**-power
    return (weights / (weights * frequency).sum()).astype(np.float32).ravel()


def colour_loss(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy against the true colour, shared bilinearly among the four nearest classes.

    So the mean of the target distribution is the true colour exactly. Each class counts with its weight (BINS²).
    """
    place = (truth.clamp(-LIMIT, LIMIT) + LIMIT) / STEP  # (B, 2, h, w) in bins
    low = place.floor().clamp(max=BINS - 2)
    part = place - low
    logs = logits.log_softmax(1)  # (B, BINS², h, w)
    total = torch.zeros((), device=logits.device)
    for i in (0, 1):
        for j in (0, 1):
            index = ((low[:, :1] + i) * BINS + low[:, 1:] + j).long()  # (B, 1, h, w)
            share = (part[:, :1] if i else 1 - part[:, :1]) * (part[:, 1:] if j else 1 - part[:, 1:])
            total = total - (share * weights[index] * logs.gather(1, index)).mean()
    return total


def mean_colour(logits: Tensor) -> Tensor:
    """The expected a, b (B, 2, h, w) of the classes' logits."""
    grid = torch.from_numpy(colours())  # (BINS², 2)
    return torch.einsum("bkhw,kc->bchw", logits.softmax(1), grid)


def picture(light: Tensor, ab: Tensor) -> Tensor:
    """RGB (B, 3, H, W) of lightness (B, 1, H, W) in 0..1 and a, b at any size."""
    ab = F.interpolate(ab, light.shape[2:], mode="bilinear")
    lab = torch.cat([light * 100, ab], 1).permute(0, 2, 3, 1).numpy()
    return torch.from_numpy(lab_to_rgb(lab)).permute(0, 3, 1, 2)


def random_image(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels."""
    return {"image": rng.random((batch, 3, height, width), dtype=np.float32)}


def random_light(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels with one hint."""
    hints = np.zeros((batch, 3, height, width), np.float32)
    hints[:, :, 4:9, 4:9] = np.array([0.3, -0.2, 1], np.float32)[:, None, None]
    return {"light": rng.random((batch, 1, height, width), dtype=np.float32), "hints": hints}


TRAINERS = [Segment, Colorize]
