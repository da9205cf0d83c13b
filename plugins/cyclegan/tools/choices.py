"""The domains and styles that there are models for: the shipped ones, and those that a user trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import imgen
from imgen.engine.plugins import available
from imgen.inference.registry import Model


class Way(NamedTuple):
    """One direction of one model: its name, and whether it is the one from B to A."""

    model: str
    back: bool


def domains() -> dict[str, Way]:
    """The ways by the domain that they lead to, "sunset"; where another pair has that name already, "night2day"."""
    found: dict[str, Way] = {}
    for name, measured in cards():
        if len(both := texts(measured.get("domains"))) == 2:
            for back, (start, end) in enumerate((both, both[::-1])):
                found[end if end not in found else f"{start}2{end}"] = Way(name, bool(back))
    return found


def styles() -> dict[str, Way]:
    """The ways by the style that they paint in: of a model "cyclegan/style-waves" it is "waves"."""
    return {style: Way(name, False) for name, measured in cards() for style in texts([measured.get("style")])}


def cards() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and measured of all models of this plugin, the shipped ones first; a user's own takes the place of one.

    A file of a user's that is damaged is left out, and does no harm to the others; `imgen doctor` tells of it.
    """
    for model in available().values():
        measured = measured_of(model) if model.name.startswith("cyclegan/") else None
        if measured is not None:
            yield model.name, measured


def texts(value: Any) -> list[str]:
    """The texts in a list; none if it is something else."""
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def measured_of(model: Model) -> dict[str, Any] | None:
    """The measured on a model's card, None if it can't be read or lacks what the tools read of it."""
    try:
        int(model.settings["size"])
        return dict(model.card["measured"])
    except (imgen.ImgenError, ValueError, TypeError, KeyError):
        return None


def models_of_domains() -> Mapping[str, tuple[str]]:
    """The model that leads to each domain."""
    return {name: (way.model,) for name, way in domains().items()}


def models_of_styles() -> Mapping[str, tuple[str]]:
    """The model that paints in each style."""
    return {name: (way.model,) for name, way in styles().items()}
