"""One person's work: the photo, the last result, and a private folder for what the page shows of them."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract.tool import Tool
from ...engine.cache import size
from ...image.digests import constant
from ...image.photo import Photo
from .budget import Budget
from .disk import in_memory, is_on_disk, on_disk, photo_on_disk
from .small import small_copy

REMEMBERED = 100  # cancelled runs


@dataclass(frozen=True)
class Carried:
    """A picture that a recipe carries as text, decoded when its step needs it and not before."""

    tool: Tool
    parameter: str
    text: str


Picture = NDArray[np.float32] | Carried


@dataclass
class Workspace:
    """What one open page works on.

    Attributes:
        folder: holds the files that this page may fetch; its name cannot be guessed. It is made with the first one.
        budget: what all work may take; this one's part is counted under its token.
        token: with it the same tab finds its work again after a reload.
        photo: the photo that was opened, as it was in the file.
        small: a small copy of it for live previews; itself, if it is small.
        name: its file name.
        serial: how many photos were opened here; strokes and results belong to one of them.
        result: what the last run made of the photo.
        pictures: second pictures by token: arrays that were uploaded for a step, and those that a recipe carries.
        running: for each kind of run (run, preview, batch) the one under way: the page's number and what stops it.
        cancelled: numbers of runs that were cancelled, some before they began; the latest ones.
        used: when the page last asked for anything, in seconds of `time.monotonic`.
        lock: held while photos change places.
    """

    folder: Path
    budget: Budget = field(default_factory=Budget)
    token: str = field(default_factory=secrets.token_urlsafe)
    photo: Photo | None = None
    small: Photo | None = None
    name: str = ""
    serial: int = 0
    result: Photo | None = None
    pictures: dict[str, Picture] = field(default_factory=dict[str, Picture])
    running: dict[str, tuple[str, threading.Event]] = field(default_factory=dict[str, tuple[str, threading.Event]])
    cancelled: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])
    used: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def empty(self) -> bool:
        """Whether nothing would be missed."""
        return self.photo is None and self.result is None and not self.pictures and not self.running

    @property
    def store(self) -> Path:
        """A folder beside the pages' ones, for work that waits on disk; nobody is served from it."""
        return self.folder.parent.with_name("work") / self.folder.name

    def place(self, purpose: str, name: str, keep: int = 0) -> Path:
        """A path for a new file; those that served the same purpose before are deleted, but for the last `keep`."""
        before = sorted(self.folder.glob(f"{purpose}-*"), key=changed, reverse=True)
        for old in before[keep:]:
            shutil.rmtree(old, ignore_errors=True)
        # a new address, so that no browser shows a stale one
        folder = self.folder / f"{purpose}-{secrets.token_hex(4)}"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir()
        return folder / safe_name(name)

    def begin(self, photo: Photo, name: str) -> None:
        """Work on another photo; nothing of the one before is kept.

        Raises:
            ImgenError: there is no room for it; the one before stays.
        """
        small = small_copy(photo)
        self.budget.reserve(self.token, size(photo) + (size(small) if small is not photo else 0), "photo")
        self.stop_all("run", "preview")
        with self.lock:
            self.photo, self.small, self.name, self.result = photo, small, name, None
        self.budget.release(self.token, "result")
        self.serial += 1

    def finish(self, result: Photo) -> None:
        """Keep what a run made, in place of what the one before made.

        Raises:
            ImgenError: there is no room for it.
        """
        self.budget.reserve(self.token, size(result), "result")
        self.result = result

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

    def keep(self, picture: Picture) -> str:
        """Remember a second picture; returns its token.

        Raises:
            ImgenError: there is no room for it.
        """
        held = sum(len(p.text) if isinstance(p, Carried) else p.nbytes for p in (*self.pictures.values(), picture))
        self.budget.reserve(self.token, held, "pictures")
        token = secrets.token_urlsafe(12)
        self.pictures[token] = picture if isinstance(picture, Carried) else constant(picture)
        return token

    def adopt(self, other: Workspace, pictures: int) -> None:
        """Go on with another page's photo and its second pictures, which take so many bytes.

        Raises:
            ImgenError: there is no room for them.
        """
        assert other.photo is not None
        self.budget.reserve(self.token, pictures, "pictures")
        self.begin(other.photo, other.name)
        self.pictures = dict(other.pictures)

    def in_memory(self) -> int:
        """Bytes of the work that are not on disk."""
        pictures = sum(p.nbytes for p in self.pictures.values() if not isinstance(p, Carried) and not is_on_disk(p))
        small = self.small if self.small is not self.photo else None
        return in_memory(self.photo) + in_memory(small) + in_memory(self.result) + pictures

    def to_disk(self) -> None:
        """Let the large arrays wait on disk; the work goes on as before.

        Raises:
            OSError: there is no room on the disk.
        """
        for name in ("photo", "small", "result"):
            before: Photo | None = getattr(self, name)
            if before is None:
                continue
            moved = photo_on_disk(before, self.store)
            with self.lock:  # meanwhile another photo may have been opened
                for place in ("photo", "small", "result"):
                    if getattr(self, place) is before:
                        setattr(self, place, moved)
        for token, picture in list(self.pictures.items()):
            if not isinstance(picture, Carried):
                self.pictures[token] = on_disk(picture, self.store)

    def hide(self) -> None:
        """The page went away: stop what is under way, delete what it was shown, and forget the result."""
        self.stop_all(*self.running)
        self.running.clear()
        self.result = None
        self.budget.release(self.token, "result")
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Stop what is under way and delete everything."""
        self.hide()
        self.photo = self.small = None
        self.pictures.clear()
        shutil.rmtree(self.store, ignore_errors=True)
        self.budget.release(self.token)


def changed(path: Path) -> int:
    """When a file or folder was last changed; 0 for one that is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def safe_name(name: str) -> str:
    """A file name without characters that some system refuses."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[-150:] or "photo"
