"""Notes and errors of a run as the page says them: no more than is news to its user, and tools by their titles."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...engine.toolbox import tools
from ...inference.session import cuda_works
from .controls import title

RAN = re.compile(r"\S+ ran on (\w+) \((.+)\)")  # what each model says of its device, and where it came from
NAMED = re.compile(r"\w+(?=:)|[a-z]+(?:_[a-z0-9]+)+\b")  # before a colon, or such as no other word looks


def told(notes: Iterable[str], device: str) -> list[str]:
    """The notes of a run, without those that say that models ran where they were bound to run.

    Args:
        notes: as the run gave them.
        device: that was asked for: "auto", "cpu" or "cuda".
    """
    expected = "CPU" if device == "cpu" or not cuda_works() else "CUDA"
    return [titled(note) for note in notes if not as_expected(note, expected)]


def as_expected(note: str, device: str) -> bool:
    """Whether it says that a shipped model ran on that device."""
    ran = RAN.fullmatch(note)
    return ran is not None and ran[1] == device and ran[2] != "user"


def titled(text: str) -> str:
    """The text; a tool's name at its start becomes its title."""
    found = NAMED.match(text)
    name = found[0] if found else ""
    return title(name) + text[len(name) :] if name in tools() else text
