"""What was loaded: each plugin with what is wrong with it, and the tools by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..contract.tool import Tool


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: what it offers, or why it could not be loaded.

    Attributes:
        name: the entry point's name.
        package: the distribution that it came with.
        tools: names of its tools.
        error: one line on what is wrong, empty when all is well.
        details: the traceback of a plugin that failed to import.
        warnings: what is wrong with a plugin that works otherwise; `Plugins.warnings` knows more.
        seconds: how long it took to load.
    """

    name: str
    package: str
    version: str
    tools: tuple[str, ...] = ()
    error: str = ""
    details: str = ""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0


class Tools(Mapping[str, Tool]):
    """Tools by name. One that a plugin offers is found as "plugin.tool", too, also where another has the short name."""

    def __init__(self) -> None:
        self._named: dict[str, Tool] = {}

    def __getitem__(self, name: str) -> Tool:
        if name not in self._named and "." in name:
            plugin, _, short = name.partition(".")
            if short in self._named and self._named[short].plugin == plugin:
                return self._named[short]
        return self._named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def add(self, tool: Tool) -> str:
        """Add a tool under its short name, or its full one where that is taken; returns a warning, or nothing."""
        owner = self._named.get(tool.name)
        if owner is not None:
            full = f"{tool.plugin}.{tool.name}"
            self._named[full] = replace(tool, name=full)
            return f"the name {tool.name!r} is taken by the plugin {owner.plugin!r}; the tool is called {full!r} here"
        self._named[tool.name] = tool
        return ""
