"""What part of a batch each rank takes, and whether all ranks do the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ..errors import ParameterError, TrainingError
from .ranks import Ranks
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


def check_alike(ranks: Ranks, own: Sequence[Any]) -> None:
    """All ranks were told to do the same and find the same checkpoint.

    Args:
        ranks: of which this process is one.
        own: model, settings, minutes, steps, seed, and the step of the checkpoint, as this one knows them.

    Raises:
        TrainingError: rank 0 knows others.
    """
    text = json.dumps(own)
    if (first := ranks.told(text)) != text:
        raise TrainingError(
            f"rank {ranks.rank} was told {text} and rank 0 {first} (model, settings, minutes, steps, seed, and the "
            "checkpoint's step); give all machines the same command, and an --out that they share"
        )


def devices(count: int) -> str:
    """1 device, 2 devices."""
    return f"{count} device{'s'[: count != 1]}"
