"""What a run computes with: device, precision, memory format and threads.

A processor without bfloat16 arithmetic emulates it, and a step takes some ten times as long as in float32; one that has
it needs about half the time. Which memory format is faster depends on the network. `fastest.py` tries them.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import torch
from torch import Tensor, nn

from ..errors import DeviceError, ParameterError
from .ranks import ALONE, Ranks

Precision = Literal["32", "bf16", "16"]
Asked = Literal["auto", "32", "bf16", "16"]
TYPES: dict[Precision, torch.dtype] = {"32": torch.float32, "bf16": torch.bfloat16, "16": torch.float16}
Placed = TypeVar("Placed", bound=Tensor | nn.Module)


class Setup(NamedTuple):
    """One way to compute.

    Attributes:
        device: "cpu" or "cuda".
        precision: of convolutions and products of matrices; weights, losses and updates are always float32.
        channels_last: pictures lie in memory pixel by pixel, not channel by channel.
        threads: of the processor.
    """

    device: str
    precision: Precision
    channels_last: bool
    threads: int

    def __str__(self) -> str:
        order = "channels last" if self.channels_last else "contiguous"
        threads = f", {self.threads} thread{'s'[: self.threads != 1]}" if self.device == "cpu" else ""
        return f"{str(TYPES[self.precision]).removeprefix('torch.')}, {order}{threads}"


class Hardware:
    """What a trainer's step computes with.

    Attributes:
        setup: as given.
        device: for tensors that are made in a step.
        scaler: keeps gradients from vanishing in float16; without effect in other precisions.
        ranks: the processes that train together; trials are made alone.
    """

    def __init__(self, setup: Setup, ranks: Ranks = ALONE) -> None:
        self.setup, self.ranks = setup, ranks
        self.device = torch.device(setup.device)
        self.scaler = torch.amp.GradScaler(setup.device, enabled=setup.precision == "16")
        torch.set_num_threads(setup.threads)

    def place(self, what: Placed) -> Placed:
        """A network, or a tensor, on the device; pictures and their weights in the run's memory format."""
        layout = torch.channels_last if self.setup.channels_last else torch.contiguous_format
        if isinstance(what, Tensor) and what.ndim != 4:
            layout = torch.preserve_format
        return what.to(self.device, memory_format=layout)  # type: ignore[call-overload] # not in the stub of a module

    def autocast(self) -> AbstractContextManager[Any]:
        """In this block, networks compute in the run's precision."""
        dtype = TYPES[self.setup.precision]
        return torch.autocast(self.device.type, dtype, enabled=dtype is not torch.float32)


def update(
    hardware: Hardware, network: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor, clip: float = 1.0
) -> Tensor:
    """One step of the optimiser, gradients clipped to a norm of `clip`; returns their norm before.

    Where several devices train together, gradients are averaged over them first.
    In float16 a step whose gradients overflow is left out, and its norm is returned as 0.
    """
    optimizer.zero_grad(set_to_none=True)
    scaler = hardware.scaler
    scaler.scale(loss).backward()
    hardware.ranks.average(network)
    scaler.unscale_(optimizer)
    gradient = nn.utils.clip_grad_norm_(network.parameters(), clip)
    scaler.step(optimizer)
    scaler.update()
    return gradient.nan_to_num(0, 0, 0) if scaler.is_enabled() else gradient


def known(device: str = "auto", precision: str = "auto", threads: int | None = None) -> Setup:
    """The way to compute that is usually best.

    Args:
        device: "auto", "cpu" or "cuda".
        precision: one of `Precision`, or "auto": what $IMGEN_PRECISION says, else the fastest that the device has.
        threads: of the processor; None for as many as torch takes by itself.

    Raises:
        DeviceError: "cuda" was asked for and is not to be had.
        ParameterError: the precision is unknown, or not to be had on this device.
    """
    where, asked = choose(device), wanted(precision)
    if asked == "16" and where == "cpu":
        raise ParameterError("--precision 16 is for GPUs; on a processor use bf16, 32 or auto")
    chosen = native(where)[0] if asked == "auto" else asked
    return Setup(where, chosen, True, threads or torch.get_num_threads())  # pyright: ignore[reportArgumentType]


def wanted(precision: str) -> str:
    """What was asked for, by the environment where it was left open.

    Raises:
        ParameterError: there is no such precision.
    """
    asked = os.environ.get("IMGEN_PRECISION", "auto") if precision == "auto" else precision
    if asked not in get_args(Asked):
        raise ParameterError(f"there is no precision {asked!r}; use {', '.join(get_args(Asked))}")
    return asked


def choose(device: str) -> str:
    """Turn what was asked into "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was asked for and is not to be had.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise DeviceError(
            "PyTorch finds no CUDA here: it needs an NVIDIA driver and a CUDA build of torch "
            "(https://pytorch.org/get-started); use --device cpu or auto to go on without"
        )
    return "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"


def native(device: str) -> list[Precision]:
    """The precisions that a device computes in without emulating them, the fastest first as a rule."""
    if device == "cuda":
        return ["bf16", "16", "32"] if torch.cuda.is_bf16_supported(including_emulation=False) else ["16", "32"]
    return ["bf16", "32"] if bf16_here() else ["32"]


def bf16_here() -> bool:
    """Whether this processor has bfloat16 arithmetic, and torch uses it (oneDNN also emulates it on AVX-512)."""
    has = torch.cpu.get_capabilities()
    return torch.ops.mkldnn._is_mkldnn_bf16_supported() and any(on for name, on in has.items() if "bf16" in name)


def describe(setup: Setup) -> str:
    """A way to compute, with the device's name."""
    if setup.device == "cuda":
        return f"{torch.cuda.get_device_name()}, {setup}"
    name = torch.cpu.get_capabilities().get("cpu_name", "CPU")
    return f"{name} ({torch.backends.cpu.get_cpu_capability()}), {setup}"
