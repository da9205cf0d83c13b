"""What was brushed over the picture, as the page sends it, in pixels of the photo."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from ...contract.arrays import Array
from ...errors import ImgenError
from ...image.strokes import Stroke, painted


class Strokes(BaseModel):
    """What was brushed on the photo with that serial number."""

    photo: int = 0
    strokes: Annotated[list[Stroke], Field(max_length=10_000)] = []


def read_strokes(value: object) -> Strokes:
    """Check what the page sent.

    Raises:
        ImgenError: it is not what the page sends.
    """
    try:
        return Strokes.model_validate(value or {})
    except ValidationError as error:
        raise ImgenError(f"the selection cannot be read: {error.errors()[0]['msg']}") from error


def selection(strokes: Strokes, width: int, height: int, factor: float = 1.0) -> Array | None:
    """The selection of that size, as `painted` makes it; None where nothing is selected."""
    return painted(strokes.strokes, width, height, factor)
