"""Recipes that a plugin ships, for users to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Starter:
    """A recipe to begin with.

    Attributes:
        title: what a user wants, in a few words: "Cut out the subject".
        about: what to expect or to do first, in one line.
        steps: tools, of any plugin, each with its parameters.

    Example:
        >>> Starter("Poster", "Few tones, strong colours", [("posterize", {"levels": 3}), ("saturation", {})]).tools
        ('posterize', 'saturation')
    """

    title: str
    about: str
    steps: Sequence[tuple[str, Mapping[str, Any]]]

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of its tools."""
        return tuple(tool for tool, _ in self.steps)
