"""Parameters as texts, as command lines and tables hold them, on their way to a tool, whose schema does the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from ..errors import ParameterError
from .description import plain
from .tool import Tool


def converted(tool: Tool, texts: dict[str, str]) -> dict[str, Any]:
    """What texts cannot say by themselves: "none", "auto" and no text at all where a parameter may be empty, lists,
    choices that are numbers, home folders.

    Raises:
        ParameterError: a list or an object is not written as JSON.
    """
    values: dict[str, Any] = dict(texts)
    for name, text in texts.items():
        schema = tool.schema.get("properties", {}).get(name, {})
        options = schema.get("anyOf", [schema])
        kinds = [option.get("type") for option in options]
        if name in tool.pictures and not text:
            del values[name]  # as if it was not named: the selection may take its place
        elif name in {**tool.pictures, **tool.signature.files} and text.startswith("~") and not os.path.exists(text):
            values[name] = os.path.expanduser(text)  # which shells do only at the beginning of a word
        elif "null" in kinds and text.lower() in ("none", "auto", *([] if says_texts(options) else [""])):
            values[name] = None
        elif "array" in kinds or "object" in kinds:
            values[name] = structured(tool, name, text, schema)
        else:
            values[name] = chosen(text, [choice for option in options for choice in option.get("enum", [])])
    return values


def says_texts(options: Sequence[dict[str, Any]]) -> bool:
    """Whether one of a parameter's forms is any text, of which none at all is one."""
    return any(o.get("type") == "string" and not {"enum", "format"} & o.keys() for o in options)


def chosen(text: str, choices: Sequence[Any]) -> Any:
    """The one of some choices, numbers among them, that a text names; the text where it names none."""
    return next((choice for choice in choices if json.dumps(choice) == text.strip()), text)


def structured(tool: Tool, name: str, text: str, schema: dict[str, Any]) -> Any:
    """A list or an object."""
    try:
        return json.loads(text)
    except ValueError as error:
        if "enum" in plain(schema).get("items", {}):  # several choices, as one says them: 'red,blue'
            return [part.strip() for part in text.strip("[]").split(",") if part.strip()]
        raise ParameterError(f"{tool.name}: write {name} as JSON, such as [1,2] (got {text!r})") from error
