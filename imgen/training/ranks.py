"""Several processes, the ranks, that train one model together: each computes with a device of its own.

All begin with the same weights. In each step every rank draws its own part of the batch, gradients are averaged over
the ranks before they are clipped and used, and so weights stay equal. Rank 0 alone keeps the moving average, figures,
checkpoints and the export. A network's buffers, such as a book of codes or a pool of pictures, are rank 0's after each
step; the running statistics of batch norms are averaged, and in training each rank normalises by
its own part of the batch, as one device with such a batch would.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]: there is no other name for all

from ..errors import DeviceError, TrainingError

WAIT = timedelta(hours=2)  # for another rank, which may be decoding a large folder
DEFAULTS = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0, "LOCAL_WORLD_SIZE": 1}
PARENT = "IMGEN_LAUNCHER"  # the process that started all ranks of this machine; they stop when it is gone


class LostError(TrainingError):
    """Another rank is gone."""


@dataclass(frozen=True)
class Ranks:
    """Which one of them this process is. One that is alone has nothing to agree on.

    Attributes:
        rank: from 0.
        count: of all ranks, the world's size.
        local: from 0 on this machine.
        here: how many are on this machine.
    """

    rank: int = 0
    count: int = 1
    local: int = 0
    here: int = 1

    @property
    def first(self) -> bool:
        """Whether it is rank 0, which speaks and writes for all."""
        return self.rank == 0

    def average(self, network: nn.Module) -> None:
        """Make gradients their mean over all ranks; a weight without one counts as zero, unless no rank has any."""
        if self.count == 1:
            return
        weights = [p for p in network.parameters() if p.requires_grad]
        known = torch.tensor([float(p.grad is not None) for p in weights])
        with contact():
            dist.all_reduce(known)
        weights = [p for p, ranks in zip(weights, known.tolist(), strict=True) if ranks]
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        mean([w.grad for w in weights if w.grad is not None], self.count)

    def same(self, networks: Iterable[nn.Module], *, weights: bool = False) -> None:
        """Make equal the buffers of networks, and with `weights` these too: see the module."""
        if self.count == 1:
            return
        modules = [module for network in networks for module in network.modules()]
        statistics = [v for m in modules if isinstance(m, _BatchNorm) for v in (m.running_mean, m.running_var)]
        norms = {id(value): value for value in statistics if value is not None}
        rest = [value for value in held(modules, weights) if id(value) not in norms]
        mean(list(norms.values()), self.count)
        for kind in sorted({value.dtype for value in rest}, key=str):
            first([value for value in rest if value.dtype == kind])

    def agreed(self, spent: float, stopped: bool) -> tuple[float, bool]:
        """Rank 0's part of the training that is done, and whether any rank is to stop; the same for all."""
        if self.count == 1:
            return spent, stopped
        values = torch.tensor([spent if self.first else 0.0, stopped or orphaned()], dtype=torch.float64)
        with contact():
            dist.all_reduce(values, dist.ReduceOp.MAX)
        return float(values[0]), bool(values[1])

    def told(self, text: str) -> str:
        """What rank 0 says."""
        if self.count == 1:
            return text
        data = torch.tensor(list(text.encode()), dtype=torch.uint8)
        length = torch.tensor(len(data))
        with contact():
            dist.broadcast(length, 0)
            data = data if self.first else torch.empty(int(length), dtype=torch.uint8)
            dist.broadcast(data, 0)
        return bytes(data.tolist()).decode()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """First one rank on each machine, then the others: what the first one put into the cache they find."""
        if self.local:
            self.meet()
        yield
        if not self.local:
            self.meet()

    def meet(self) -> None:
        """Wait until all are here."""
        if self.count > 1:
            with contact():
                dist.all_reduce(torch.zeros(1))


ALONE = Ranks()


@torch.no_grad()
def mean(values: Sequence[Tensor], count: int) -> None:
    """Make tensors of floating-point numbers their mean over all ranks, in one message."""
    if values:
        flat = torch.cat([value.flatten().float() for value in values])
        with contact():
            dist.all_reduce(flat)
        put(flat / count, values)


@torch.no_grad()
def first(values: Sequence[Tensor]) -> None:
    """Make tensors of one type rank 0's, in one message."""
    flat = torch.cat([value.flatten() for value in values])
    with contact():
        dist.broadcast(flat, 0)
    put(flat, values)


def put(flat: Tensor, values: Sequence[Tensor]) -> None:
    """Numbers in a row back into tensors, which keep their places in memory."""
    for value, part in zip(values, flat.split([value.numel() for value in values]), strict=True):
        value.copy_(part.view(value.shape))


def held(modules: Iterable[nn.Module], weights: bool) -> list[Tensor]:
    """The buffers of modules; with `weights`, all that they hold."""
    found: dict[int, Tensor] = {}
    for module in modules:
        found |= {id(buffer): buffer for buffer in module.buffers(recurse=False)}
        found |= {id(weight): weight for weight in module.parameters(recurse=False) if weights}
    return list(found.values())


@contextmanager
def contact() -> Iterator[None]:
    """What is asked of the other ranks inside ends in a sentence where one of them is gone.

    Raises:
        LostError: it is.
    """
    try:
        yield
    except RuntimeError as error:
        raise LostError(
            "the process of another device is gone; the same command goes on from the last checkpoint"
        ) from error


def orphaned() -> bool:
    """Whether the process that started this one for a rank is gone, so that no one would stop it."""
    parent = os.environ.get(PARENT)
    return parent is not None and sys.platform != "win32" and os.getppid() != int(parent)


def described() -> bool:
    """Whether the environment says which rank this process is, as torchrun does."""
    return all(name in os.environ for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"))


@contextmanager
def joined(device: str) -> Iterator[Ranks]:
    """Meet the other ranks, as the environment tells: RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR, ...

    Args:
        device: "cpu", where they speak through gloo, or "cuda", through NCCL.

    Raises:
        DeviceError: this machine has fewer devices than ranks.
        TrainingError: they cannot be reached.
    """
    if not described():
        yield ALONE
        return
    read = {name: int(os.environ.get(name, default)) for name, default in DEFAULTS.items()}
    ranks = Ranks(read["RANK"], read["WORLD_SIZE"], read["LOCAL_RANK"], read["LOCAL_WORLD_SIZE"])
    if device == "cuda":
        if ranks.local >= torch.cuda.device_count():
            raise DeviceError(f"there are {torch.cuda.device_count()} GPUs here for {ranks.here} processes")
        torch.cuda.set_device(ranks.local)
    # optimisers import this; once the ranks have met, the import would hold on to their group, whose threads would then
    # outlive `destroy_process_group` and now and then abort the process at its end (pytorch/pytorch#190489)
    import_module("torch._dynamo")
    try:
        # what ranks agree on lies on the processor, so that no GPU is waited for
        dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo", timeout=WAIT)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"the other devices' processes cannot be reached: {error}") from error
    try:
        yield ranks
    finally:
        dist.destroy_process_group()
