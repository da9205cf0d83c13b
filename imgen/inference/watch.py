"""A network at work is stopped when its run is cancelled: one thread watches all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PAUSE = 0.05  # seconds between two looks
IDLE = 40  # looks at nothing, after which the thread ends


class Watcher:
    """Looks at the cancel events of networks at work. Its thread lives only while there is something to look at."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[threading.Event, Any]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, cancel: threading.Event, options: Any) -> Iterator[None]:
        """Inside, `options` (an `onnxruntime.RunOptions`) is told to terminate soon after `cancel` is set."""
        with self._lock:
            self._watched[id(options)] = (cancel, options)
            if self._thread is None or not self._thread.is_alive():  # not alive: after a fork, which keeps no threads
                self._thread = threading.Thread(target=self._watch, name="imgen-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                del self._watched[id(options)]

    def _watch(self) -> None:
        idle = 0
        while True:
            with self._lock:
                for cancel, options in self._watched.values():
                    if cancel.is_set():
                        options.terminate = True
                idle = 0 if self._watched else idle + 1
                if idle > IDLE:
                    self._thread = None
                    return
            time.sleep(PAUSE)


watching = Watcher().watching
