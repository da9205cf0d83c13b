"""Whether a run's steps fit into memory: estimated from a small one, and refused before a machine starts to swap."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

from ..errors import ParameterError
from .hardware import Hardware, Setup
from .trainer import Settings, Trainer, build, dice

SMALL = {1: 2, 2: 64}  # a count and a side in pixels that every trainer can do with
COPIES = 5  # of each weight: itself, its gradient, two averages in Adam, and the moving average that is exported
SPARE = 1.2  # what libraries need besides, for instance to lay out convolutions


def check_memory(trainer: Trainer, setup: Setup, weights: int, here: int = 1) -> None:
    """Refuse settings whose steps cannot fit; the trainer's networks must be built anew afterwards.

    Args:
        trainer: with its data loaded.
        setup: how it will compute.
        weights: see `check_weights`.
        here: how many processes of this machine share its memory.

    Raises:
        ParameterError: with the estimate, and with what would fit.
    """
    wanted, small = trainer.settings, smaller(trainer.settings)
    times = load(wanted) / load(small)
    if times <= 4:  # as soon done as tried
        return
    trainer.settings = small
    try:
        one = max(0.0, peak(trainer, setup) - weights * (COPIES - 2) / COPIES)
    finally:
        trainer.settings = wanted
    needed, there = SPARE * (weights + times * one), available(setup) / here
    if needed > there:
        raise ParameterError(
            f"{named(wanted)} needs some {gigabytes(needed)} of memory and {gigabytes(there)} are free; "
            + remedy(wanted, (there / SPARE - weights) / one / times)
        )


def check_weights(trainer: Trainer, setup: Setup, here: int = 1) -> int:
    """The bytes of all weights and what belongs to each; to be called before data is loaded.

    Raises:
        ParameterError: they cannot fit.
    """
    with torch.device("meta"):  # as without memory
        trainer.build()
    values = [value for network in trainer.networks.values() for value in network.state_dict().values()]
    weights, there = COPIES * sum(v.numel() * v.element_size() for v in values), available(setup) / here
    if weights > there:
        raise ParameterError(
            f"a network of {sum(v.numel() for v in values):,} numbers needs some {gigabytes(weights)} of memory and "
            f"{gigabytes(there)} are free; choose narrower layers or fewer of them"
        )
    return weights


def smaller(settings: Settings) -> Settings:
    """The same with what the memory of a step grows with as small as `SMALL`, where it is larger."""
    grows = type(settings).grows
    values = {name: min(getattr(settings, name), SMALL[power]) for name, power in grows.items()}
    return settings.model_copy(update=values)


def load(settings: Settings) -> float:
    """What the memory of a step is proportional to."""
    result = 1.0
    for name, power in type(settings).grows.items():
        result *= getattr(settings, name) ** power
    return result


def peak(trainer: Trainer, setup: Setup) -> float:
    """The most bytes that tensors and arrays of one step hold at once, without the networks themselves."""
    hardware = Hardware(setup)
    build(trainer, hardware)
    tracemalloc.start()  # numpy's arrays
    try:
        with Live() as live:
            trainer.step(hardware, dice(0, 0))
        return live.peak + tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Live(TorchDispatchMode):
    """Counts the bytes of all tensors that are made inside and still there."""

    def __init__(self) -> None:
        super().__init__()
        self.storages = WeakIdKeyDictionary()
        self.peak = self.made = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and take down what it made."""
        made = func(*args, **(kwargs or {}))
        for value in tree_leaves(made):
            if isinstance(value, Tensor):
                storage = value.untyped_storage()
                self.storages[storage] = storage.nbytes()
                self.made += storage.nbytes()
        if self.made > self.peak / 50:  # to count after every operation would take longer than the step
            self.peak, self.made = max(self.peak, sum(self.storages.values())), 0
        return made


def available(setup: Setup) -> float:
    """Bytes that are free on the device; in a container, within its limit."""
    if setup.device == "cuda":
        return float(torch.cuda.mem_get_info()[0])
    free, group = float(psutil.virtual_memory().available), Path("/sys/fs/cgroup")
    limit = group / "memory.max"
    if limit.exists() and (most := limit.read_text().strip()).isdigit():
        numbers = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return min(free, float(most) - float(numbers["anon"]))  # files that are cached give way
    return free


def named(settings: Settings) -> str:
    """The settings that memory grows with, as they are given."""
    return ", ".join(f"{name}={getattr(settings, name)}" for name in type(settings).grows)


def remedy(settings: Settings, part: float) -> str:
    """For each setting up to which value it would fit if the others stay; `part` of a step's memory is there."""
    found: list[str] = []
    for name, power in type(settings).grows.items():
        most = int(getattr(settings, name) * max(0.0, part) ** (1 / power))
        most -= most % 8 if power == 2 else 0  # networks halve sides several times
        if most >= SMALL[power]:
            found.append(f"{name}={most}")
    return f"{' or '.join(found)} would fit" if found else "give less of each, or choose narrower layers"


def gigabytes(count: float) -> str:
    """Bytes as 1.5 GB."""
    return f"{count / 1e9:,.1f} GB"
