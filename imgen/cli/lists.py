"""imgen tools, imgen plugins, imgen models."""

from __future__ import annotations

import argparse
import inspect
import json
from collections.abc import Sequence
from typing import Any

from ..contract.tool import Tool, describe_range
from ..engine.plugins import available, installed
from ..errors import ModelError, ToolError, nearest


def tools(options: argparse.Namespace) -> int:
    """All tools in a table, or one with its parameters."""
    known = installed().tools
    if options.name and options.name not in known:
        raise ToolError(f"there is no tool {options.name!r}; {nearest(options.name, known)}")
    chosen = [known[options.name]] if options.name else sorted(known.values(), key=lambda t: (t.group, t.name))
    if options.names:
        print("\n".join(tool.name for tool in chosen))
    elif options.json:
        print(json.dumps([as_json(tool) for tool in chosen], indent=1))
    elif options.name:
        print(explain(chosen[0]))
    else:
        print(
            table(["tool", "kind", "plugin", "what it does"], [[t.name, t.group, t.plugin, t.summary] for t in chosen])
        )
    return 0


def as_json(tool: Tool) -> dict[str, Any]:
    """A tool for other programs."""
    names = ("name", "takes", "gives", "plugin", "version", "summary", "models")
    return {n: getattr(tool, n) for n in names} | {"parameters": tool.schema}


def explain(tool: Tool) -> str:
    """A tool's docstring and parameters."""
    rows: list[list[str]] = []
    for name, field in tool.fields.items():
        schema = tool.schema["properties"][name]
        allowed = "a picture" if name in tool.pictures else describe_range(schema).removeprefix("must be ")
        default = "required" if field.is_required() else str(field.default)
        if name in tool.pictures and tool.pictures[name] == "mask":
            default = "the selection"
        rows.append([name, allowed, default, field.description or schema.get("description", "")])
    head = f"{tool.name}  ({tool.takes} -> {tool.gives}, plugin {tool.plugin} {tool.version})"
    parts = [head, inspect.getdoc(tool.function) or "", table(["parameter", "value", "default", ""], rows)]
    return "\n\n".join(parts if rows else parts[:2])


def plugins(options: argparse.Namespace) -> int:
    """All plugins; 1 if one is broken."""
    known = installed().plugins
    rows = [[p.name, p.package, p.version, f"ERROR: {p.error}" if p.error else ", ".join(p.tools)] for p in known]
    print(table(["plugin", "package", "version", "tools"], rows))
    return int(any(p.error for p in known))


def models(options: argparse.Namespace) -> int:
    """All models with what they were trained on and its terms; 1 if one is broken."""
    rows: list[list[str]] = []
    broken = False
    for model in available().values():
        try:
            card = model.card
        except ModelError as error:
            rows.append([model.name, model.origin, "", f"ERROR: {error}", ""])
            broken = True
            continue
        size = f"{model.path.stat().st_size / 2**20:.1f} MiB"
        rows.append([model.name, model.origin, size, card.get("task", ""), card.get("terms", "not stated")])
    print(table(["model", "from", "size", "task", "data and its terms"], rows))
    return int(broken)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain columns."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
