"""Results of steps, kept by what they were made from, within a limit of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from ..image.photo import Photo


class Kept(NamedTuple):
    """A step's result and what the step told the user."""

    photo: Photo
    notes: tuple[str, ...]


class Cache:
    """The most recently used photos, together at most `limit` bytes. Safe to share between threads.

    Keys come from `imgen.engine.pipeline.step_key`: input, tool, parameters, plugin version, models and device.
    """

    def __init__(self, limit: int = 512 * 2**20) -> None:
        self.limit = limit
        self.used = 0
        self._results: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        """The result kept under `key`, which becomes the most recent."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def put(self, key: str, photo: Photo, notes: tuple[str, ...] = ()) -> None:
        """Keep a photo; the least recently used ones go until all fit. One larger than the limit is not kept."""
        with self._lock:
            if size(photo) > self.limit or key in self._results:
                return
            self._results[key] = Kept(photo, notes)
            self.used += size(photo)
            while self.used > self.limit:
                _, old = self._results.popitem(last=False)
                self.used -= size(old.photo)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self.used = 0


def size(photo: Photo) -> int:
    """Bytes of a photo's arrays; shared ones are counted each time, which errs on the safe side."""
    arrays = (photo.pixels, photo.alpha, photo.selection, photo.frames)
    return sum(a.nbytes for a in arrays if a is not None)
