"""The other photos that are open in a page: the ones that were worked on before, to go back to and to mix in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from ...engine.cache import size
from ...errors import ImgenError
from ...image.photo import Photo
from .budget import Budget
from .disk import in_memory, photo_on_disk
from .looks import address, coloured

MOST = 8  # photos
PART = 1 / 16  # of the budget: what those of one page may take, whatever other pages hold
ALL = 1 / 2  # of the budget: what those of all pages together may take, so that photos can be opened


@dataclass
class Shelved:
    """A photo that is open and not worked on.

    Attributes:
        photo: as it was in the file.
        small: the small copy of it; itself, if it is small.
        name: its file name.
    """

    photo: Photo
    small: Photo
    name: str

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return size(self.photo) + (size(self.small) if self.small is not self.photo else 0)


@dataclass
class Shelf:
    """Photos by key, the one that was put there last at the end. The oldest make room for whatever needs it.

    Whoever counts bytes looks at it while its page changes it: a change makes another dictionary.

    Attributes:
        budget: of all work.
        owner: whose part of it this is.
        gone: names of photos that had to go and that nobody was told of yet.
    """

    budget: Budget
    owner: str
    photos: dict[str, Shelved] = field(default_factory=dict[str, Shelved])
    gone: list[str] = field(default_factory=list[str])
    _changing: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def put(self, key: str, one: Shelved) -> None:
        """Keep a photo, if there is room for it; what does not fit beside it goes, the oldest first."""
        with self._changing:
            self.photos = {**self.photos, key: one}
            fitting = self._fitting()
            while not self._reserved(fitting):  # another page was faster
                fitting = self._fitting()
            self.gone += [one.name for name, one in self.photos.items() if name not in fitting]
            self.photos = fitting

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(one.size for one in self.photos.values())

    def _fitting(self) -> dict[str, Shelved]:
        """Those for which there is room, chosen from the latest on."""
        limit = self.budget.limit
        others = self.budget.of_all("shelf") - self.budget.of(self.owner, "shelf")
        room = min(limit * PART, limit * ALL - others, self.budget.room_for(self.owner, "shelf"))
        fitting = dict[str, Shelved]()
        for key, one in reversed(self.photos.items()):
            if len(fitting) < MOST and one.size <= room:
                fitting[key] = one
                room -= one.size
        return dict(reversed(fitting.items()))

    def _reserved(self, photos: dict[str, Shelved]) -> bool:
        try:
            self.budget.reserve(self.owner, sum(one.size for one in photos.values()), "shelf")
        except ImgenError:
            return False
        return True

    def missed(self) -> list[str]:
        """Names of the photos that had to go since this was asked last."""
        with self._changing:
            names, self.gone = self.gone, []
        return names

    def take(self, key: str) -> Shelved:
        """Take a photo from the shelf.

        Raises:
            ImgenError: it is no longer there.
        """
        with self._changing:
            one = self.get(key)
            self.photos = {name: other for name, other in self.photos.items() if name != key}
            self._reserved(self.photos)
        return one

    def get(self, key: str) -> Shelved:
        """A photo that stays there.

        Raises:
            ImgenError: it is no longer there.
        """
        one = self.photos.get(key)
        if one is None:
            raise ImgenError("that photo made room for others; open it again")
        return one

    def give_way(self, needed: int, purpose: str) -> None:
        """Promise bytes to the owner for what is not on the shelf; those that were left longest ago make room for it.

        Raises:
            ImgenError: also without them there would be no room; they stay.
        """
        with self._changing:
            if needed <= self.budget.room_for(self.owner, purpose) + self.size:
                while self.photos and needed > self.budget.room_for(self.owner, purpose):
                    self.gone.append(self.take(next(iter(self.photos))).name)
            self.budget.reserve(self.owner, needed, purpose)

    def clear(self) -> None:
        """Let all go."""
        with self._changing:
            self.photos = {}
            self.budget.release(self.owner, "shelf")

    def in_memory(self) -> int:
        """Bytes that are not on disk."""
        kept = self.photos.values()
        return sum(in_memory(one.photo) + (in_memory(one.small) if one.small is not one.photo else 0) for one in kept)

    def to_disk(self, folder: Path) -> None:
        """Let the arrays wait in files of that folder.

        Raises:
            OSError: there is no room on the disk.
        """
        for one in self.photos.values():
            whole = one.small is one.photo
            one.photo = photo_on_disk(one.photo, folder)
            one.small = one.photo if whole else photo_on_disk(one.small, folder)

    def told(self) -> list[dict[str, str]]:
        """The photos for the page: their keys, names and tiny pictures."""
        return [
            {"key": key, "name": one.name, "picture": address(coloured(one.small), "JPEG", quality=85)}
            for key, one in self.photos.items()
        ]
