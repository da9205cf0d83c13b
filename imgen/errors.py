"""Every error that imgen raises on purpose. Each message says what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

MOST = 24  # names in a hint


class ImgenError(Exception):
    """Base of all; the command line prints it without a traceback."""


class PhotoError(ImgenError):
    """A picture cannot be read or written."""


class ToolError(ImgenError):
    """A tool is unknown, badly declared, or failed."""


class UnknownToolError(ToolError, KeyError):
    """There is no tool of that name."""

    __str__ = Exception.__str__  # a KeyError's is in quotes


class ParameterError(ToolError):
    """A tool was given a wrong parameter."""


class PluginError(ImgenError):
    """A plugin cannot be registered."""


class ModelError(ImgenError):
    """A model is missing, damaged or was called wrongly."""


class DeviceError(ImgenError):
    """The device that was asked for does not work here."""


class PipelineError(ImgenError):
    """A pipeline cannot be read or run."""


class TrainingError(ImgenError):
    """Training cannot start or go on."""


class Cancelled(ImgenError):  # not an error of anything, hence no such name  # noqa: N818
    """The run was cancelled; nothing was changed."""


@contextmanager
def naming(source: object) -> Iterator[None]:
    """Inside, errors say what they are about: a file's name, say; each stays of its class."""
    try:
        yield
    except ImgenError as error:
        raise type(error)(f"{source}: {error}") from error


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint for an unknown name: the closest right one if any is close, else all of them, or the first of many."""
    known = sorted(names)
    if meant := closest(name, known):
        return f"did you mean {meant!r}?"
    listed = ", ".join(known[:MOST]) + (f" and {len(known) - MOST} more" if len(known) > MOST else "")
    return f"there are: {listed}" if known else "there are none"


def closest(name: str, names: Iterable[str]) -> str:
    """The one of some names that is most like an unknown one; empty where none is."""
    import difflib  # only here: it is not for those who make no mistake

    return next(iter(difflib.get_close_matches(name, list(names), 1, 0.6)), "")
