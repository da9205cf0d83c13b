"""Steps, masks and opacities as one writes them on the command line."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

import imgen
from imgen.cli.chain import extended
from imgen.cli.entry import main

RUN = [
    "-s", "saturation:amount=0", "--mask", "select_rectangle:width=0.5", "--mask", "intersect:mask.png",
    "--opacity", "50%", "-s", "select_rectangle:height=0.5", "-s", "add:select_rectangle:width=0.25",
]  # fmt: skip


def test_the_command_line_and_python_say_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = imgen.Photo.from_array(data.astronaut()[100:180, 60:180])
    photo.save("photo.png")
    mask = np.zeros((80, 120), np.float32)
    mask[20:60] = 1
    imgen.Photo.from_array(mask).save("mask.png")
    assert main(["run", "photo.png", *RUN, "-o", "made.png", "--quiet"]) == 0
    place = imgen.Pipeline().add("select_rectangle", width=0.5).add("load_selection", file="mask.png")
    edit = imgen.Pipeline().add("saturation", amount=0).blend(mask=place.combine("intersect"), opacity=0.5)
    edit = edit.add("select_rectangle", height=0.5).add("select_rectangle", width=0.25).combine("add")
    edit("photo.png").save("python.png")
    made = imgen.open("made.png")
    assert np.array_equal(made.pixels, imgen.open("python.png").pixels)
    assert (made.pixels != photo.pixels).any(2)[:, :60][20:60].mean() > 0.9
    assert made.recipe == imgen.open("python.png").recipe
    assert main(["run", "photo.png", "--pipeline", "made.png", "-o", "again.png", "--quiet"]) == 0
    assert np.array_equal(imgen.open("again.png").pixels, made.pixels)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([("--mask", "mask.png")], "--mask belongs to the step before it"),
        ([("--opacity", "0.5")], "--opacity belongs to the step before it"),
        ([("--step", "blur"), ("--opacity", "much")], "--opacity is a number from 0 to 1"),
        ([("--step", "blur"), ("--opacity", "50")], "from 0 to 1 .got '50'.; did you mean 50%"),
        ([("--step", "blur"), ("--opacity", "150%")], "between 0 and 1"),
        ([("--step", "blur"), ("--mask", "saturation")], "saturation does not"),
        ([("--step", "add:blur")], "only steps that select are combined"),
        ([("--step", "blur"), ("--mask", "select_rectangel")], "select_rectangle"),
    ],
)
def test_what_cannot_be_is_told(parts, message):
    with pytest.raises(imgen.ImgenError, match=message):
        extended(imgen.Pipeline(), parts)
