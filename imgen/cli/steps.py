"""Steps as one writes them on the command line: TOOL:NAME=VALUE,NAME=VALUE."""

from __future__ import annotations

import json
import re

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
