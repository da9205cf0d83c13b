"""What people come for: tasks and recipes to begin with; and recipes inside files that the user brings."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...engine.pipeline import recipe_text
from ...engine.plugins import installed
from ...errors import ImgenError
from .export import in_users_words

Steps = tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class Starter:
    """Steps for something that people want, and how the page shows them.

    Attributes:
        title: what it does.
        about: in one line.
        steps: as (tool, parameters).
        task: its name among the large actions, which name the look of its thumbnail; empty for a recipe of the menu.
        arms: what the hand holds at once: "brush", or nothing.
        do: what the person is to do, if anything.
        shows: the controls to show at once, as (step, parameter).
        switches: steps with a switch of their own, as (step, label).
        picks: places to click on the photo, as (step, parameter, label).
        waits: steps that wait for a selection instead of asking for one.
        adds: steps that add to what is brushed, instead of selecting anew.
        grey: steps that begin switched off on a photo that has colours.
        also: by which other words people look for it.
    """

    title: str
    about: str
    steps: Steps
    task: str = ""
    arms: str = ""
    do: str = ""
    shows: tuple[tuple[int, str], ...] = ()
    switches: tuple[tuple[int, str], ...] = ()
    picks: tuple[tuple[int, str, str], ...] = ()
    waits: tuple[int, ...] = ()
    adds: tuple[int, ...] = ()
    grey: tuple[int, ...] = ()
    also: str = field(default="")


STARTERS = (
    Starter(
        "Restore an old photo",
        "Finds and repairs scratches and spots, cleans grain, gives colours",
        (("select_damage", {}), ("inpaint", {}), ("clear_selection", {}), ("denoise", {}), ("colorize", {})),
        task="restore",
        arms="brush",
        do="Scratches and spots are found; brush over what was missed.",
        shows=((0, "sensitivity"), (3, "noise")),
        switches=((0, "Find damage"), (3, "Clean grain"), (4, "Give colours")),
        waits=(1,),
        adds=(0,),
        grey=(4,),
        also="old, scratch, repair, damaged, heal, family, black and white",
    ),
    Starter(
        "Remove something",
        "Fills what you brush over from its surroundings",
        (("grow_selection", {"pixels": 6}), ("inpaint", {})),
        task="remove",
        arms="brush",
        do="Brush over what is to go.",
        shows=((0, "pixels"),),
        waits=(0, 1),
        also="erase, watermark, object, person, wire, heal, clone, delete",
    ),
    Starter(
        "Cut out",
        "The subject on a transparent ground",
        (("select_subject", {}), ("selection_to_alpha", {})),
        task="cut",
        picks=((0, "points", "Click what to keep"), (0, "background_points", "Click what to leave out")),
        also="background, transparent, remove background, sticker, png, subject",
    ),
    Starter(
        "Blur background",
        "The subject stays sharp",
        (("select_subject", {}), ("invert_selection", {}), ("blur", {"radius": 12.0})),
        task="blur",
        shows=((2, "radius"),),
        picks=((0, "points", "Click what stays sharp"),),
        also="bokeh, depth, portrait, background, soft",
    ),
    Starter(
        "Colourise",
        "Colours for a black-and-white photo",
        (("colorize", {}),),
        task="colour",
        shows=((0, "vividness"), (0, "strength")),
        also="colorize, black and white, old photo, grey, monochrome",
    ),
    Starter(
        "Enhance",
        "Less noise, livelier colours",
        (("denoise", {}), ("saturation", {"amount": 1.25})),
        task="enhance",
        shows=((0, "detail"), (1, "amount")),
        also="improve, better, noise, vivid, quality, auto",
    ),
    Starter(
        "Another light",
        "An evening, a bright day, or a painter's light",
        (("translate", {"domain": "sunset"}),),
        task="light",
        shows=((0, "domain"), (0, "strength")),
        also="sunset, evening, day, mood, relight",
    ),
    Starter(
        "Style",
        "As if another hand had painted it",
        (("stylize", {}),),
        task="style",
        shows=((0, "style"), (0, "strength")),
        also="painting, drawing, art, filter, sketch",
    ),
    Starter(
        "Face",
        "A smile, another age, glasses",
        (("edit_face", {}),),
        task="face",
        shows=((0, "smile"), (0, "age")),
        picks=((0, "points", "Choose another face"),),
        also="smile, portrait, age, younger, older, glasses, retouch",
    ),
    Starter(
        "Only the subject in colour",
        "The rest turns grey",
        (("select_subject", {}), ("invert_selection", {}), ("saturation", {"amount": 0.0})),
        also="black and white, background, selective colour",
    ),
    Starter(
        "Sepia",
        "The brown of an old print",
        (("saturation", {"amount": 0.0}), ("temperature", {"warmth": 0.8})),
        also="brown, tone, vintage, old photo",
    ),
    Starter(
        "Sunset behind me",
        "Another light everywhere but on the subject",
        (("select_subject", {}), ("invert_selection", {}), ("translate", {"domain": "sunset"})),
        also="background, evening",
    ),
    Starter(
        "What would I look like smiling?",
        "On the largest face of the photo",
        (("edit_face", {"smile": 2.5}),),
        also="smile, face, portrait",
    ),
)


def starters(tools: Container[str]) -> list[dict[str, Any]]:
    """The recipes whose tools are installed, for the page: its own, then those that plugins ship for something else."""
    mine = [[tool for tool, _ in starter.steps] for starter in STARTERS]
    others = (s for s in installed().starters()[0] if [tool for tool, _ in s.steps] not in mine)
    shipped = (Starter(s.title, s.about, tuple(s.steps)) for s in others)
    return [
        {**asdict(starter), "steps": cards(starter)}
        for starter in (*STARTERS, *shipped)
        if all(tool in tools for tool, _ in starter.steps)
    ]


def cards(starter: Starter) -> list[dict[str, Any]]:
    """Its steps as the page's cards; those that wait begin with the selection that they wait for."""
    return [
        {
            "tool": tool,
            "parameters": parameters,
            "enabled": True,
            "waits": index in starter.waits,
            "grey": index in starter.grey,
            "combine": "add" if index in starter.adds else "replace",
        }
        for index, (tool, parameters) in enumerate(starter.steps)
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
