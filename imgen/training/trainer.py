"""What a plugin writes to train a model: a class with its data, networks and one visible step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn


class Settings(BaseModel):
    """A trainer's settings; subclass it with typed, described fields. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dice(NamedTuple):
    """The randomness of one step. It follows from (seed, step), so a resumed run draws the same."""

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
        facts: more that the tools must know, as JSON; the card holds it as "facts".
    """

    network: nn.Module
    example: Callable[[np.random.Generator, int, int, int], dict[str, NDArray[np.float32]]]
    outputs: list[str]
    dynamic: dict[str, dict[int, str]]
    multiple: int
    reach: int | None
    facts: dict[str, Any] | None = None


class Trainer(ABC):
    """Trains one model. The loop (`imgen.training.loop`) calls these methods; nothing else is needed.

    Class attributes: `name` ("plugin/model"), `task` (what the model is for) and `Settings`, whose fields become
    `imgen train --set`.
    After `build`, `networks` and `optimizers` hold everything that a checkpoint must hold.
    """

    name: ClassVar[str]
    task: ClassVar[str]
    Settings: ClassVar[type[Settings]] = Settings
    networks: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]
    begun_with: dict[str, Any] | None = (
        None  # the card's "training" of an exported model that `build` took weights from
    )
    exported: ClassVar[str] = "model"  # the entry of `networks` that is averaged (EMA), sampled and exported

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def load(self, folders: Sequence[Path]) -> None:
        """Open the training data."""

    @abstractmethod
    def build(self) -> None:
        """Fill `networks` and `optimizers`."""

    @abstractmethod
    def step(self, fabric: Fabric, dice: Dice) -> dict[str, float | Tensor]:
        """One update of every network: draw a batch, compute losses, `fabric.backward`, step. Returns figures."""

    @abstractmethod
    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """A picture (3, H, W) in 0..1 that shows what `network` can do, for TensorBoard."""

    @abstractmethod
    def export(self, network: nn.Module) -> Exported:
        """What to write as ONNX."""

    def warnings(self) -> dict[str, str]:
        """What is going wrong and what to change, by kind; the loop says each kind once."""
        return {}


def dice(seed: int, step: int) -> Dice:
    """The randomness of step number `step` of a run with that seed."""
    numbers = np.random.default_rng([seed, step])
    return Dice(numbers, torch.Generator().manual_seed(int(numbers.integers(2**62))), step)


def as_tensor(crops: Any) -> Tensor:
    """(N, H, W, C) numpy pictures as an (N, C, H, W) float tensor in channels-last memory."""
    array = np.ascontiguousarray(crops)
    tensor = torch.from_numpy(array).permute(0, 3, 1, 2)
    tensor = tensor.float() / 255 if array.dtype == np.uint8 else tensor.float()
    return tensor.contiguous(memory_format=torch.channels_last)


def update(fabric: Fabric, network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor) -> Tensor:
    """One step of the optimiser, gradients clipped; returns their norm."""
    optimizer.zero_grad(set_to_none=True)
    fabric.backward(loss)
    gradient = nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return gradient


def rows(*batches: Tensor, count: int = 8) -> Tensor:
    """Batches (B, 3, H, W) below each other as one picture."""
    return torch.cat([torch.cat(list(batch[:count]), 2) for batch in batches], 1)
