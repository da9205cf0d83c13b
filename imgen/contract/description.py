"""Parameters in words: what a value may be, from its JSON schema, and what a Field says of it."""

from __future__ import annotations

from typing import Any, get_args

from pydantic.fields import FieldInfo

FORMATS = {
    "picture": "must be a picture: a file's path, or a numpy array",
    "points": "must be points [[x, y], ...], all numbers from 0 to 1",
    "dots": 'must be dots of colour [[x, y, "#rrggbb"], ...], x and y from 0 to 1',
    "box": "must be a box [left, top, width, height], all numbers from 0 to 1",
    "colour": 'must be a colour "#rrggbb"',
    "curve": "must be a curve [[x, y], ...] of two or more points, numbers from 0 to 1, each x above the one before",
}
TYPES = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "string": "a text"}


def shortened(text: str, length: int = 80) -> str:
    """A text on one line, cut where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 3] + "..."


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's JSON schema with its only form that is not null in its place: `int | None` reads like `int`."""
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    return {**schema, **options[0]} if len(options) == 1 else schema


def describe_range(schema: dict[str, Any]) -> str:
    """A parameter's allowed values in words, from its JSON schema; empty where nothing can be said."""
    options = [o for o in schema.get("anyOf", [schema]) if o.get("type") != "null"]
    schema = {**schema, **options[0]} if options else schema
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if schema.get("format") == "file":
        kinds = " or ".join(f"*{kind}" for kind in schema.get("kinds", []))
        return f"must be a file {kinds}".strip()
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return "must be one of " + ", ".join(map(str, values)) if values else ""
    if "enum" in schema.get("items", {}):
        return "must be a list of some of " + ", ".join(map(str, schema["items"]["enum"]))
    words = TYPES.get(schema.get("type", ""), "")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        words += f" from {low} to {high}"
    elif low is not None:
        words += f" of at least {low}"
    elif high is not None:
        words += f" of at most {high}"
    for key, text in (("exclusiveMinimum", "above"), ("exclusiveMaximum", "below"), ("multipleOf", "a multiple of")):
        if key in schema:
            words += f"{',' if ' of ' in words or ' from ' in words else ''} {text} {schema[key]}"
    return f"must be {words}" if words else ""


def description_of(hint: Any) -> str:
    """What a Field in an annotation says, also in an optional one."""
    parts = get_args(hint)
    for part in parts:
        if isinstance(part, FieldInfo) and part.description:
            return part.description
    return next((text for part in parts if get_args(part) and (text := description_of(part))), "")
