"""What part of a batch each rank takes."""

from __future__ import annotations

from pydantic import ValidationError

from ..errors import ParameterError
from .trainer import Settings


def part_of(settings: Settings, ranks: int) -> Settings:
    """A rank's share of the settings: every number of pictures in a step divided by the number of ranks.

    So a step sees as many pictures on several devices as on one, and rates mean the same.

    Raises:
        ParameterError: they cannot be divided, or there are none.
    """
    grows = type(settings).grows
    counts = {name: int(getattr(settings, name)) for name, power in grows.items() if power == 1}
    if ranks == 1:
        return settings
    if not counts:
        raise ParameterError("it learns from all of its data in each step, which one device does; give --devices 1")
    for name, value in counts.items():
        if value % ranks:
            best = max(1, round(value / ranks)) * ranks
            raise ParameterError(f"{name}={value} cannot be shared by {ranks} devices; give --set {name}={best}")
    parts = {name: value // ranks for name, value in counts.items()}
    try:
        return type(settings).model_validate(settings.model_dump() | parts)
    except ValidationError as error:
        name, said = str(error.errors()[0]["loc"][0]), error.errors()[0]["msg"]
        each = f"{name}={counts[name]} leaves {name}={parts[name]} to each of {ranks} devices"
        raise ParameterError(f"{each}: {said}; give --set {name} more, or fewer --devices") from error
