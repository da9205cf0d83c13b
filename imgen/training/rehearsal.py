"""A trial of the export while there is time: one that fails says so early, and what it takes is kept at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from ..errors import ImgenError
from .lines import say
from .monitor import Monitor

MORE = 1.5  # times what it took are kept: the machine may have more to do by then


def tried(export: Callable[[], object], monitor: Monitor, step: int) -> float:
    """Export the last checkpoint; returns the seconds to keep for it at the end. The run's draws stay the same."""
    begun = time.monotonic()
    try:
        with torch.random.fork_rng(devices=[]):
            export()
    except ImgenError as error:
        monitor.warn(step, f"a trial of the export failed: {error}")
    took = time.monotonic() - begun
    say(f"a trial of the export took {took:.2g} s")
    return MORE * took
