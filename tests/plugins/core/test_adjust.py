import numpy as np
import pytest
from scipy import ndimage

import imgen
from imgen.image.lab import companded, linear


def test_blur_is_a_gaussian(photo):
    result = imgen.tools()["blur"](photo.pixels, radius=6)
    expected = companded(ndimage.gaussian_filter(linear(photo.pixels), (6, 6, 0), mode="nearest"))
    inner = np.s_[18:-18, 18:-18]  # at the border, the box filters continue what is already smooth
    assert result[inner] == pytest.approx(expected[inner], abs=0.015)
    assert np.array_equal(imgen.tools()["blur"](photo.pixels, radius=0), photo.pixels)


def test_a_blurred_background_takes_nothing_from_the_subject():
    image = np.full((80, 80, 3), 0.2, np.float32)
    subject = np.zeros((80, 80), np.float32)
    subject[30:50, 30:50] = 1
    image[subject > 0] = (1, 0, 0)
    result = imgen.tools()["blur"](image, mask=1 - subject, radius=5)
    assert result[subject == 0] == pytest.approx(0.2, abs=0.01)


def test_saturation(photo):
    assert imgen.tools()["saturation"](photo.pixels, amount=1) == pytest.approx(photo.pixels, abs=1e-6)
    grey = imgen.tools()["saturation"](photo.pixels, amount=0)
    assert np.ptp(grey, axis=2).max() < 1e-6


def test_blur_averages_light_so_that_colours_meet_without_a_dark_rim():
    image = np.zeros((40, 80, 3), np.float32)
    image[:, :40], image[:, 40:] = (1, 0, 0), (0, 1, 0)
    middle = imgen.tools()["blur"](image, radius=8)[20, 40]
    assert linear(middle).sum() == pytest.approx(1, abs=0.01)  # as much light as on either side
    assert middle[:2] == pytest.approx(0.735, abs=0.03)
