"""What a photo knows of the pipeline that made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Maker(Protocol):
    """What made a photo, an `imgen.Pipeline`: it can say so as JSON, and which files it read."""

    @property
    def files(self) -> Sequence[Path]:
        """The files that it read."""
        ...

    def to_json(self) -> str:
        """The recipe."""
        ...
