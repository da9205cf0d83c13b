"""Directions in the space of codes as sliders: the shipped ones, and those that a user trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import imgen
from imgen import faces
from imgen.engine.plugins import available
from imgen.inference.registry import Model

FIRST = "closeup-directions"  # of two sliders of one name, the one in here is used
MOST = 5.0  # standard deviations
# more of these is drawn over the photo's detail; so would a beard be, but it is seen less often then
ADDING = {"age", "glasses", "gender", "moustache", "makeup"}


class Slider(NamedTuple):
    """One direction: the model that knows it, its number there, what it does, and whose codes it moves."""

    model: str
    column: int
    text: str
    of: str = "vae/faces"


def sliders() -> dict[str, Slider]:
    """All sliders by name, the shipped ones first. Reads cards only."""
    own = [model for model in available().values() if model.name.startswith("vae/")]
    found: dict[str, Slider] = {}
    for model in sorted(own, key=lambda m: (m.origin == "user", m.name != f"vae/{FIRST}")):
        for name, slider in of_card(model):
            found.setdefault(name, slider)
    return found


def of_card(model: Model) -> Iterator[tuple[str, Slider]]:
    """The sliders of one model; none, if its card is no readable card of directions."""
    try:
        measured: Any = model.card.get("measured", {})
    except imgen.ImgenError:
        return  # `imgen doctor` says what is wrong with it
    named = model.name.removeprefix("vae/").replace("-", "_")  # a direction of the user's own is named as its model is
    for column, (name, text) in enumerate(measured.get("sliders", {}).items()):
        yield name or named, Slider(model.name, column, text, measured.get("space", "vae/faces"))


def shown() -> dict[str, imgen.Slider]:
    """The sliders as `edit_face` offers them; each runs its own model and the one whose codes it moves."""
    return {
        name: imgen.Slider(slider.text, -MOST, MOST, models=(slider.of, slider.model))
        for name, slider in sliders().items()
    }


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


def replacing(amounts: dict[str, float]) -> dict[str, float]:
    """Those amounts for which a photo's detail must make room: lines that go must not show through."""
    return {name: value for name, value in amounts.items() if name not in ADDING or value < 0}


def moves(model: str, of: str, amounts: dict[int, float]) -> NDArray[np.float32]:
    """The change of code (latent,) that a file of directions makes of amounts by their column."""
    network = imgen.model(model)
    faces.check_codes(network, imgen.model(of))
    row = np.zeros((1, len(network.card["measured"]["sliders"])), np.float32)
    for column, value in amounts.items():
        row[0, column] = value
    return network(amounts=row)[0]
