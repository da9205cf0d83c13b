"""What a program that runs a job in its own process does around each photo: the editor lets previews go first, say."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ..engine.cache import Cache
from ..engine.pipeline import Pipeline
from ..image.photo import Photo
from ..io.write import write
from .manifest import Entry
from .spec import Spec


class Host:
    """A host that does nothing of its own; others override what they need. All is called in the thread of the job.

    What a method raises as `ImgenError` is the photo's failure; `Cancelled` ends the job.

    Attributes:
        cancel: set it from any thread to end the job in the middle of a photo, which then has no result.
        cache: where results of steps go; None keeps nothing, as each photo comes once.
        pipeline: the job's, with its pictures decoded; None reads it from the recipe's text, as other processes do.
    """

    cache: Cache | None = None
    pipeline: Pipeline | None = None

    def __init__(self, cancel: threading.Event | None = None) -> None:
        self.cancel = cancel or threading.Event()

    def turn(self, entry: Entry) -> AbstractContextManager[object]:
        """Around all of a photo's work: entering it may wait."""
        return nullcontext()

    def reading(self, entry: Entry) -> AbstractContextManager[object]:
        """Around reading and decoding."""
        return nullcontext()

    def working(self, entry: Entry, photo: Photo | None) -> AbstractContextManager[object]:
        """Around the steps, and around saving what they made; without a photo they make one."""
        return nullcontext()

    def writing(self, entry: Entry, result: Photo) -> AbstractContextManager[object]:
        """Around encoding."""
        return nullcontext()

    def progress(self, entry: Entry, done: float, tool: str) -> None:
        """The part of the steps that is done, 0..1, and the tool at work."""

    def save(self, entry: Entry, result: Photo, part: Path, spec: Spec) -> None:
        """Encode a result into the file `part`, which becomes the result."""
        # that nothing which is read is replaced was seen when the job was planned; nobody reads the worker's own part
        write(result, part, quality=spec.quality, metadata=spec.metadata, shown=entry.result)
