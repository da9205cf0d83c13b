"""A run at full size steps aside for previews, and neither can starve the other."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from imgen.editor.state import shares
from imgen.editor.state.shares import PATIENCE, Aside, Shares


class Clock:
    """A time that only waiting moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(shares, "time", made)

    def wait(self: Any, seconds: float) -> bool:
        if self._short:
            made.now += seconds
        return not self._short

    monkeypatch.setattr(Shares, "wait", wait)
    return made


def test_a_run_does_not_wait_for_nobody(clock: Clock):
    Aside(Shares(), threading.Event()).step()
    assert clock.now == 0


def test_a_run_waits_for_a_preview_and_then_works_as_long_as_it_waited(clock: Clock):
    cores = Shares()
    aside = Aside(cores, threading.Event())
    with cores.short():
        aside.step()
        assert clock.now == pytest.approx(PATIENCE, abs=0.11)
        waited = clock.now
        clock.now += waited / 2
        aside.step()  # its own share: previews that never end cannot stop it
        assert clock.now == 1.5 * waited
        clock.now += waited / 2
        aside.step()
        assert clock.now == pytest.approx(2 * waited + PATIENCE, abs=0.11)
    clock.now += 100
    before = clock.now
    aside.step()
    assert clock.now == before


def test_a_cancelled_run_waits_for_nobody(clock: Clock):
    cores, cancel = Shares(), threading.Event()
    cancel.set()
    with cores.short():
        Aside(cores, cancel).step()
    assert clock.now == 0


def test_a_run_goes_on_as_soon_as_the_preview_is_over():
    cores, waiting, over = Shares(), threading.Event(), threading.Event()

    def run() -> None:
        waiting.set()
        assert cores.wait(30)
        over.set()

    with cores.short():
        thread = threading.Thread(target=run)
        thread.start()
        assert waiting.wait(10)
        assert not over.is_set()
    assert over.wait(10)
    thread.join()
