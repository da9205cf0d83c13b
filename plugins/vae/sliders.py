"""Directions in the space of codes as sliders: the shipped ones, and those that a user trained."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import imgen
from imgen.inference.registry import user_folder

FIRST = "closeup-directions"  # of two sliders of one name, the one in here is used
MOST = 5.0  # standard deviations


class Slider(NamedTuple):
    """One direction: the model that knows it, its number there, what it does, and whose codes it moves."""

    model: str
    column: int
    text: str
    of: str = "vae/faces"


def sliders() -> dict[str, Slider]:
    """All sliders by name. Reads cards only, so that it can be called while plugins are being loaded."""
    shipped = Path(str(files("imgen_exports"))) / "vae"
    found: dict[str, Slider] = {}
    for folder in (shipped, user_folder() / "vae"):
        for card in sorted(folder.glob("*.json"), key=lambda card: (card.stem != FIRST, card)):
            for name, slider in of_card(card):
                found.setdefault(name, slider)
    return found


def of_card(card: Path) -> Iterator[tuple[str, Slider]]:
    """The sliders of one model; none, if its card is no readable card of directions."""
    try:
        facts: Any = json.loads(card.read_text(encoding="utf-8")).get("facts", {})
    except (OSError, ValueError, AttributeError):
        return  # `imgen doctor` says what is wrong with it
    for column, (name, text) in enumerate(facts.get("sliders", {}).items()):
        own = name or card.stem.replace("-", "_")  # a direction of the user's own is named as its model is
        yield own, Slider(f"vae/{card.stem}", column, text, facts.get("space", "vae/faces"))


def declare(function: Callable[..., Any]) -> Callable[..., Any]:
    """Put a parameter for each slider in the place of `**amounts` in the function's signature."""
    signature, found = inspect.signature(function), sliders()
    own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=0.0, annotation=amount(slider.text))
        for name, slider in found.items()
        if name.isidentifier() and name not in signature.parameters
    ]
    function.__dict__["__signature__"] = signature.replace(parameters=[own[0], *added, *own[1:]])
    function.__annotations__ = {
        **{name: hint for name, hint in function.__annotations__.items() if name != "amounts"},
        **{p.name: p.annotation for p in added},
    }
    models = dict.fromkeys(model for slider in found.values() for model in (slider.of, slider.model))
    return imgen.uses("core/faces", "vae/faces", *(model for model in models if model != "vae/faces"))(function)


def amount(text: str) -> Any:
    """The type of one slider."""
    return Annotated[float, Field(ge=-MOST, le=MOST, description=text)]


def offsets(amounts: dict[str, float]) -> dict[str, NDArray[np.float32]]:
    """By the name of the autoencoder, the change of code (latent,) for amounts in standard deviations.

    Raises:
        ImgenError: a direction was learned for another autoencoder than the present one.
    """
    found = {name: slider for name, slider in sliders().items() if name in amounts}
    total: dict[str, NDArray[np.float32]] = {}
    for model in sorted({slider.model for slider in found.values()}):
        columns = {s.column: amounts[name] for name, s in found.items() if s.model == model}
        of = next(slider.of for slider in found.values() if slider.model == model)
        total[of] = total.get(of, np.float32(0)) + moves(model, of, columns)
    return total


def moves(model: str, of: str, amounts: dict[int, float]) -> NDArray[np.float32]:
    """The change of code (latent,) that a file of directions makes of amounts by their column."""
    network = imgen.model(model)
    if network.card["facts"]["codes_of"] != imgen.model(of).checksum:
        raise imgen.ImgenError(
            f"{model} was learned for another {of} than the one in use; train it again with "
            f"`imgen train {model}`, or remove your own {of} (`imgen models` shows where it is)"
        )
    row = np.zeros((1, len(network.card["facts"]["sliders"])), np.float32)
    for column, value in amounts.items():
        row[0, column] = value
    return network(amounts=row)[0]
