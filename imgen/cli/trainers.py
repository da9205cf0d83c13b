"""imgen trainers, and the settings that imgen train MODEL --help shows."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..contract.description import describe_range
from ..engine.plugins import installed
from .training import need_training

LONGEST = 80  # characters of a default that are shown


def trainers(options: argparse.Namespace) -> int:
    """Each model that can be trained: what for, on which data, the terms of its weights; 1 if a plugin is broken."""
    need_training()
    found, broken = installed().trainers()
    for kind in found:
        print(f"{kind.name}\n  task   {kind.task}\n  data   {kind.layout}\n  terms  {kind.terms}")
    print("\nimgen train MODEL --help shows a model's settings; its plugin's README.md tells how it works.")
    for plugin, error in broken.items():
        print(f"{plugin}: ERROR: {error}")
    return int(bool(broken))


def settings(model: str) -> str:
    """The settings of a trainer each with its default, meaning and range.

    Raises:
        PluginError: there is no trainer of that model.
    """
    need_training()
    kind = installed().trainer(model)
    properties: dict[str, Any] = kind.Settings.model_json_schema()["properties"]
    lines = [
        f"  {name}={written(field.default)}\n        {field.description} ({allowed(properties[name])})"
        for name, field in kind.Settings.model_fields.items()
    ]
    head = f"{model}: {kind.task}\ndata:  {kind.layout}\nterms: {kind.terms}\n\nsettings, each with its default:"
    return "\n".join([head, *lines])


def written(value: Any) -> str:
    """A value as one gives it to --set; the beginning of a long one."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def allowed(schema: dict[str, Any]) -> str:
    """What a setting may be, in words."""
    if schema.get("type") == "array":
        parts = schema.get("prefixItems", [schema.get("items", {})])
        each = describe_range(parts[0]).removeprefix("must be ").removeprefix("a ").removeprefix("one of ")
        return f"{len(parts) if 'prefixItems' in schema else 'any'} of [{each}, ...]"
    return describe_range(schema).removeprefix("must be ") or "JSON"
