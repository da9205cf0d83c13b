"""Which way to compute is fastest for one model on this machine: a few steps in each, before a run begins."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from .budget import Budget
from .hardware import Hardware, Setup, native
from .lines import say
from .trainer import Trainer, build, dice

TIMED = 2  # steps in each way, after one that warms it up
WORTH = 200  # steps, or 1 minute: in shorter runs it does not pay
LIMIT = 10.0  # seconds for all that is tried, and a twentieth of the minutes


def choose(trainer: Trainer, setup: Setup, budget: Budget, precision: str, threads: int | None) -> Setup:
    """The fastest way to compute; or `setup`, which is so as a rule, for a run that is too short to try.

    The trainer's networks must be built anew afterwards.
    """
    minutes, steps = budget.minutes, budget.steps
    if (minutes or math.inf) < 1 or (steps or math.inf) < WORTH:
        return setup
    limit = min(LIMIT, 3 * (minutes or math.inf))
    found = fastest(trainer, setup, precision=precision, threads=threads, limit=limit)
    say("seconds a step: " + "; ".join(f"{each:.3g} {one}" for one, each in found.items()))
    return next(iter(found))


def go_on_with(before: Mapping[str, Any] | None, setup: Setup, precision: str) -> Setup:
    """How a run computed until now, if this machine can and nothing else is asked for; else `setup`."""
    if before is None:  # a run from the time when it was not recorded
        return setup
    same = Setup(**before)._replace(device=setup.device)
    if precision == "auto" and same.precision in native(setup.device):
        return same._replace(threads=min(same.threads, setup.threads))
    if same.precision != setup.precision:
        say(f"until now it computed with precision {same.precision}; it goes on with {setup.precision}")
    return setup._replace(channels_last=same.channels_last)


def fastest(trainer: Trainer, first: Setup, *, precision: str, threads: int | None, limit: float) -> dict[Setup, float]:
    """Seconds a step of several ways to compute, the fastest first.

    The trainer's networks are built anew for each, and must be once more for the run.

    Args:
        trainer: with its data loaded.
        first: the way that is usually best, which is tried first.
        precision: as asked for; "auto" tries all that the device has.
        threads: as asked for; None tries fewer, too.
        limit: seconds after which no other way is begun.
    """
    end, found = time.monotonic() + limit, dict[Setup, float]()
    for setup in formats(first, precision):
        if found and time.monotonic() + (TIMED + 1) * found[first] > end:
            break
        found[setup] = seconds_a_step(trainer, setup)
    best = min(found, key=lambda setup: found[setup])
    count = best.threads // 2
    while threads is None and first.device == "cpu" and count and time.monotonic() < end:
        fewer = best._replace(threads=count)
        found[fewer] = seconds_a_step(trainer, fewer)
        if found[fewer] > found[best]:
            break
        best, count = fewer, count // 2
    return dict(sorted(found.items(), key=lambda item: item[1]))


def formats(first: Setup, precision: str) -> Iterator[Setup]:
    """Every precision that may be chosen in both memory formats, `first` first."""
    choice = native(first.device) if precision == "auto" else [first.precision]
    for one in sorted(choice, key=lambda p: p != first.precision):
        for last in (True, False):
            yield first._replace(precision=one, channels_last=last)


def seconds_a_step(trainer: Trainer, setup: Setup) -> float:
    """How long a step takes, on average over a few after the first."""
    hardware = Hardware(setup)
    build(trainer, hardware)
    trainer.step(hardware, dice(0, 0))
    started = settled(setup)
    for step in range(1, TIMED + 1):
        trainer.step(hardware, dice(0, step))
    return (settled(setup) - started) / TIMED


def settled(setup: Setup) -> float:
    """The time when all that was asked of the device is done."""
    if setup.device == "cuda":
        torch.cuda.synchronize()
    return time.monotonic()
