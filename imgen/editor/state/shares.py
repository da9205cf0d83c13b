"""Fair shares of the cores: a run at full size steps aside while somebody waits for a preview or a file, within bounds.

A preview takes a moment and somebody looks at the page meanwhile, as while a photo is opened or saved; a run takes long
anyhow. At each of its steps and tiles a run waits until no such work is under way, for two seconds at most, and then
works for as long as it has waited. So a preview has the cores almost to itself, and however many there are, runs get
half of the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds that a run waits at most, at one time
LOOK = 0.1  # seconds between two looks whether the run was cancelled


class Shares:
    """Knows whether somebody waits for short work, such as a preview."""

    def __init__(self) -> None:
        self._short = 0
        self._free = threading.Condition()

    @contextmanager
    def short(self) -> Iterator[None]:
        """The block is short work."""
        with self._free:
            self._short += 1
        try:
            yield
        finally:
            with self._free:
                self._short -= 1
                self._free.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until no short work is under way; whether that is so."""
        with self._free:
            return self._free.wait_for(lambda: not self._short, seconds)


class Aside:
    """One run at full size; call `step` between two pieces of its work.

    Args:
        shares: of the process.
        cancel: stops the run, which then waits for nobody.
    """

    def __init__(self, shares: Shares, cancel: threading.Event) -> None:
        self.shares = shares
        self.cancel = cancel
        self._waited = 0.0
        self._back = time.monotonic()

    def step(self) -> None:
        """Step aside, if it is time to."""
        began = time.monotonic()
        if began - self._back < self._waited:
            return
        while not self.cancel.is_set() and time.monotonic() - began < PATIENCE and not self.shares.wait(LOOK):
            pass
        self._back = time.monotonic()
        self._waited = self._back - began
