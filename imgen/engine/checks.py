"""What can be wrong with a plugin: some of it stops the plugin, some would be wrong in silence."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, cast

from ..contract import hookspecs
from ..contract.tool import Tool
from ..errors import PluginError, nearest

HOOKS = [name for name in vars(hookspecs) if name.startswith("imgen_")]


def check_hooks(module: Any) -> None:
    """Refuse a plugin in which nothing is found.

    Raises:
        PluginError: a hook that imgen does not know, one without its mark, or none at all.
    """
    marks = {name: getattr(value, "imgen_impl", None) for name, value in vars(module).items()}
    marked = [mark.get("specname") or name for name, mark in marks.items() if isinstance(mark, dict)]
    for name in marked:
        if name not in HOOKS:
            raise PluginError(f"unknown hook {name!r}; {nearest(name, HOOKS)}")
    for name in HOOKS:
        if name not in marked and callable(value := getattr(module, name, None)) and not hasattr(value, "imgen_spec"):
            raise PluginError(f"{name} is never called, as it has no mark; write @imgen.hookimpl above it")
    if not marked:
        raise PluginError(
            f"{getattr(module, '__name__', 'it')} has no hook, so it offers nothing; write a function imgen_tools "
            "that returns the tools, with @imgen.hookimpl above it"
        )


def listed(told: Any) -> list[Callable[..., Any]]:
    """What a hook `imgen_tools` returned, as the functions that it must list.

    Raises:
        PluginError: it is no list, or has something else in it.
    """
    if callable(told):
        name = getattr(told, "__name__", "tool")
        raise PluginError(f"imgen_tools returned {name} itself; put it in a list: return [{name}]")
    if told is None or isinstance(told, str) or not isinstance(told, Iterable):
        raise PluginError(f"imgen_tools returned {type(told).__name__}; it must return a list of functions")
    functions = list(cast("Iterable[Any]", told))
    for function in functions:
        if not callable(function):
            raise PluginError(
                f"imgen_tools lists a {type(function).__name__}, which is no function; "
                "list the tools themselves, without calling them"
            )
    return functions


def folder_warning(folder: Path | None) -> str:
    """What is wrong with the folder that a plugin named for its models; empty when nothing is."""
    if folder is None or folder.is_dir():
        return ""
    return f"its models' folder {folder} is not there; add it to the package's data"


def model_warnings(tools: Iterable[Tool], models: Collection[str]) -> list[str]:
    """The models that tools say they use and that are nowhere."""
    return [
        f"{tool.name} uses the model {name!r}, and there is none of that name; {nearest(name, models)}"
        for tool in tools
        for name in tool.models
        if name not in models
    ]


def summary(error: BaseException) -> str:
    """An exception in one line, with the place it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
