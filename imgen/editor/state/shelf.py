"""The other photos that are open in a page: the ones that were worked on before, to go back to and to mix in."""

from __future__ import annotations

from collections import OrderedDict
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

    Attributes:
        budget: of all work.
        owner: whose part of it this is.
    """

    budget: Budget
    owner: str
    photos: OrderedDict[str, Shelved] = field(default_factory=OrderedDict[str, Shelved])

    def put(self, key: str, one: Shelved) -> None:
        """Keep a photo, if there is room for it."""
        self.photos[key] = one
        while len(self.photos) > MOST or not self._reserved():
            self.photos.popitem(last=False)
            if not self.photos:
                self._reserved()
                return

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
        one = self.get(key)
        del self.photos[key]
        self._reserved()
        return one

    def get(self, key: str) -> Shelved:
        """A photo that stays there.

        Raises:
            ImgenError: it is no longer there.
        """
        if key not in self.photos:
            raise ImgenError("that photo made room for others; open it again")
        return self.photos[key]

    def drop(self) -> None:
        """Let the one go that was left longest ago."""
        self.photos.popitem(last=False)
        self._reserved()

    def clear(self) -> None:
        """Let all go."""
        self.photos.clear()
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
