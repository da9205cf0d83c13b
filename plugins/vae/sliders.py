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
from imgen.models import user_folder

SHIPPED = "vae/directions"
MOST = 5.0  # standard deviations


class Slider(NamedTuple):
    """One direction: the model that knows it, its number there, and what it does."""

    model: str
    column: int
    text: str


def sliders() -> dict[str, Slider]:
    """All sliders by name. Reads cards only, so that it can be called while plugins are being loaded."""
    shipped = Path(str(files("imgen_exports"))) / "vae"
    found: dict[str, Slider] = {}
    for folder in (shipped, user_folder() / "vae"):
        for card in sorted(folder.glob("*.json")):
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
        yield own, Slider(f"vae/{card.stem}", column, text)


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
    models = dict.fromkeys(slider.model for slider in found.values())
    return imgen.uses("core/faces", "vae/faces", *models)(function)


def amount(text: str) -> Any:
    """The type of one slider."""
    return Annotated[float, Field(ge=-MOST, le=MOST, description=text)]


def offset(amounts: dict[str, float]) -> NDArray[np.float32]:
    """The change of code (latent,) for amounts in standard deviations.

    Raises:
        ImgenError: a direction was learned for another `vae/faces` than the present one.
    """
    found = sliders()
    total = np.zeros(1, np.float32)
    for name in sorted({found[name].model for name in amounts}):
        network = imgen.model(name)
        if network.card["facts"]["codes_of"] != imgen.model("vae/faces").checksum:
            raise imgen.ImgenError(
                f"{name} was learned for another vae/faces than the one in use; train it again with "
                "`imgen train vae/directions`, or remove your own vae/faces (`imgen models` shows where it is)"
            )
        row = np.zeros((1, len(network.card["facts"]["sliders"])), np.float32)
        for slider, value in ((found[n], v) for n, v in amounts.items() if found[n].model == name):
            row[0, slider.column] = value
        total = total + network(amounts=row)[0]
    return total
