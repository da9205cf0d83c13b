"""Every tool of every installed plugin keeps the promises of docs/plugins.md."""

import numpy as np
import pytest

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.plugins import installed
from imgen.testing import problems
from imgen_plugins.dcgan.tools import search

FEW = 5  # steps of a search for a face's code: the kit asks for promises, not for likeness
WHOLE = {"box": (0.0, 0.0, 1.0, 1.0)}  # the kit's pictures show no face
NEEDED = {
    "select_colour": {"colour": "#808080"},
    "edit_face": WHOLE | {"smile": 2.0},
    "perturb_latent": WHOLE,
    "latent_sheet": WHOLE | {"count": 2},
    "add_to_face": WHOLE | {"terms": "+glasses"},
    "complete_face": WHOLE | {"candidates": 1},
    "restyle_face": WHOLE | {"smile": 1.0},
    "clean_face": WHOLE,
    "text": {"words": "Words"},
    "morph_codes": WHOLE | {"other": np.full((30, 30, 3), 0.5, np.float32), "other_box": WHOLE["box"]},
    "morph_faces": WHOLE | {"other": np.full((30, 30, 3), 0.5, np.float32), "other_box": WHOLE["box"]},
}


@pytest.mark.parametrize("name", sorted(imgen.tools()))
def test_tool(name, request, monkeypatch):
    monkeypatch.setattr("imgen_plugins.dcgan.tools.completion.STEPS", FEW)
    monkeypatch.setattr(search.inverted, "__defaults__", (FEW,))
    parameters = dict(NEEDED.get(name, {}))
    if name == "image_to_image":  # runs only on a model of the user's own
        parameters["model"] = request.getfixturevalue("identity_model")
    assert problems(imgen.tools()[name], **parameters) == []


def dishonest(image: imgen.Image, *, amount: float = 1.0) -> imgen.Image:
    """Random, and says nothing of its parameter"""
    return np.random.default_rng().random(image.shape, dtype=np.float32) * np.float32(amount)


def test_the_kit_finds_what_is_wrong(monkeypatch):
    tools = {**installed().tools, "dishonest": tool_from(dishonest)}
    monkeypatch.setattr(installed(), "_tools", tools)
    found = " ".join(problems(tools["dishonest"]))
    assert "full stop" in found
    assert "'amount' needs a description" in found
    assert "two runs differ" in found


def test_the_kit_finds_bytes_for_pixels(offer):
    def loud(image: imgen.Image) -> imgen.Image:
        """Make bytes of it."""
        return image * np.float32(255)

    offer(loud)
    assert "from 0 to 1" in " ".join(problems(installed().tools["loud"]))
