"""Second pictures of a page's steps: kept as long as a step may name them, the large ones on disk."""

from __future__ import annotations

import dataclasses
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract.tool import Tool
from ...image.disk import bytes_on_disk, is_on_disk, on_disk

LONG = 2**18  # characters from which on a picture as text waits on disk


@dataclass(frozen=True)
class Carried:
    """A picture that a recipe carries as text, decoded when its step needs it and not before.

    Attributes:
        tool: of the step.
        parameter: of the tool.
        short: the text, a data URL; empty where it is on disk.
        stored: the text on disk.
    """

    tool: Tool
    parameter: str
    short: str
    stored: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        """Characters of the text."""
        return len(self.short) if self.stored is None else len(self.stored)

    @property
    def text(self) -> str:
        """The text."""
        return self.short if self.stored is None else self.stored.tobytes().decode()

    def on_disk(self, folder: Path) -> Carried:
        """The same; a long text is in a file of that folder.

        Raises:
            OSError: there is no room.
        """
        if len(self.short) < LONG:
            return self
        text = self.short.encode()
        return dataclasses.replace(self, short="", stored=bytes_on_disk([text], len(text), folder))


Picture = NDArray[np.float32] | Carried


@dataclass
class Seconds:
    """All second pictures of a page.

    One that no step names any more can come back by an undo, so it is kept for a while. One that no step has named yet
    was just chosen.

    Attributes:
        known: the pictures by token.
        named: those that the page's steps named when they were last seen.
        left: since when those are not named that once were, in seconds of `time.monotonic`.
    """

    known: dict[str, Picture] = field(default_factory=dict[str, Picture])
    named: set[str] = field(default_factory=set[str])
    left: dict[str, float] = field(default_factory=dict[str, float])

    def add(self, picture: Picture) -> str:
        """Remember a picture; returns its token."""
        token = secrets.token_urlsafe(12)
        self.known[token] = picture
        return token

    def name(self, tokens: set[str]) -> None:
        """The steps name these now."""
        for token in self.named - tokens:
            self.left.setdefault(token, time.monotonic())
        for token in tokens:
            self.left.pop(token, None)
        self.named = tokens & self.known.keys()

    def forget(self, since: float) -> None:
        """Forget those that are not named since then."""
        for token in [token for token, at in self.left.items() if at <= since]:
            del self.left[token]
            self.known.pop(token, None)

    def clear(self) -> None:
        """Forget all."""
        self.known.clear()
        self.named.clear()
        self.left.clear()

    def copy(self) -> Seconds:
        """The same pictures for another page."""
        return Seconds(dict(self.known), set(self.named), dict(self.left))

    def size_of(self, picture: Picture) -> int:
        """Bytes of one."""
        return len(picture) if isinstance(picture, Carried) else picture.nbytes

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(self.size_of(picture) for picture in list(self.known.values()))

    @property
    def in_memory(self) -> int:
        """Bytes of those that are not on disk."""
        arrays = [p for p in list(self.known.values()) if not isinstance(p, Carried) and not is_on_disk(p)]
        return sum(array.nbytes for array in arrays)

    def to_disk(self, folder: Path) -> None:
        """Let all wait on disk.

        Raises:
            OSError: there is no room.
        """
        for token, picture in list(self.known.items()):
            moved = picture.on_disk(folder) if isinstance(picture, Carried) else on_disk(picture, folder)
            if token in self.known:
                self.known[token] = moved
