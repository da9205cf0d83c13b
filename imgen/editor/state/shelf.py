"""The other photos that are open in a page: the ones that were worked on before, to go back to and to mix in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from ...engine.cache import size
from ...errors import ImgenError
from ...image.photo import Photo
from .budget import Budget
from .disk import in_memory
from .looks import address, coloured

MOST = 8  # photos
PART = 1 / 16  # of the budget: what those of all pages together may take from open work


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
    """

    budget: Budget
    owner: str
    photos: dict[str, Shelved] = field(default_factory=dict[str, Shelved])
    _changing: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def put(self, key: str, one: Shelved) -> None:
        """Keep a photo, if there is room for it."""
        with self._changing:
            self.photos = {**self.photos, key: one}
            while self.photos and (len(self.photos) > MOST or not self._reserved()):
                self.photos = dict(list(self.photos.items())[1:])
            if not self.photos:
                self._reserved()

    def _reserved(self) -> bool:
        held = sum(one.size for one in self.photos.values())
        others = self.budget.of_all("shelf") - self.budget.of(self.owner, "shelf")
        if held and others + held > self.budget.limit * PART:
            return False
        try:
            self.budget.reserve(self.owner, held, "shelf")
        except ImgenError:
            return False
        return True

    def take(self, key: str) -> Shelved:
        """Take a photo from the shelf.

        Raises:
            ImgenError: it is no longer there.
        """
        with self._changing:
            one = self.get(key)
            self.photos = {name: other for name, other in self.photos.items() if name != key}
            self._reserved()
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

    def drop(self) -> None:
        """Let the one go that was left longest ago."""
        with self._changing:
            self.photos = dict(list(self.photos.items())[1:])
            self._reserved()

    def clear(self) -> None:
        """Let all go."""
        with self._changing:
            self.photos = {}
            self.budget.release(self.owner, "shelf")

    def in_memory(self) -> int:
        """Bytes that are not on disk."""
        kept = self.photos.values()
        return sum(in_memory(one.photo) + (in_memory(one.small) if one.small is not one.photo else 0) for one in kept)

    def told(self) -> list[dict[str, str]]:
        """The photos for the page: their keys, names and tiny pictures."""
        return [
            {"key": key, "name": one.name, "picture": address(coloured(one.small), "JPEG", quality=85)}
            for key, one in self.photos.items()
        ]
