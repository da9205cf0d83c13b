"""imgen tools, imgen plugins, imgen models."""

from __future__ import annotations

import argparse
import inspect
import json
from collections.abc import Sequence
from typing import Any

from ..contract.description import describe_range
from ..contract.names import by_name, nearest_tool
from ..contract.tool import Tool
from ..engine.plugins import available, installed
from ..errors import ModelError, ToolError


def tools(options: argparse.Namespace) -> int:
    """All tools in a table, or one with its parameters."""
    known = installed().tools
    found = by_name(options.name, known) if options.name else None
    if options.name and found is None:
        raise ToolError(f"there is no tool {options.name!r}; {nearest_tool(options.name, known)}")
    chosen = [found] if found else sorted(known.values(), key=lambda t: (t.group, t.name))
    if options.names:
        print("\n".join(tool.name for tool in chosen))
    elif options.json:
        print(json.dumps([as_json(tool) for tool in chosen], indent=1))
    elif options.name:
        print(explain(chosen[0]))
    else:
        print(
            table(["tool", "group", "plugin", "what it does"], [[t.name, t.group, t.plugin, t.summary] for t in chosen])
        )
    return 0


def as_json(tool: Tool) -> dict[str, Any]:
    """A tool for other programs."""
    names = ("name", "takes", "gives", "plugin", "version", "group", "synonyms", "expensive", "summary", "models")
    return {n: getattr(tool, n) for n in names} | {"parameters": tool.schema}


def explain(tool: Tool) -> str:
    """A tool's docstring and parameters."""
    rows: list[list[str]] = []
    for name, field in tool.fields.items():
        schema = tool.schema["properties"][name]
        allowed = "a picture" if name in tool.pictures else describe_range(schema).removeprefix("must be ")
        default = "required" if field.is_required() else str(schema.get("default"))
        if name in tool.pictures and tool.pictures[name] == "mask":
            default = "the selection"
        rows.append([name, allowed, default, field.description or schema.get("description", "")])
    head = f"{tool.name}  ({tool.takes} -> {tool.gives}, plugin {tool.plugin} {tool.version})"
    parts = [head, inspect.getdoc(tool.function) or "", table(["parameter", "value", "default", ""], rows)]
    return "\n\n".join(parts if rows else parts[:2])


def plugins(options: argparse.Namespace) -> int:
    """All plugins with the time that each took to load, and what is wrong; 1 if anything is."""
    found = installed()
    rows: list[list[str]] = []
    told: list[str] = []
    for p in found.plugins:
        wrong = [f"ERROR: {p.error}"] if p.error else found.warnings(p)
        told += [f"{p.name}: {text}" for text in wrong]
        rows.append([p.name, p.package, p.version, f"{1000 * p.seconds:.0f} ms", ", ".join(p.tools) or "-"])
    print(table(["plugin", "package", "version", "loaded in", "tools"], rows))
    if told:
        print("", *told, sep="\n")
    return int(bool(told))


def models(options: argparse.Namespace) -> int:
    """All models with what they were trained on and its terms; 1 if one is broken."""
    rows: list[list[str]] = []
    broken = False
    for model in available().values():
        try:
            about = model.about
        except ModelError as error:
            rows.append([model.name, model.origin, "", f"ERROR: {error}", ""])
            broken = True
            continue
        size = f"{model.path.stat().st_size / 2**20:.1f} MiB" if model.here else "not fetched"
        terms = "; ".join(filter(None, (about.licence and f"weights: {about.licence}", about.terms)))
        rows.append([model.name, model.origin, size, about.task, terms])
    print(table(["model", "from", "size", "task", "data and its terms"], rows))
    return int(broken)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain columns."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
