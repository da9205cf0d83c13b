"""Recipes to begin with, and recipes inside files that the user brings."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any, NamedTuple

from ...engine.pipeline import recipe_text
from ...errors import ImgenError
from .export import in_users_words


class Starter(NamedTuple):
    """A recipe that the page offers: what it is good for, and its steps as (tool, parameters)."""

    title: str
    about: str
    steps: tuple[tuple[str, dict[str, Any]], ...]


STARTERS = (
    Starter(
        "Restore an old photo",
        "Cleans grain and gives it colours; brush over scratches first",
        (("denoise", {}), ("colorize", {})),
    ),
    Starter(
        "Remove what I brush over",
        "Fills it from its surroundings",
        (("grow_selection", {"pixels": 6}), ("inpaint", {})),
    ),
    Starter("Cut out the subject", "On a transparent ground", (("select_subject", {}), ("selection_to_alpha", {}))),
    Starter(
        "Blur the background",
        "The subject stays sharp",
        (("select_subject", {}), ("invert_selection", {}), ("blur", {"radius": 12.0})),
    ),
    Starter(
        "Only the subject in colour",
        "The rest turns grey",
        (("select_subject", {}), ("invert_selection", {}), ("saturation", {"amount": 0.0})),
    ),
    Starter(
        "Sunset behind me",
        "Another light everywhere but on the subject",
        (("select_subject", {}), ("invert_selection", {}), ("translate", {"domain": "sunset"})),
    ),
    Starter("What would I look like smiling?", "On the largest face of the photo", (("edit_face", {"smile": 2.5}),)),
)


def starters(tools: Container[str]) -> list[dict[str, Any]]:
    """The recipes whose tools are installed, for the page."""
    return [
        {
            "title": starter.title,
            "about": starter.about,
            "steps": [{"tool": tool, "parameters": parameters, "enabled": True} for tool, parameters in starter.steps],
        }
        for starter in STARTERS
        if all(tool in tools for tool, _ in starter.steps)
    ]


def recipe_in(path: Path, name: str) -> str:
    """The recipe's text in an uploaded file: JSON, or a picture that imgen saved.

    Raises:
        ImgenError: there is none.
    """
    try:
        return recipe_text(path)
    except ImgenError as error:
        raise ImgenError(in_users_words(error, path, name)) from error
