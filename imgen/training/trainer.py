"""What a plugin writes to train a model: a class with its data, networks and one visible step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from .hardware import Hardware as Hardware
from .hardware import update as update

Width = Annotated[int, Field(ge=1, le=4096)]  # channels of a layer


class Settings(BaseModel):
    """A trainer's settings; subclass it with typed, described fields. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # what the memory of a step grows with: names of settings, 1 for a number of pictures and 2 for a side in pixels
    grows: ClassVar[dict[str, int]] = {}


class PictureSettings(Settings):
    """Settings of a network that learns from batches of pictures with AdamW."""

    grows: ClassVar[dict[str, int]] = {"batch": 1}

    rate: float = Field(1.5e-3, gt=0, description="Learning rate at its peak")
    decay: float = Field(0.01, ge=0, description="Weight decay")
    batch: int = Field(64, ge=2, description="Pictures in a step")
    held_out: int = Field(1000, ge=0, description="The last so many pictures are never seen")


class Dice(NamedTuple):
    """The randomness of one step. It follows from (seed, step, rank), so a resumed run draws the same."""

    numpy: np.random.Generator
    torch: torch.Generator
    step: int


class Exported(NamedTuple):
    """What to export: a network and how to feed it.

    Attributes:
        network: takes its inputs by name.
        example: (rng, batch, height, width) -> lifelike inputs by name, float32; they trace the graph, check it
            and measure its halo.
        outputs: names of the outputs.
        dynamic: the free axes of each input, for instance {"image": {0: "batch", 2: "height", 3: "width"}}.
        multiple: what heights and widths must be multiples of.
        reach: radius of influence in pixels; None for a network that must see the whole picture.
        measured: more that the tools must know, as JSON; the card holds it as "measured".
        bits: of a stored weight, 16 or 8; it is computed with in float32.
    """

    network: nn.Module
    example: Callable[[np.random.Generator, int, int, int], dict[str, NDArray[np.float32]]]
    outputs: list[str]
    dynamic: dict[str, dict[int, str]]
    multiple: int
    reach: int | None
    measured: dict[str, Any] | None = None
    bits: int = 16


class Wrapped(nn.Module):
    """What is exported in place of a network; subclasses say what becomes of its inputs and outputs."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network


class Trainer(ABC):
    """Trains one model. The loop (`imgen.training.loop`) calls these methods; nothing else is needed.

    Class attributes: `name` ("plugin/model"), `task` (what the model is for), `layout` (what --data must hold),
    `terms` (of the weights, beside those of the data), and `Settings`, whose fields become `imgen train --set`.
    After `build`, `networks` and `optimizers` hold everything that a checkpoint must hold.
    """

    name: ClassVar[str]
    task: ClassVar[str]
    layout: ClassVar[str] = "see the plugin's own documentation"
    terms: ClassVar[str] = "those of the pictures it is trained on"
    Settings: ClassVar[type[Settings]] = Settings
    networks: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]
    # the card's "training" of an exported model that `build` took weights from
    begun_with: dict[str, Any] | None = None
    # the part of the training that is done, set before each step; trials take the middle for typical
    spent: float = 0.5
    exported: ClassVar[str] = "model"  # the entry of `networks` that is averaged (EMA), sampled and exported
    keeps_weights: ClassVar[bool] = True  # whether MODEL.safetensors goes beside the ONNX, for training from there on

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def load(self, folders: Sequence[Path]) -> None:
        """Open the training data."""

    @abstractmethod
    def build(self) -> None:
        """Fill `networks` and `optimizers`, also a second time, and without data for an export."""

    @abstractmethod
    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """One update of every network: draw a batch and `hardware.place` it, compute losses, `update`.

        Networks run inside `hardware.autocast()`, losses outside. Returns figures.
        """

    @abstractmethod
    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """A picture (3, H, W) in 0..1 that shows what `network` can do, for the report."""

    @abstractmethod
    def export(self, network: nn.Module) -> Exported:
        """What to write as ONNX."""

    def warnings(self) -> dict[str, str]:
        """What is going wrong and what to change, by kind; the loop says each kind once."""
        return {}


def dice(seed: int, step: int, rank: int = 0) -> Dice:
    """The randomness of step number `step` of a run with that seed, on one of the devices that train together."""
    numbers = np.random.default_rng([seed, step, rank] if rank else [seed, step])
    return Dice(numbers, torch.Generator().manual_seed(int(numbers.integers(2**62))), step)


def as_tensor(crops: Any) -> Tensor:
    """(N, H, W, C) numpy pictures as an (N, C, H, W) float tensor in channels-last memory."""
    array = np.ascontiguousarray(crops)
    tensor = torch.from_numpy(array).permute(0, 3, 1, 2)
    tensor = tensor.float() / 255 if array.dtype == np.uint8 else tensor.float()
    return tensor.contiguous(memory_format=torch.channels_last)


def build(trainer: Trainer, hardware: Hardware) -> None:
    """Make the networks and put them where they are trained."""
    trainer.build()
    for name, network in trainer.networks.items():
        trainer.networks[name] = hardware.place(network)


def rows(*batches: Tensor, count: int = 8) -> Tensor:
    """Batches (B, 3, H, W) below each other as one picture."""
    return torch.cat([torch.cat(list(batch[:count]), 2) for batch in batches], 1)
