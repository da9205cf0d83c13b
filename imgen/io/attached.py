"""The files that a step's parameters name, read when a run begins or a recipe is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..contract.attached import LIMIT, encoded
from ..contract.tool import Tool
from ..errors import ParameterError


def named(tool: Tool, parameters: dict[str, Any]) -> dict[str, Path]:
    """The files that are still named by a path, by parameter; those that were read are bytes."""
    found = {name: parameters.get(name) for name in tool.signature.files}
    return {name: Path(value) for name, value in found.items() if isinstance(value, str)}


def with_contents(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with the bytes of every file in place of its path.

    Raises:
        ParameterError: a file cannot be read, or is too large.
    """
    return parameters | {name: content(tool, name, path) for name, path in named(tool, parameters).items()}


def content(tool: Tool, name: str, path: Path) -> bytes:
    """What is in a file, at most `LIMIT` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"{tool.name}: {name} {path} cannot be read: {getattr(error, 'strerror', error)}"
        ) from error
    if len(data) > LIMIT:
        raise ParameterError(f"{tool.name}: {name} {path} has more than {LIMIT >> 20} MiB")
    return data


def as_text(tool: Tool, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every file as a recipe carries it.

    Raises:
        ParameterError: as for `with_contents`.
    """
    full = with_contents(tool, parameters)
    held = {name: full[name] for name in tool.signature.files if isinstance(full.get(name), bytes)}
    return full | {name: encoded(data) for name, data in held.items()}
