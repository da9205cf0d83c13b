"""The domains and styles that there are models for: the shipped ones, and those that a user trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import Field

from imgen.models import user_folder

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
        if len(both := facts.get("domains", [])) == 2:
            for back, (start, end) in enumerate((both, both[::-1])):
                found[end if end not in found else f"{start}2{end}"] = Way(name, bool(back))
    return found


def styles() -> dict[str, Way]:
    """The ways by the style that they paint in: of a model "cyclegan/style-waves" it is "waves"."""
    return {facts["style"]: Way(name, False) for name, facts in cards() if facts.get("style")}


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and facts of all models of this plugin, the shipped ones first; a user's own takes the place of one."""
    shipped = Path(str(files("imgen_exports"))) / "cyclegan"
    own = user_folder() / "cyclegan"
    for folder in (shipped, own):
        for card in sorted(folder.glob("*.json")):
            if folder == shipped and (own / card.name).exists():
                card = own / card.name
            elif folder == own and (shipped / card.name).exists():
                continue
            try:
                facts: Any = json.loads(card.read_text(encoding="utf-8")).get("facts", {})
            except (OSError, ValueError, AttributeError):
                continue  # `imgen doctor` says what is wrong with it
            yield f"cyclegan/{card.stem}", facts


def choice(parameter: str, names: Iterable[str], text: str) -> Callable[[F], F]:
    """Let a tool's parameter be one of names that are known only when plugins are loaded."""
    known = tuple(names)
    kind: Any = Literal[known] if known else str  # pyright: ignore[reportInvalidTypeForm]: known only at run time

    def mark(function: F) -> F:
        function.__annotations__[parameter] = Annotated[kind, Field(description=text)]
        return function

    return mark
