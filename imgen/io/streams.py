"""Standard input and output, pipes and devices in place of files: pictures go through a temporary file."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ..errors import ImgenError, PhotoError

INPUT = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")
OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def is_stream(name: str) -> bool:
    """Whether a name stands for standard input or output, a pipe or a device: read or written once, from the start."""
    if name in INPUT or name in OUTPUT:
        return True
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


class Spool:
    """A folder for what comes from streams, deleted at the end of a `with` block; each stream is read once."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._taken: dict[str, Path] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, ImgenError):
            error.args = (self.named(str(error)),)
        if self._folder is not None:
            self._folder.cleanup()

    def named(self, text: str) -> str:
        """A message with the streams' own names in place of the temporary files'."""
        for name, path in self._taken.items():
            text = text.replace(str(path), shown_input(name))
        return text

    def take(self, name: str) -> Path:
        """All that a stream holds, as a file.

        Raises:
            PhotoError: it was read before, is a terminal, or cannot be read.
        """
        key = "-" if name in INPUT else name
        shown = shown_input(key)
        if key in self._taken:
            raise PhotoError(f"{shown} can be read only once; save it as a file, and name that")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="imgen-", ignore_cleanup_errors=True)
        path = Path(self._folder.name) / str(len(self._taken)) / ("stdin" if key == "-" else Path(name).name)
        path.parent.mkdir()
        try:
            with path.open("wb") as file:
                if key == "-":
                    shutil.copyfileobj(standard_input(), file)
                else:
                    with open(name, "rb") as source:
                        shutil.copyfileobj(source, file)
        except OSError as error:
            raise PhotoError(f"{shown} cannot be read: {error.strerror}") from error
        self._taken[key] = path
        return path


def standard_input() -> BinaryIO:
    """Its bytes.

    Raises:
        PhotoError: it is closed, or a terminal, on which nobody types a picture.
    """
    if sys.stdin is None or sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison]: None where it is closed
        raise PhotoError("standard input is a terminal; pipe a picture into imgen, or name a file")
    return sys.stdin.buffer


def check_output(name: str) -> None:
    """Refuse to write a picture to a terminal.

    Raises:
        PhotoError: it is one, or closed.
    """
    if name in OUTPUT:
        if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]: None where it is closed
            raise PhotoError("standard output is closed; give a file: -o out.png")
        terminal = sys.stdout.isatty()
    else:
        terminal = terminal_at(name)
    if terminal:
        raise PhotoError("a picture is not for a terminal; send it to a file or a program: -o - > out.png")


def terminal_at(name: str) -> bool:
    """Whether a device is a terminal; a pipe is not opened, which would wait for its reader."""
    if not stat.S_ISCHR(os.stat(name).st_mode):
        return False
    handle = os.open(name, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    try:
        return os.isatty(handle)
    finally:
        os.close(handle)


def send(path: Path, name: str) -> None:
    """Copy a file to standard output, a pipe or a device.

    Raises:
        PhotoError: nobody reads it any more, or it cannot be written.
    """
    try:
        with path.open("rb") as source:
            if name in OUTPUT:
                sys.stdout.flush()
                shutil.copyfileobj(source, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                with open(name, "wb") as target:
                    shutil.copyfileobj(source, target)
    except BrokenPipeError as error:
        if name in OUTPUT:  # else Python complains again when it flushes at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise PhotoError(f"{shown_output(name)} was closed before the picture was written") from error
    except OSError as error:
        raise PhotoError(f"cannot write to {shown_output(name)}: {error.strerror}") from error


def shown_input(name: str) -> str:
    """What an input is called."""
    return "standard input" if name in INPUT else name


def shown_output(name: str) -> str:
    """What an output is called."""
    return "standard output" if name in OUTPUT else name
