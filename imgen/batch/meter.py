"""How a job gets on: photos and megapixels a second, time left, shares of read, compute and write, percentiles."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Any

from .outcome import Outcome

STEPS = 64  # bins of the histogram for each doubling: a percentile is right to 1.1 %
WINDOW = 20  # photos whose rate tells the time left at first


class Meter:
    """Counts outcomes; its size doesn't grow with them.

    Args:
        total: photos to do.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.events: Counter[str] = Counter()
        self.megapixels = self.bytes = self.memory = 0.0
        self.parts = {"read": 0.0, "compute": 0.0, "write": 0.0}
        self._bins: Counter[int] = Counter()
        self._begun = time.perf_counter()
        self._first: float | None = None  # when the first photo was done: starting workers is no measure of photos

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.events[outcome.event] += 1
        self.memory = max(self.memory, outcome.memory)
        if outcome.event == "done":
            self.megapixels += outcome.megapixels
            self.bytes += outcome.bytes
            for name in self.parts:
                self.parts[name] += getattr(outcome, name)
            self._bins[math.floor(math.log2(max(outcome.seconds, 1e-6)) * STEPS)] += 1
        if self._first is None:
            self._first = time.perf_counter()

    @property
    def count(self) -> int:
        """Photos of which something came."""
        return self.events.total()

    @property
    def failed(self) -> int:
        """Photos that failed."""
        return self.events["failed"] + self.events["later"]

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self._begun

    def rate(self, amount: float) -> float:
        """So much a second."""
        return amount / max(self.seconds, 1e-9)

    @property
    def left(self) -> float:
        """Seconds that the rest will take; infinite before anything is done."""
        if self._first is None:
            return math.inf
        steady = self.count > WINDOW
        since = time.perf_counter() - (self._first if steady else self._begun)
        return since / max(self.count - steady, 1) * (self.total - self.count)

    def percentile(self, part: float) -> float:
        """Seconds in which that part (0..1) of the photos was done."""
        wanted = part * self._bins.total()
        for number in sorted(self._bins):
            wanted -= self._bins[number]
            if wanted <= 0:
                return 2 ** ((number + 0.5) / STEPS)
        return 0.0

    def shares(self) -> dict[str, float]:
        """The parts of the workers' time, 0..1."""
        total = sum(self.parts.values()) or 1.0
        return {name: round(value / total, 3) for name, value in self.parts.items()}

    def summary(self) -> dict[str, Any]:
        """All of it, as numbers."""
        return {
            "photos": self.events["done"],
            **{event: self.events[event] for event in ("kept", "skipped", "failed", "later")},
            "left": self.total - self.count,
            "seconds": round(self.seconds, 3),
            "megapixels": round(self.megapixels, 3),
            "photos_per_second": round(self.rate(self.events["done"]), 3),
            "megapixels_per_second": round(self.rate(self.megapixels), 3),
            "bytes": int(self.bytes),
            "shares": self.shares(),
            "seconds_per_photo": {f"p{p}": round(self.percentile(p / 100), 4) for p in (50, 90, 99)},
            "worker_memory_mib": round(self.memory, 1),
        }
