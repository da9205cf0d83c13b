"""The files that make up the page: markup, styles and scripts beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
SAMPLES = FOLDER / "samples"


@cache
def asset(name: str) -> str:
    """The text of one of the editor's files."""
    return (FOLDER / name).read_text(encoding="utf-8")
