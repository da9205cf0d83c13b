"""Lines that a run prints."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from .budget import Budget, Progress

EVERY = 10.0  # seconds between two lines

Item = TypeVar("Item")


def say(text: str) -> None:
    """A line of the run's life, at once also where output is piped."""
    print(text, flush=True)


def line(progress: Progress, each: float, budget: Budget) -> str:
    """Where a run stands."""
    figures = "  ".join(f"{name} {value:.4g}" for name, value in progress.figures.items())
    left = clock(budget.seconds_left(progress.step, progress.seconds, each))
    return f"step {progress.step:,}  {figures}  {each:.2g} s a step  {left} left"


def outlook(progress: Progress, took: float, budget: Budget) -> str:
    """What is known after a run's first step, which took so many seconds; it is slower than the others."""
    each = min(took, progress.seconds / progress.step)
    left = clock(budget.seconds_left(progress.step, progress.seconds, each))
    more = budget.steps_left(progress.step, progress.seconds, each)
    return f"step {progress.step} took {took:.2g} s: about {more:,} more in the {left} that are left"


def clock(seconds: float) -> str:
    """Seconds as 0:07, 12:30 or 2:05:00."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The same items; says now and then how many of them are done."""
    said = time.monotonic()
    for number, item in enumerate(items):
        yield item
        if time.monotonic() - said >= EVERY:
            said = time.monotonic()
            say(f"{what}: {number + 1:,} of {total:,}")
