"""Files that are read are never written: found through links, hard links and other spellings of one file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

Key = str | tuple[int, int]


def overlaps(reads: Iterable[Path], writes: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Pairs (read, written) that are one file.

    A file is known by its device and number, so that links, hard links and, where the file system ignores it, case
    make no difference; a file that is not there yet by its path with links followed. Pipes and terminals are no files.
    """
    known: dict[Key, Path] = {}
    for path in reads:
        for key in keys(path):
            known.setdefault(key, path)
    pairs = ((next((known[key] for key in keys(path) if key in known), None), path) for path in writes)
    return [(read, written) for read, written in pairs if read is not None]


def keys(path: Path) -> list[Key]:
    """What a file is known by; nothing for what is neither a file nor free for one."""
    try:
        found = path.stat()
    except OSError:
        return [os.path.realpath(path)]
    return [os.path.realpath(path), (found.st_dev, found.st_ino)] if stat.S_ISREG(found.st_mode) else []


def read_only(path: Path) -> bool:
    """Whether a file is there and its owner wants it left alone; rename would replace it all the same, and root may."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK)
