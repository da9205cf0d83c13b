"""A photo turned by a few degrees."""

from __future__ import annotations

import math

import numpy as np
import pytest

import imgen
from imgen_plugins.core.tools.straighten import straight_size, straightened


def slanted(degrees: float, width: int = 300, height: int = 200) -> imgen.Photo:
    """A photo with a horizon that falls to the right: dark above, light below, where it should be."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    below = (rows - height / 2) * math.cos(math.radians(degrees)) > (columns - width / 2) * math.sin(
        math.radians(degrees)
    )
    return imgen.Photo.from_array(np.repeat(below[..., None], 3, 2).astype(np.float32))


@pytest.mark.parametrize("degrees", [-12.0, 3.0, 30.0])
def test_a_slanted_horizon_becomes_straight(degrees: float):
    made = straightened(slanted(degrees), -degrees)
    middle = made.height / 2
    rows = np.arange(made.height) + 0.5
    assert made.pixels[rows < middle - 1.5].max() < 0.05
    assert made.pixels[rows > middle + 1.5].min() > 0.95


def test_no_corner_is_empty_and_the_shape_stays():
    white = imgen.Photo.from_array(np.ones((200, 300, 3), np.float32))
    for angle in (-45.0, -7.0, 1.0, 20.0):
        made = straightened(white, angle)
        assert (made.width, made.height) == straight_size(300, 200, angle)
        assert made.width / made.height == pytest.approx(1.5, rel=0.02)
        assert made.pixels[1:-1, 1:-1].min() > 0.99


def test_what_is_hidden_does_not_come_into_the_light():
    pixels = np.zeros((60, 60, 4), np.float32)
    pixels[..., 0] = 1  # red that is hidden
    pixels[:30] = (0, 0, 1, 1)
    made = straightened(imgen.Photo.from_array(pixels), 10.0)
    seen = made.alpha > 0.05
    assert made.pixels[seen][:, 0].max() < 0.05
    assert made.pixels[seen][:, 2].min() > 0.9


def test_the_crop_turns_first(tmp_path):
    photo = slanted(5.0)
    photo = photo.replace(selection=photo.pixels[..., 0])
    half = imgen.Pipeline().add("crop", angle=-5.0, top=0.5, height=0.5).run(photo)
    whole = straightened(photo, -5.0)
    assert (half.width, half.height) == (whole.width, round(whole.height / 2))
    assert half.pixels[3:].min() > 0.95
    assert half.selection[3:].min() > 0.95
    assert straightened(photo, 0.0) is photo
