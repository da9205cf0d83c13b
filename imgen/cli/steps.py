"""Steps as one writes them on the command line: TOOL:NAME=VALUE,NAME=VALUE."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from ..contract.description import plain
from ..contract.tool import Tool
from ..errors import ParameterError

PLAIN = json.JSONDecoder(strict=False)
OPENING, CLOSING = "([{", ")]}"


def parse_step(text: str) -> tuple[str, dict[str, str]]:
    """A text such as "denoise:noise=25,detail=0.5" as a name and parameters; the tool's schema converts the texts.

    A value ends at the next comma outside brackets. One that holds commas or brackets of its own, such as a file's
    name, stands in quotes: double ones as in JSON, or single ones, inside which every character counts as it is.

    Example:
        >>> parse_step("denoise:noise=25,detail=0.5")
        ('denoise', {'noise': '25', 'detail': '0.5'})
        >>> parse_step("morph_faces:other='a, b [1].jpg',amount=1")
        ('morph_faces', {'other': 'a, b [1].jpg', 'amount': '1'})

    Raises:
        ParameterError: a parameter without "=", or one that is given twice.
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    at = 0
    while rest[at:].strip(", "):
        found = re.compile(r"[\s,]*([^=,]*?)\s*=\s*").match(rest, at)
        if found is None:
            raise ParameterError(
                f"{text!r}: write parameters as {name}:NAME=VALUE,NAME=VALUE, and a value with commas in quotes: "
                f"{name}:NAME='a, b'"
            )
        if found[1] in parameters:
            raise ParameterError(f"{text!r}: {found[1]} is given twice")
        parameters[found[1]], at = value_at(rest, found.end())
    return name.strip(), parameters


def value_at(text: str, start: int) -> tuple[str, int]:
    """The value that begins there, and where the next parameter begins."""
    for reader in (json_value, quoted_value):
        found = reader(text, start)
        if found and re.match(r"\s*(,|$)", text[found[1] :]):
            return found
    end = comma_after(text, start)
    return text[start:end], end


def json_value(text: str, start: int) -> tuple[str, int] | None:
    """A text in double quotes, unquoted; a list or an object as it is written."""
    if text[start : start + 1] not in ('"', "[", "{"):
        return None
    try:
        value, end = PLAIN.raw_decode(text, start)
    except ValueError:
        return None
    return (value if isinstance(value, str) else text[start:end]), end


def quoted_value(text: str, start: int) -> tuple[str, int] | None:
    """What stands between quotes, as it is."""
    found = re.compile(r"""'([^']*)'|"([^"]*)\"""").match(text, start)
    return (found[1] if found[1] is not None else found[2], found.end()) if found else None


def comma_after(text: str, start: int) -> int:
    """Where the next comma is that is not inside (), [] or {}; brackets without a partner are mere characters."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in OPENING) - (text[at] in CLOSING and depth > 0)
        if text[at] == "," and depth == 0:
            return at
    plain = text.find(",", start)
    return len(text) if depth == 0 or plain < 0 else plain


def converted(tool: Tool, parameters: dict[str, str]) -> dict[str, Any]:
    """What texts cannot say by themselves: "none" and "auto" where a parameter may be empty, lists, home folders."""
    values: dict[str, Any] = dict(parameters)
    for name, text in parameters.items():
        schema = tool.schema.get("properties", {}).get(name, {})
        kinds = [option.get("type") for option in schema.get("anyOf", [schema])]
        if name in {**tool.pictures, **tool.signature.files} and text.startswith("~") and not os.path.exists(text):
            values[name] = os.path.expanduser(text)  # which shells do only at the beginning of a word
        elif "null" in kinds and text.lower() in ("none", "auto"):
            values[name] = None
        elif "array" in kinds or "object" in kinds:
            try:
                values[name] = json.loads(text)
            except ValueError as error:
                if "enum" in plain(schema).get("items", {}):  # several choices, as one says them: 'red,blue'
                    values[name] = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
                    continue
                raise ParameterError(f"{tool.name}: write {name} as JSON, such as [1,2] (got {text!r})") from error
    return values
