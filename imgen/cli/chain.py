"""The steps of a command line: -s begins one, --mask, --opacity and --combine belong to the one before them."""

from __future__ import annotations

import os

from ..contract.texts import converted
from ..engine.pipeline import Pipeline, Step
from ..errors import ParameterError
from ..image.combine import HOW, How
from .steps import parse_step

Part = tuple[str, str]  # an option and its text


def extended(pipeline: Pipeline, parts: list[Part]) -> Pipeline:
    """The pipeline with the steps that the options describe.

    Raises:
        ToolError, ParameterError: a step that cannot be, or an option that has no step before it.
    """
    for option, text in parts:
        if option == "--step":
            pipeline = added(pipeline, text)
        elif not pipeline.steps:
            raise ParameterError(f"{option} belongs to the step before it; write it behind -s TOOL")
        elif option == "--mask":
            last = pipeline.steps[-1]
            masks = mask_part(Pipeline(last.mask), text)
            pipeline = pipeline.blend(mask=masks, opacity=last.opacity)
        else:
            pipeline = pipeline.blend(mask=Pipeline(pipeline.steps[-1].mask), opacity=share(text))
    return pipeline


def added(pipeline: Pipeline, text: str) -> Pipeline:
    """The pipeline with one more step, as in "saturation:amount=0" or "add:select_rectangle:width=0.5"."""
    how, step = how_of(text)
    name, parameters = parse_step(step)
    longer = pipeline.add(name, **converted(Step(name).resolve(), parameters))
    return longer if how is None else longer.combine(how)


def how_of(text: str) -> tuple[How | None, str]:
    """Whether a selection is added, taken away or intersected, and the rest of the text."""
    for how in HOW:
        if text.startswith(f"{how}:"):
            return how, text.removeprefix(f"{how}:")
    return None, text


def mask_part(mask: Pipeline, text: str) -> Pipeline:
    """The mask with what that text selects: a picture's file, or a step that selects; see `added` for combinations."""
    how, rest = how_of(text)
    if not os.path.exists(rest) and "." not in rest.partition(":")[0].removesuffix("."):
        return added(mask, text)
    loaded = mask.add("load_selection", file=os.path.expanduser(rest))
    return loaded if how is None else loaded.combine(how)


def share(text: str) -> float:
    """A number of 0..1, or a percentage.

    Raises:
        ParameterError: it is neither.
    """
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise ParameterError(f"--opacity is a number from 0 to 1, or 50% (got {text!r})") from error
    if 1 < number <= 100 and not text.endswith("%"):
        raise ParameterError(f"--opacity is a number from 0 to 1 (got {text!r}); did you mean {text}%?")
    return number
