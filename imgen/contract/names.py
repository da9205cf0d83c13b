"""Tools by the names that people and old recipes give them."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import nearest
from .tool import Tool


def by_name(name: str, known: Mapping[str, Tool]) -> Tool | None:
    """The tool that is, or once was, called so; None if there is none."""
    return known.get(name) or next((tool for tool in known.values() if name in tool.about.former_names), None)


def nearest_tool(name: str, known: Mapping[str, Tool]) -> str:
    """A hint for an unknown name: the tools that people mean by it, else the closest name."""
    wanted = name.replace("_", " ").strip().lower()
    meant = [tool.name for tool in known.values() if wanted in tool.about.synonyms]
    return f"did you mean {' or '.join(map(repr, meant))}?" if meant else nearest(name, known)
