"""Recipes of format 1, as imgen 0.1 put them into pictures, load and give the pixels that they gave."""

import numpy as np
import pytest
from filekit import CASES

import imgen

OLD = CASES / "format1"  # made with version 0.1 from cat.png and face.png, chains of tools of every plugin
MADE = ("restored", "light", "face", "style")


@pytest.mark.parametrize("name", MADE)
def test_the_recipe_in_an_old_picture_makes_it_again(name):
    old = imgen.open(OLD / f"old-{name}.png")
    again = imgen.Pipeline.load(OLD / f"old-{name}.png")(
        OLD / ("face.png" if name == "face" else "cat.png"), cache=None
    )
    assert again.pixels.shape == old.pixels.shape
    shown = np.ones(old.pixels.shape[:2], bool) if old.alpha is None else old.alpha > 0  # what is hidden may differ
    error = np.abs(again.pixels - old.pixels)[shown]
    assert error.max() < 2.5 / 255  # processors round differently
    assert error.mean() < 0.6 / 255  # and so does a file of 8 bits
    assert (again.alpha is None) == (old.alpha is None)
    if old.alpha is not None:
        assert np.abs(again.alpha - old.alpha).max() < 2.5 / 255


def test_an_old_recipe_is_written_as_it_was():
    edit = imgen.Pipeline.load(OLD / "old-restored.png")
    assert [step.tool for step in edit.steps] == ["inpaint", "denoise", "saturation", "colorize"]
    assert imgen.Pipeline.from_json(edit.to_json()) == edit
