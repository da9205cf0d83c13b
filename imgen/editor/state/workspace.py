"""One person's work: the photo, the last result, and a private folder for what the page shows of them."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ...engine.cache import size
from ...errors import ImgenError
from ...image.digests import constant
from ...image.disk import LARGE, on_disk
from ...image.photo import Photo
from .budget import Budget
from .disk import in_memory, large_on_disk, photo_on_disk
from .naming import changed, safe_name
from .seconds import Carried as Carried
from .seconds import Picture as Picture
from .seconds import Seconds
from .shelf import Shelf, Shelved
from .small import small_copy
from .underway import UnderWay

FULL = "the disk of the server on which large photos wait has no room for this one"


@dataclass
class Workspace(UnderWay):
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
        revision: of the page's steps and selection when that was made.
        seconds: second pictures by token: arrays that were uploaded for a step, and those that a recipe carries.
        former: tokens of the work that this took over, which a page may still ask with.
        session: whose it was when its page went away.
        used: when the page last asked for anything, in seconds of `time.monotonic`.
        lock: held while photos change places.
        key: of the photo, among those that are open in this page; shelf: the others.
    """

    folder: Path
    budget: Budget = field(default_factory=Budget)
    token: str = field(default_factory=secrets.token_urlsafe)
    photo: Photo | None = None
    small: Photo | None = None
    name: str = ""
    serial: int = 0
    result: Photo | None = None
    revision: str = ""
    seconds: Seconds = field(default_factory=Seconds)
    running: dict[str, tuple[str, threading.Event]] = field(default_factory=dict[str, tuple[str, threading.Event]])
    cancelled: OrderedDict[str, None] = field(default_factory=OrderedDict[str, None])
    former: set[str] = field(default_factory=set[str])
    session: str = ""
    used: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)
    key: str = ""
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.budget, self.token)

    @property
    def empty(self) -> bool:
        """Whether nothing would be missed."""
        return self.photo is None and self.result is None and not self.pictures and not self.running

    @property
    def pictures(self) -> dict[str, Picture]:
        """The second pictures by token."""
        return self.seconds.known

    @property
    def store(self) -> Path:
        """A folder beside the pages' ones, for work that waits on disk, in files without a name."""
        return self.folder.parent.with_name("work")

    def place(self, purpose: str, name: str, keep: int = 0) -> Path:
        """A path for a new file; those that served the same purpose before are deleted, but for the last `keep`."""
        before = sorted(self.folder.glob(f"{purpose}-*"), key=changed, reverse=True)
        for old in before[keep:]:
            shutil.rmtree(old, ignore_errors=True)
        folder = self.folder / f"{purpose}-{secrets.token_hex(4)}"  # a new address: no browser shows a stale picture
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir()
        return folder / safe_name(name)

    def begin(self, photo: Photo, name: str, small: Photo | None = None, key: str = "") -> None:
        """Work on another photo; the one before goes to the shelf, its result is forgotten. What is large goes to disk.

        Args:
            photo: the photo.
            name: its file name.
            small: its small copy, where there is one already.
            key: under which it was open already.

        Raises:
            ImgenError: there is no room for it; the one before stays.
        """
        small = small or small_copy(photo)
        self.shelf.give_way(Shelved(photo, small, name).size, "photo")
        rested = self._rest(photo)
        self.stop_all("run", "preview")
        before = None if self.photo is None or self.small is None else Shelved(self.photo, self.small, self.name)
        with self.lock:
            self.photo, self.small, self.name, self.result = rested, rested if small is photo else small, name, None
        self.budget.release(self.token, "result")
        self.serial += 1
        left, self.key = self.key, key or f"photo{self.serial}"
        if before is not None:
            self.shelf.put(left, before)

    def unshelve(self, key: str) -> None:
        """Work on a photo of the shelf; the one before takes its place there.

        Raises:
            ImgenError: it is no longer there.
        """
        one = self.shelf.take(key)
        try:
            self.begin(one.photo, one.name, one.small, key)
        except ImgenError:
            self.shelf.put(key, one)
            raise

    def close_photo(self, key: str) -> None:
        """Let one of several open photos go; the latest of the others follows the one that is worked on."""
        if key == self.key and self.shelf.photos:
            self.unshelve(next(reversed(self.shelf.photos)))
        self.shelf.take(key)

    def finish(self, result: Photo) -> None:
        """Keep what a run made, in place of what the one before made.

        Raises:
            ImgenError: there is no room for it.
        """
        self.budget.reserve(self.token, size(result), "result")
        self.result = self._rest(result)

    def _rest(self, photo: Photo) -> Photo:
        """The photo; what is large of it is on disk.

        Raises:
            ImgenError: there is no room.
        """
        try:
            return large_on_disk(photo, self.store)
        except OSError as error:
            raise ImgenError(f"{FULL} ({error.strerror})") from error

    def keep(self, picture: Picture) -> str:
        """Remember a second picture; returns its token. Those that no step names any more make room for it.

        Raises:
            ImgenError: there is no room for it.
        """
        try:
            self._reserve(self.seconds.size + self.seconds.size_of(picture))
        except ImgenError:
            self.forget_pictures(time.monotonic())
            self._reserve(self.seconds.size + self.seconds.size_of(picture))
        try:
            if isinstance(picture, Carried):
                picture = picture.on_disk(self.store)
            elif picture.nbytes >= LARGE:
                picture = on_disk(picture, self.store)
        except OSError as error:
            raise ImgenError(f"{FULL} ({error.strerror})") from error
        return self.seconds.add(picture if isinstance(picture, Carried) else constant(picture))

    def name_pictures(self, tokens: Iterable[str]) -> None:
        """The page's steps, as they are now, name these second pictures and no others."""
        self.seconds.name(set(tokens))

    def forget_pictures(self, since: float) -> None:
        """Delete the second pictures that no step has named since then, although one once did."""
        self.seconds.forget(since)
        self._reserve(self.seconds.size)

    def _reserve(self, pictures: int) -> None:
        self.budget.reserve(self.token, pictures, "pictures")

    def adopt(self, other: Workspace, pictures: int) -> None:
        """Go on with another page's photo and its second pictures, which take so many bytes.

        Raises:
            ImgenError: there is no room for them.
        """
        assert other.photo is not None
        self._reserve(pictures)
        self.serial = max(self.serial, other.serial)  # keys count on from it
        self.begin(other.photo, other.name, other.small, other.key)
        self.seconds, self.former = other.seconds.copy(), {other.token, *other.former}
        for key, one in other.shelf.photos.items():
            self.shelf.put(key, one)

    def in_memory(self) -> int:
        """Bytes of the work that are not on disk."""
        photos = (self.photo, self.small if self.small is not self.photo else None, self.result)
        return sum(map(in_memory, photos)) + self.seconds.in_memory + self.shelf.in_memory()

    def to_disk(self) -> None:
        """Let all arrays wait on disk; the work goes on as before.

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
        self.seconds.to_disk(self.store)
        self.shelf.to_disk(self.store)

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
        self.shelf.clear()
        self.seconds.clear()
        self.budget.release(self.token)
