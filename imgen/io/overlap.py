"""Files that are read are never written: found through links, hard links and other spellings of one file."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import ImgenError, PhotoError


def overlaps(reads: Iterable[Path], writes: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Pairs (read, written) that are one file."""
    known: dict[object, Path] = {}
    for path in reads:
        for mark in marks(path):
            known.setdefault(mark, path)
    pairs = ((next((known[mark] for mark in marks(path) if mark in known), None), path) for path in writes)
    return [(read, written) for read, written in pairs if read is not None]


def check_overlap(
    reads: Iterable[str | Path], writes: Sequence[str | Path], kind: type[ImgenError] = PhotoError
) -> None:
    """Refuse to write over a file that is read, or twice to one file.

    Links, hard links and file systems that ignore case are seen through. Files that do not exist yet and whose names
    differ in case only count as one, because on some file systems they are.

    Args:
        reads: files that are read; those that are missing harm nobody.
        writes: files that will be written.
        kind: the error's class.

    Raises:
        ImgenError: of class `kind`; the message names both.
    """
    for read, path in overlaps(map(Path, reads), map(Path, writes)):
        same = resolved(read) == path.absolute()
        what = "is read" if same else f"is {read}, which is read"
        raise kind(f"{path} {what} and would be replaced; save under another name")
    taken: dict[object, Path] = {}
    for path in map(Path, writes):
        for mark in (*marks(path), folded(path)):
            if mark in taken:
                raise kind(
                    f"two results would be saved as {path}; give one of them another name than {taken[mark].name}"
                )
        taken.update(dict.fromkeys((*marks(path), folded(path)), path))


def marks(path: Path) -> tuple[object, ...]:
    """What tells a file from others: where it really lies, and its number on the disk if it exists."""
    where = resolved(path)
    try:
        about = where.stat()
    except (OSError, ValueError):
        return (str(where),)
    if not stat.S_ISREG(about.st_mode):
        return ()  # pipes and terminals are no files
    return (str(where), (about.st_dev, about.st_ino)) if about.st_ino else (str(where),)


def folded(path: Path) -> object:
    """Its place without regard to case and to how accents are composed."""
    return "folded", unicodedata.normalize("NFC", str(resolved(path))).casefold()


def resolved(path: Path) -> Path:
    """The path without links; as it is where that cannot be told."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # RuntimeError: links in a circle
        return path.absolute()


def read_only(path: Path) -> bool:
    """Whether a file is there and its owner wants it left alone; renaming would replace it, and root may write it."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK)
