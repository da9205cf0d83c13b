"""The domains and styles that there are models for: the shipped ones, and those that a user trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import Field

from imgen.inference.registry import user_folder

F = TypeVar("F", bound=Callable[..., Any])


class Way(NamedTuple):
    """One direction of one model: its name, and whether it is the one from B to A."""

    model: str
    back: bool


def domains() -> dict[str, Way]:
    """The ways by the domain that they lead to, "sunset"; where another pair has that name already, "night2day".

    Reads cards only, so that it can be called while plugins are being loaded.
    """
    found: dict[str, Way] = {}
    for name, facts in cards():
        if len(both := texts(facts.get("domains"))) == 2:
            for back, (start, end) in enumerate((both, both[::-1])):
                found[end if end not in found else f"{start}2{end}"] = Way(name, bool(back))
    return found


def styles() -> dict[str, Way]:
    """The ways by the style that they paint in: of a model "cyclegan/style-waves" it is "waves"."""
    return {style: Way(name, False) for name, facts in cards() for style in texts([facts.get("style")])}


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and facts of all models of this plugin, the shipped ones first; a user's own takes the place of one.

    A file of a user's that is damaged is left out, and does no harm to the others; `imgen doctor` tells of it.
    """
    shipped = Path(str(files("imgen_exports"))) / "cyclegan"
    own = user_folder() / "cyclegan"
    for folder in (shipped, own):
        for card in sorted(path.with_suffix(".json") for path in folder.glob("*.onnx")):
            if folder == shipped and (own / card.name).exists():
                card = own / card.name
            elif folder == own and (shipped / card.name).exists():
                continue
            facts = facts_of(card)
            if facts is not None:
                yield f"cyclegan/{card.stem}", facts


def texts(value: Any) -> list[str]:
    """The texts in a list; none if it is something else."""
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def facts_of(card: Path) -> dict[str, Any] | None:
    """The facts on a card, None if it can't be read or lacks what the tools read of it."""
    try:
        found: Any = json.loads(card.read_text(encoding="utf-8"))
        int(found["training"]["settings"]["size"])
        return dict(found["facts"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def choice(parameter: str, names: Iterable[str], text: str) -> Callable[[F], F]:
    """Let a tool's parameter be one of names that are known only when plugins are loaded."""
    known = tuple(names)
    kind: Any = Literal[known] if known else str  # pyright: ignore[reportInvalidTypeForm]: known only at run time

    def mark(function: F) -> F:
        function.__annotations__[parameter] = Annotated[kind, Field(description=text)]
        return function

    return mark
