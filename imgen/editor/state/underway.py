"""The runs of a page that are under way, and what stops them."""

from __future__ import annotations

import threading
from collections import OrderedDict

REMEMBERED = 100  # cancelled runs


class UnderWay:
    """What a workspace knows of its runs.

    Attributes:
        running: for each kind of run (run, preview, batch) the one under way: the page's number and what stops it.
        cancelled: numbers of runs that were cancelled, some before they began; the latest ones.
    """

    running: dict[str, tuple[str, threading.Event]]
    cancelled: OrderedDict[str, None]

    def start(self, kind: str, run: str) -> threading.Event:
        """A run begins, and the one of its kind before it stops: the latest wins. Returns what stops this one.

        A run at full size stops the preview, too: its result would come after the run's own and hide it.
        """
        self.stop_all(kind, *(["preview"] if kind == "run" else []))
        cancel = threading.Event()
        self.running[kind] = run, cancel
        if run in self.cancelled:
            cancel.set()
        return cancel

    def end(self, kind: str, cancel: threading.Event) -> None:
        """That run is over."""
        if kind in self.running and self.running[kind][1] is cancel:
            del self.running[kind]

    def stop(self, run: str) -> None:
        """Stop that run, also if it still waits for its turn; others under way go on."""
        self.cancelled[run] = None
        while len(self.cancelled) > REMEMBERED:
            self.cancelled.popitem(last=False)
        for number, cancel in self.running.values():
            if number == run:
                cancel.set()

    def stop_all(self, *kinds: str) -> None:
        """Stop what is under way of these kinds."""
        for kind in kinds:
            if kind in self.running:
                self.running[kind][1].set()
