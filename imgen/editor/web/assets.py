"""The files that make up the page: markup, styles and scripts beside this module."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
SAMPLES = FOLDER / "samples"
STYLES = ("editor.css", "tasks.css", "masks.css", "screens.css")


@cache
def asset(name: str) -> str:
    """The text of one of the editor's files."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def scripts() -> dict[str, str]:
    """The page's ES modules: the file's name, and its text. They import each other by these names."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}


@cache
def version() -> str:
    """Part of the modules' address: browsers keep them, and must not keep those of another version."""
    return hashlib.sha256("".join(scripts().values()).encode()).hexdigest()[:16]


def styles() -> str:
    """The whole style sheet."""
    return "".join(asset(name) for name in STYLES)
