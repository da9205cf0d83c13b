"""The page's cards become a pipeline, and a recipe becomes cards."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from ...contract.tool import Tool
from ...engine.pipeline import Pipeline, Step, differences
from ...engine.recipe import PARTS
from ...engine.step import checked, with_masks
from ...errors import ImgenError, ParameterError, PipelineError
from ...image.combine import How
from ...image.photo import Photo
from .budget import carried_cost
from .controls import controls, effect
from .workspace import Carried, Workspace

MARK = "picture:"  # begins a parameter that names a picture of the workspace
MOST_STEPS = 200


class Card(BaseModel):
    """One step, or one part of a step's mask, as the page sends it."""

    tool: Annotated[str, Field(max_length=200)]
    parameters: dict[str, Any]
    enabled: bool = True
    opacity: float = 1.0
    mask: Annotated[list[Card], Field(max_length=PARTS)] = []
    combine: How = "replace"


class Cards(BaseModel):
    """All of them, and the number of the one whose mask is looked at."""

    steps: Annotated[list[Card], Field(max_length=MOST_STEPS)] = []
    shows: int = -1


def read_cards(value: object) -> Cards:
    """What the page sent.

    Raises:
        PipelineError: it is not what the page sends.
    """
    try:
        return Cards.model_validate(value or {})
    except (ValidationError, RecursionError) as error:
        raise PipelineError("the steps cannot be read; reload the page") from error


def pipeline_of(value: object, workspace: Workspace) -> Pipeline:
    """The pipeline that the cards describe.

    Args:
        value: the chain's value, {"steps": [{"tool", "parameters", "enabled", "opacity", "mask", "combine"}]}.
        workspace: knows the pictures that the parameters name.

    Raises:
        ImgenError: a step cannot be done; the message says which and why.
    """
    cards = read_cards(value).steps
    given = (v for card in cards for one in (card, *card.mask) for v in one.parameters.values())
    workspace.name_pictures(v.removeprefix(MARK) for v in given if isinstance(v, str) and v.startswith(MARK))
    return Pipeline(tuple(checked(step_of(card, workspace)) for card in cards))


def step_of(card: Card, workspace: Workspace) -> Step:
    """A card as a step, not checked yet.

    Raises:
        ImgenError: a parameter that cannot be.
    """
    tool = Step(card.tool).resolve()
    parameters = {name: parameter(tool, name, value, workspace) for name, value in card.parameters.items()}
    filled = {name: value for name, value in parameters.items() if value is not Ellipsis}
    mask = tuple(step_of(part, workspace) for part in card.mask)
    return Step(card.tool, filled, card.enabled, card.opacity, mask, card.combine)


def parameter(tool: Tool, name: str, value: Any, workspace: Workspace) -> Any:
    """One parameter as the tool takes it; Ellipsis stands for one that was left empty.

    A picture is one that this page uploaded, and never a path: the page may not name files of this machine.
    """
    if name in tool.pictures:
        if value in (None, ""):
            return ...
        if not isinstance(value, str) or value.removeprefix(MARK) not in workspace.pictures:
            raise ParameterError(f"{tool.name}: choose the picture for {name} again")
        found = workspace.pictures[value.removeprefix(MARK)]
        return found.text if isinstance(found, Carried) else found
    if name in tool.signature.files and isinstance(value, str) and not value.startswith("data:"):
        raise ParameterError(f"{tool.name}: choose the file for {name} again")
    if isinstance(value, str) and any(c["name"] == name and c["kind"] == "json" for c in controls(tool)):
        with suppress(ValueError, RecursionError):  # plain text is checked, and explained, with all the other values
            return json.loads(value)
    return value


def check_selections(pipeline: Pipeline, photo: Photo) -> None:
    """Say in the page's words what is missing, before a long run finds out.

    Raises:
        ImgenError: a step needs a selection, or a picture, and has none.
    """
    selected = photo.selection is not None
    for step in pipeline.steps:
        tool = step.resolve()
        if not step.enabled:
            continue
        for name in missing(step, tool):
            if step.mask and tool.pictures[name] == "mask":
                continue
            if tool.pictures[name] == "image":
                raise ImgenError(f"{tool.name} needs a second picture: choose one for {name} on its card")
            if not selected:
                raise ImgenError(
                    f"{tool.name} needs a selection: brush over the picture, or add a Select step before it"
                )
        if tool.takes == "mask" and not selected:
            raise ImgenError(f"{tool.name} changes a selection and there is none: brush over the picture first")
        selected = effect(tool) == "selects" or (selected and effect(tool) != "clears")


def missing(step: Step, tool: Tool) -> list[str]:
    """Pictures that the tool cannot do without and that were not chosen."""
    required = tool.schema.get("required", [])
    return [name for name in tool.pictures if name in required and step.parameters.get(name) is None]


def recipe_of(pipeline: Pipeline, photo: Photo) -> Pipeline:
    """The pipeline with the brushed selection as its first step, so that it gives the same picture anywhere."""
    if photo.selection is None:
        return pipeline
    return Pipeline((Step("load_selection", {"file": photo.selection}), *pipeline.steps))


def cards_of(text: str, workspace: Workspace) -> tuple[list[dict[str, Any]], list[str]]:
    """The cards for a recipe's text, and what differs from the machine where it was made.

    Raises:
        ImgenError: it is no recipe, has a step that is not known here, or names files.
    """
    pipeline = Pipeline.from_json(text, files=False)
    return [card_of(step, workspace) for step in pipeline.steps], differences(text, pipeline.steps)


def card_of(step: Step, workspace: Workspace) -> dict[str, Any]:
    """A step as a card; pictures inside it are kept here and named."""
    tool = step.resolve()
    parameters = dict(step.parameters)
    for name in tool.pictures:
        if isinstance(parameters.get(name), str):
            parameters[name] = MARK + workspace.keep(Carried(tool, name, parameters[name]))
    place = {"opacity": step.opacity, "combine": step.combine}
    mask = [card_of(part, workspace) for part in step.mask]
    return {"tool": step.tool, "parameters": parameters, "enabled": step.enabled, "mask": mask, **place}


def carried(pipeline: Pipeline) -> int:
    """Bytes that the pictures will take that the steps carry as text, when they run."""
    steps = with_masks(step for step in pipeline.steps if step.enabled)
    values = (step.parameters.get(name) for step in steps for name in step.resolve().pictures)
    return sum(carried_cost(value) for value in values if isinstance(value, str))
