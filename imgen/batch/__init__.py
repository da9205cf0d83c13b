"""Many photos: which, where each result goes; one after the other, or as a job that resumes (`run`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import Options as Options
    from .outcome import Outcome as Outcome
    from .running import Running as Running
    from .running import run as run

HOMES = {"Options": "options", "Outcome": "outcome", "Running": "running", "run": "running"}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"imgen.batch has no {name}")
    return getattr(import_module(f".{HOMES[name]}", __name__), name)
