"""Who is next: for the cores, and for the memory that photos take while they are opened and saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(eq=False)
class Place:
    """A place in a line, from joining to leaving it."""

    line: Line
    weight: float

    @property
    def ahead(self) -> int:
        """How many must be through before it is this one's turn; 0 once it is."""
        return self.line.ahead_of(self)

    def wait(self, seconds: float) -> bool:
        """Wait for the turn, so long at most; whether it has come."""
        return self.line.wait(self, seconds)


class Line:
    """First come, first served; nobody overtakes, so that nobody waits for ever.

    Args:
        room: how much there is for all whose turn it is. Each takes its weight; one that is heavier goes alone.
    """

    def __init__(self, room: float = 1) -> None:
        self.room = room
        self._waiting: list[Place] = []
        self._inside: list[Place] = []
        self._moved = threading.Condition()

    @contextmanager
    def place(self, weight: float = 1) -> Iterator[Place]:
        """Join, and leave at the end of the block, whether or not the turn had come."""
        place = Place(self, weight)
        with self._moved:
            self._waiting.append(place)
            self._admit()
        try:
            yield place
        finally:
            with self._moved:
                for places in (self._waiting, self._inside):
                    if place in places:
                        places.remove(place)
                self._admit()

    @contextmanager
    def turn(self, weight: float = 1) -> Iterator[None]:
        """Join and wait; the block is the turn."""
        with self.place(weight) as place:
            while not place.wait(60):
                pass
            yield

    def _admit(self) -> None:
        """Let in the first ones as long as there is room."""
        while self._waiting:
            used = sum(place.weight for place in self._inside)
            if self._inside and used + self._waiting[0].weight > self.room:
                break
            self._inside.append(self._waiting.pop(0))
        self._moved.notify_all()

    def ahead_of(self, place: Place) -> int:
        """How many are before a place, those whose turn it is among them; 0 for one of these."""
        with self._moved:
            return len(self._inside) + self._waiting.index(place) if place in self._waiting else 0

    def wait(self, place: Place, seconds: float) -> bool:
        """Wait for a place's turn."""
        with self._moved:
            return self._moved.wait_for(lambda: place not in self._waiting, seconds)
