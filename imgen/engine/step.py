"""One tool with its parameters filled in: its models, how a recipe records it, and what its result depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..contract.context import current
from ..contract.settings import Settings
from ..contract.tool import Tool
from ..image.digests import constant
from ..io.pictures import embedded_pixels, given_pictures, portable, stamp
from .plugins import find_tool, model


@dataclass(frozen=True)
class Step:
    """One tool with its parameters. A disabled step is kept in the recipe and skipped in the run."""

    tool: str
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    enabled: bool = True

    def resolve(self) -> Tool:
        """The tool.

        Raises:
            UnknownToolError: no plugin offers it; the message names the nearest that one does.
        """
        return find_tool(self.tool)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it runs: the tool's own, and those that its parameters choose or name."""
        return self.resolve().models_of(self.parameters)


def checked(tool: str, parameters: dict[str, Any]) -> Step:
    """A step whose parameters its tool has checked; a tool's former name gives way to its present one.

    Raises:
        ToolError: unknown tool.
        ParameterError: unknown parameter, one out of range, or a picture inside that is no PNG.
    """
    found = Step(tool).resolve()
    parameters = given_pictures(found, parameters)
    full = found.check(parameters, ignore=frozenset(found.pictures))
    embedded_pixels(found, full)
    kept = {k: constant(v) if isinstance(v, np.ndarray) else v for k, v in full.items() if k in parameters}
    return Step(found.name, kept)


def identity(step: Step) -> dict[str, Any]:
    """What a recipe records of a step beside its parameters: the plugin's version and its models' checksums."""
    tool = step.resolve()
    entry: dict[str, Any] = {"plugin": tool.plugin, "version": tool.version}
    if tool.about.version > 1:
        entry["tool_version"] = tool.about.version
    if step.models:
        entry["models"] = {name: model(name).checksum for name in step.models}
    return entry


def describe(step: Step) -> dict[str, Any]:
    """A step as the recipe records it, with its pictures inside.

    Raises:
        PhotoError: a picture's file cannot be read, or has changed since the run.
    """
    entry = {"tool": step.tool, "parameters": portable(step.resolve(), step.parameters), **identity(step)}
    return entry if step.enabled else {**entry, "enabled": False}


def step_key(before: str, step: Step, tool: Tool, where: str) -> str:
    """A hash of all that a step's result depends on; `where` says which devices run its models."""
    parts: list[Any] = [before, tool.plugin, tool.version, tool.name, tool.about.version, where]
    parts += [model(name).checksum for name in step.models]
    parts += [("preview", current().preview), ("settings", Settings(tool.plugin).stamp())]
    parts += [(k, stamp(v)) for k, v in sorted(step.parameters.items())]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
