"""Results of steps, kept by what they were made from, within a limit of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ..image.disk import is_on_disk
from ..image.photo import Photo


class Kept(NamedTuple):
    """A step's result, what the step told the user, and the labels of all pictures that it offered."""

    photo: Photo
    notes: tuple[str, ...]
    labels: tuple[str, ...] = ()


class Cache:
    """The most recently used photos, together at most `limit` bytes. Safe to share between threads.

    Keys come from `imgen.engine.pipeline.step_key`: input, tool, parameters, plugin version, models and device.

    Args:
        limit: bytes in memory.
        rest: puts what is large of a photo on disk and returns the photo so, itself where nothing is; None keeps all in
            memory. It may raise OSError where there is no room.
        resting: bytes of photos that are on disk.
    """

    def __init__(
        self, limit: int = 512 * 2**20, rest: Callable[[Photo], Photo] | None = None, resting: int = 0
    ) -> None:
        self.limit = limit
        self.resting = resting
        self._rest = rest
        self._memory = Recent(limit)
        self._disk = Recent(resting)
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes in memory."""
        return self._memory.used

    def get(self, key: str) -> Kept | None:
        """The result kept under `key`, which becomes the most recent."""
        with self._lock:
            return self._memory.get(key) or self._disk.get(key)

    def put(self, key: str, photo: Photo, notes: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> Photo:
        """Keep a photo; the least recently used ones go until all fit. One larger than the limit is not kept.

        Returns:
            The photo to go on with: the same, but what is large of it may be on disk.
        """
        rested = photo
        if self._rest is not None:
            with suppress(OSError):  # a full disk: it goes on in memory, and is too large to be kept
                rested = self._rest(photo)
        with self._lock:
            if self._memory.get(key) is None and self._disk.get(key) is None:
                (self._disk if is_on_disk(rested.pixels) else self._memory).put(key, Kept(rested, notes, labels))
        return rested

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._memory, self._disk = Recent(self.limit), Recent(self.resting)


class Recent:
    """The most recently used results, together at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._results: OrderedDict[str, Kept] = OrderedDict()

    def get(self, key: str) -> Kept | None:
        """The result of that key, which becomes the most recent."""
        if key in self._results:
            self._results.move_to_end(key)
        return self._results.get(key)

    def put(self, key: str, kept: Kept) -> None:
        """Keep one, unless it is larger than the limit; the least recently used ones go until all fit."""
        if size(kept.photo) > self.limit:
            return
        self._results[key] = kept
        self.used += size(kept.photo)
        while self.used > self.limit:
            _, old = self._results.popitem(last=False)
            self.used -= size(old.photo)


def size(photo: Photo) -> int:
    """Bytes of a photo's arrays; shared ones are counted each time, which errs on the safe side."""
    arrays = (photo.pixels, photo.alpha, photo.selection, photo.frames)
    return sum(a.nbytes for a in arrays if a is not None)
