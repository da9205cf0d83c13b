"""Types of parameters beside numbers, texts and `Literal`: models, colours, curves, further pictures."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from .places import Colour as Colour
from .places import Share

ModelName = Annotated[str, Field(json_schema_extra={"format": "model"})]
"""A parameter that names a model to run, "plugin/model"; recipes record which weights it was."""


def _rising(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if any(after[0] <= before[0] for before, after in pairwise(points)):
        raise ValueError("each x must be above the one before")
    return points


Curve = Annotated[
    list[tuple[Share, Share]],
    AfterValidator(_rising),
    Field(min_length=2, max_length=64, json_schema_extra={"format": "curve"}),
]
"""A tone curve through points: [[x, y], ...], x rising; [[0, 0], [1, 1]] changes nothing."""


def _picture(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return str(value)  # pyright: ignore[reportUnknownArgumentType]: any path
    if value is None or isinstance(value, (str, np.ndarray)):
        return value  # pyright: ignore[reportUnknownVariableType]: any array; `as_array` checks it
    raise ValueError("must be a picture: a numpy array, or the path of a file")


def picture_type(description: str) -> Any:
    """The type of a further picture, for pydantic."""
    schema = {"type": "string", "format": "picture", "description": description}
    return Annotated[Any, PlainValidator(_picture), WithJsonSchema(schema)]


def candidate_field() -> tuple[Any, int]:
    """The parameter that every tool has that returns `Pictures`."""
    text = "Which of the pictures that it offers; 0 is the first"
    return Annotated[int, Field(ge=0, description=text, json_schema_extra={"format": "candidate"})], 0
