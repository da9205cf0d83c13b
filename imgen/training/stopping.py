"""Stopping between two steps when somebody asks for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType


@contextmanager
def stopping(stopped: threading.Event) -> Iterator[None]:
    """Inside, Ctrl-C and SIGTERM set an event instead of breaking a step in two; a second one ends at once.

    Afterwards the process answers them as before, however the block ended. In any other thread than the main one,
    where Python takes no handlers, nothing is changed.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(number, signal.default_int_handler)

    with ExitStack() as restored:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before = signal.signal(number, stop)
                # None: it was not set from Python, which cannot set it again
                restored.callback(signal.signal, number, signal.SIG_DFL if before is None else before)
        yield
