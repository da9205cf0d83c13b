"""One tool with its parameters filled in: its models, how a recipe records it, and what its result depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from ..contract.settings import Settings
from ..contract.tool import Tool
from ..io.pictures import portable, stamp
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
        tool = self.resolve()
        chosen = (
            name
            for parameter, values in tool.chosen.items()
            for name in values.get(str(self.parameters.get(parameter, tool.fields[parameter].default)), ())
        )
        named = [
            self.parameters.get(name, schema.get("default"))
            for name, schema in tool.schema.get("properties", {}).items()
            if schema.get("format") == "model"
        ]
        return tuple(dict.fromkeys((*tool.always, *chosen, *(name for name in named if name))))


def identity(step: Step) -> dict[str, Any]:
    """What a recipe records of a step beside its parameters: the plugin's version and its models' checksums."""
    tool = step.resolve()
    entry: dict[str, Any] = {"plugin": tool.plugin, "version": tool.version}
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


def step_key(before: str, step: Step, tool: Tool, where: str, preview: bool = False) -> str:
    """A hash of all that a step's result depends on; `where` says which devices run its models."""
    parts: list[Any] = [before, tool.plugin, tool.version, tool.name, where]
    parts += [model(name).checksum for name in step.models]
    parts += [("preview", preview), ("settings", Settings(tool.plugin).stamp())]
    parts += [(k, stamp(v)) for k, v in sorted(step.parameters.items())]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
