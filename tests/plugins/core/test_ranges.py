from __future__ import annotations

import numpy as np
import pytest
from skimage import color, data

import imgen

TOOLS = imgen.tools()


@pytest.fixture
def stripes():
    """Red, dark red, green and grey, twenty columns each."""
    made = np.zeros((40, 80, 3), np.float32)
    for i, colour in enumerate(([0.8, 0.1, 0.1], [0.55, 0.05, 0.05], [0.1, 0.7, 0.2], [0.5, 0.5, 0.5])):
        made[:, 20 * i : 20 * i + 20] = colour
    return made


def columns(mask):
    return [round(float(mask[:, 20 * i + 5 : 20 * i + 15].mean()), 2) for i in range(4)]


def test_a_colour_and_its_shades_are_selected(stripes):
    by_click = TOOLS["select_colour"](stripes, points=[[0.1, 0.5]], tolerance=0.3)
    assert columns(by_click) == [1, 1, 0, 0]
    assert columns(TOOLS["select_colour"](stripes, colour="#cc1a1a", tolerance=0.3)) == [1, 1, 0, 0]
    assert columns(TOOLS["select_colour"](stripes, points=[[0.1, 0.5], [0.6, 0.5]], tolerance=0.3)) == [1, 1, 1, 0]
    assert columns(TOOLS["select_colour"](stripes, points=[[0.1, 0.5]], tolerance=0, softness=0)) == [1, 0, 0, 0]


def test_softness_is_a_slope(stripes):
    soft = TOOLS["select_colour"](stripes, points=[[0.1, 0.5]], tolerance=0.25, softness=1.0)
    assert 0 < columns(soft)[1] < 1


def test_a_colour_must_be_given(stripes):
    with pytest.raises(imgen.ParameterError, match="click on the colour"):
        TOOLS["select_colour"](stripes)


def test_brightness_is_lightness_of_cielab():
    photo = data.astronaut()
    lightness = color.rgb2lab(photo)[..., 0] / 100
    mask = TOOLS["select_brightness"](photo, darkest=0.3, brightest=0.6, softness=0)
    inside = (lightness > 0.302) & (lightness < 0.598)
    outside = (lightness < 0.298) | (lightness > 0.602)
    assert mask[inside].min() == 1
    assert mask[outside].max() == 0
    with pytest.raises(imgen.ParameterError, match="swap them"):
        TOOLS["select_brightness"](photo, darkest=0.9, brightest=0.1)


@pytest.mark.parametrize(("darkest", "brightest"), [(0.6, 1), (0, 0.4), (0, 1)])
def test_black_and_white_are_selected_in_full(darkest, brightest):
    grey = np.linspace(0, 1, 11, dtype=np.float32)[None, :, None].repeat(3, 2)
    mask = TOOLS["select_brightness"](grey, darkest=darkest, brightest=brightest)[0]
    assert mask[0] == (darkest == 0)
    assert mask[-1] == (brightest == 1)


def test_strokes_fit_a_photo_of_any_size():
    strokes = [
        {"mode": "box", "radius": 0.01, "points": [[0, 0], [0.5, 1]]},
        {"mode": "erase", "radius": 0.1, "points": [[0.25, 0.5], [0.25, 0.5]]},
        {"mode": "paint", "radius": 0.05, "points": [[0.8, 0.2], [0.8, 0.8]]},
    ]
    small = TOOLS["select_strokes"](np.zeros((60, 120, 3), np.float32), strokes=strokes)
    large = TOOLS["select_strokes"](np.zeros((600, 1200, 3), np.float32), strokes=strokes)
    assert small.shape == (60, 120)
    assert abs(small.mean() - large.mean()) < 0.01
    assert large[300, 300] == 0  # erased
    assert large[300, 960] == 1  # painted
    assert large[30, 30] == 1
    assert TOOLS["select_strokes"](np.zeros((6, 6, 3), np.float32)).max() == 0


def test_strokes_travel_in_a_recipe():
    stroke = {"mode": "paint", "radius": 0.05, "points": [[0.8, 0.2], [0.8, 0.8]]}
    edit = imgen.Pipeline().add("select_strokes", strokes=[stroke])
    again = imgen.Pipeline.from_json(edit.to_json())
    photo = imgen.Photo(np.zeros((60, 120, 3), np.float32))
    assert np.array_equal(again(photo, cache=None).selection, edit(photo, cache=None).selection)
    assert again.to_json() == edit.to_json()
