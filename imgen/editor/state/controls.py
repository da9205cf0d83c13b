"""What the page needs to know about a tool: its name, its group, and a control for each parameter."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ...contract.tool import Tool
from ...engine.plugins import available
from .words import LAB, PLAIN, SUMMARIES, group, synonyms

GROUPS = (  # the first; the experiments come last
    "Edit", "Restore", "Adjust", "Colour", "Style", "Faces", "Select", "Cut out", "Document", "Create", "Measure",
)  # fmt: skip
CLEARING = ("clear_selection", "selection_to_alpha")  # the core's tools after which nothing is selected
PLACES = ("points", "dots", "box")  # formats of `imgen.contract.places`, which a hand puts on the photo
SHOWN = (*PLACES, "colour", "curve", "candidate", "file", "painting")  # formats with a control of their own
KINDS = {"integer": "integer", "number": "number", "boolean": "flag", "string": "text"}


def palette(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """All tools as the page's palette lists them, group by group, and by name so that eyes find them."""
    order = {name: i for i, name in enumerate(GROUPS)} | {LAB: len(GROUPS) + 1}
    listed = sorted(tools, key=lambda t: (order.get(group(t), len(GROUPS)), t.name))
    return [describe(tool) for tool in listed]


def describe(tool: Tool) -> dict[str, Any]:
    """One tool for the page."""
    return {
        "name": tool.name,
        "title": title(tool.name),
        "group": group(tool),
        "icon": tool.about.icon,
        "expensive": tool.expensive,
        "offers": tool.gives == "pictures",
        "makes": tool.takes == "nothing",
        "summary": SUMMARIES.get(tool.name, tool.summary),
        "also": synonyms(tool),
        "plugin": tool.plugin,
        "needs": needs_selection(tool),
        "effect": effect(tool),
        "models": [{"name": name, "terms": terms(name)} for name in tool.models],
        "controls": controls(tool),
    }


def terms(name: str) -> str:
    """The data that a model was trained on and the terms of its use, as its card says."""
    found = available().get(name)
    return str(found.card.get("terms", "not stated")) if found else "the model is missing"


def title(name: str) -> str:
    """A name as people write it."""
    return name.replace("_", " ").strip().capitalize()


def effect(tool: Tool) -> str:
    """What the tool does to the selection: "selects", "clears", or "obeys" it."""
    if tool.gives == "mask":
        return "selects"
    if tool.name in CLEARING or tool.gives == "animation":
        return "clears"
    return "obeys" if tool.gives in ("image", "pictures") else ""


def needs_selection(tool: Tool) -> bool:
    """Whether the tool can do nothing without a selection: it is its first argument, or a parameter it must have."""
    required = tool.schema.get("required", [])
    return tool.takes == "mask" or any(kind == "mask" and name in required for name, kind in tool.pictures.items())


def controls(tool: Tool) -> list[dict[str, Any]]:
    """A control for each parameter. A mask comes from the selection, unless loading one is all that the tool does."""
    shown: list[dict[str, Any]] = []
    loads = tool.gives == "mask" and tool.takes != "mask"
    for name, schema in tool.schema.get("properties", {}).items():
        kind = tool.pictures.get(name)
        if kind is None:
            label, text = PLAIN.get((tool.name, name), ("", ""))
            plain = {"label": label, "help": text} if label else {}
            shown.append({**control(name, schema, tool.schema), "on": picture_of(name, tool), **plain})
        elif kind == "image" or loads:
            text = "A picture that is white, or painted, where to select" if kind == "mask" else schema["description"]
            required = name in tool.schema.get("required", [])
            shown.append({"name": name, "label": title(name), "kind": "picture", "help": text, "required": required})
    return shown


def picture_of(name: str, tool: Tool) -> str:
    """The second picture that a parameter speaks of: `other_points` are on the picture `other`; empty for the photo."""
    return next((p for p, kind in tool.pictures.items() if kind == "image" and name.startswith(f"{p}_")), "")


def control(name: str, schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """One parameter's control, from its JSON schema."""
    options = [resolve(option, root) for option in schema.get("anyOf", [schema])]
    filled = [option for option in options if option.get("type") != "null"]
    chosen = {**schema, **filled[0]} if filled else schema
    made = {
        "name": name,
        "label": title(name),
        "help": schema.get("description", ""),
        "optional": len(filled) < len(options),
        "default": schema.get("default"),
        "unit": schema.get("unit", ""),
        "pad": schema.get("pad", ""),
        "own": bool(chosen.get("control")),
    }
    choices = chosen.get("enum", [chosen["const"]] if "const" in chosen else None)
    if choices is not None:
        return {**made, "kind": "choice", "choices": choices}
    several = resolve(chosen.get("items", {}), root).get("enum")
    if several is not None:
        return {**made, "kind": "choices", "choices": several}
    if chosen.get("format") in SHOWN:
        return {**made, "kind": chosen["format"], "accept": chosen.get("kinds", [])}
    kind = KINDS.get(chosen.get("type", ""), "json") if len(filled) == 1 else "json"
    return {**made, "kind": kind, **span(chosen, whole=kind == "integer")}


def resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """A schema behind a reference, such as an enumeration's."""
    reference = schema.get("$ref", "")
    return {**schema, **root.get("$defs", {}).get(reference.rpartition("/")[2], {})} if reference else schema


def span(schema: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """Ends and step of a slider; nothing for an open range, which gets a plain number field."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None or high is None or high <= low:
        return {key: value for key, value in (("min", low), ("max", high)) if value is not None}
    step = 1.0 if whole else 10.0 ** math.floor(math.log10((high - low) / 100))
    if "exclusiveMinimum" in schema:
        low = max(low, schema["exclusiveMinimum"] + step)
    if "exclusiveMaximum" in schema:
        high = min(high, schema["exclusiveMaximum"] - step)
    return {"min": low, "max": high, "step": step}
