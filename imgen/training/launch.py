"""Starts a process for each device of this machine, as torchrun would, and ends all of them when one fails."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple

import torch

from ..errors import DeviceError, ParameterError
from .hardware import choose
from .ranks import PARENT
from .stopping import stopping

BEGAN = "IMGEN_BEGAN"  # when the command began, as `time.time` tells it
LOST = 75  # exit code of a rank that ends because another one is gone
GRACE = 10.0  # seconds for the others to end by themselves
LOOK = 0.05  # seconds between two looks at them


class Machine(NamedTuple):
    """Which of the machines that train together this one is.

    Attributes:
        number: from 0.
        machines: how many there are.
        address: of machine 0.
        port: there.
    """

    number: int
    machines: int
    address: str
    port: int


def wanted(asked: str, device: str) -> int:
    """How many devices of this machine are meant.

    Args:
        asked: a number, or "auto": all GPUs, or the processor.
        device: "auto", "cpu" or "cuda".

    Raises:
        DeviceError: there are fewer GPUs.
        ParameterError: it is no number.
    """
    gpus = torch.cuda.device_count() if choose(device) == "cuda" else 0
    if asked == "auto":
        return max(1, gpus)
    if not asked.isdecimal() or int(asked) < 1:
        raise ParameterError(f"--devices {asked}: write a number, or auto")
    if gpus and int(asked) > gpus:
        raise DeviceError(f"--devices {asked}: there are {gpus} GPUs here; give fewer, or --device cpu")
    return int(asked)


def machine(count: int, environment: Mapping[str, str] = os.environ) -> Machine:
    """Which machine this is; of several, NODE_RANK (or SLURM's), MASTER_ADDR and MASTER_PORT (29500) tell it.

    Raises:
        ParameterError: they do not.
    """
    if count == 1:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return Machine(0, 1, "127.0.0.1", free.getsockname()[1])
    number, address = environment.get("NODE_RANK", environment.get("SLURM_NODEID")), environment.get("MASTER_ADDR")
    if number is None or address is None or not number.isdecimal() or int(number) >= count:
        raise ParameterError(
            f"--nodes {count}: run the command on each machine with NODE_RANK=0..{count - 1} and with MASTER_ADDR, "
            "the address of the first, in its environment; or start it by torchrun"
        )
    return Machine(int(number), count, address, int(environment.get("MASTER_PORT", "29500")))


class Child(NamedTuple):
    """One rank's process, and where its errors go if it is not the one that speaks."""

    rank: int
    process: subprocess.Popen[bytes]
    errors: IO[bytes] | None


def launch(arguments: Sequence[str], devices: int, place: Machine, began: float, *, cpu: bool) -> int:
    """Run `imgen ARGUMENTS` once for each device; returns the exit code.

    Ctrl-C and SIGTERM are handed on once: all ranks stop after the same step, and save.

    Args:
        arguments: of the command line.
        devices: of this machine.
        place: see `machine`.
        began: when the command began, as `time.time` tells it.
        cpu: whether the ranks share the processor's cores.
    """
    stopped = threading.Event()
    with stopping(stopped):
        children = [start(arguments, local, devices, place, began, cpu=cpu) for local in range(devices)]
        try:
            return watch(children, stopped, devices * place.machines)
        finally:
            for child in children:
                if child.process.poll() is None:
                    child.process.kill()
                child.process.wait()


def start(arguments: Sequence[str], local: int, devices: int, place: Machine, began: float, *, cpu: bool) -> Child:
    """One rank. Of several on a machine only the first one writes to the terminal."""
    rank = place.number * devices + local
    own = {
        "RANK": rank,
        "WORLD_SIZE": devices * place.machines,
        "LOCAL_RANK": local,
        "LOCAL_WORLD_SIZE": devices,
        "MASTER_ADDR": place.address,
        "MASTER_PORT": place.port,
        PARENT: os.getpid(),
        BEGAN: began,
    }
    environment = os.environ | {name: str(value) for name, value in own.items()}
    if cpu:
        environment.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // devices)))
    errors = tempfile.TemporaryFile() if local else None  # closed with the child  # noqa: SIM115
    process = subprocess.Popen(  # this program itself  # noqa: S603
        [sys.executable, "-m", "imgen", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if local else None,
        stderr=errors,
        start_new_session=True,  # the terminal's Ctrl-C reaches this process alone, which hands it on
    )
    return Child(rank, process, errors)


def watch(children: Sequence[Child], stopped: threading.Event, count: int) -> int:
    """Wait until all have ended, or one has failed, which ends the others; returns the exit code."""
    told = False
    while any(child.process.poll() is None for child in children):
        if stopped.is_set() and not told:
            told = True
            for child in children:
                child.process.send_signal(signal.SIGTERM)
        if any(child.process.poll() for child in children):
            break
        time.sleep(LOOK)
    ended = end(children)
    failed = [child for child in children if child.process.returncode and child not in ended]
    return blame(failed, count) if failed else 0


def end(children: Sequence[Child]) -> list[Child]:
    """Give all ranks time to notice that one is gone, then end them; returns those that had not."""
    until = time.monotonic() + GRACE
    while any(child.process.poll() is None for child in children) and time.monotonic() < until:
        time.sleep(LOOK)
    running = [child for child in children if child.process.poll() is None]
    for child in running:
        child.process.kill()
        child.process.wait()
    return running


def blame(failed: Sequence[Child], count: int) -> int:
    """Say which one failed first, unless it said so itself; returns its exit code as shells count."""
    first = min(failed, key=lambda child: (child.process.returncode == LOST, child.rank))
    code = first.process.returncode
    if first.errors is not None:
        first.errors.seek(0)
        sys.stderr.write(first.errors.read().decode(errors="replace"))
    if code < 0:
        print(
            f"imgen: the process of device {first.rank + 1} of {count} was ended by {signal.Signals(-code).name}; all "
            "were stopped, and the same command goes on from the last checkpoint",
            file=sys.stderr,
        )
    return code if code >= 0 else 128 - code
