import numpy as np
import pytest
from scipy import ndimage

import imgen
from imgen.image.lab import companded, linear
from imgen_plugins.core.tools.adjust import blur, box_sides


def test_blur_is_a_gaussian(photo):
    result = imgen.tools()["blur"](photo.pixels, radius=6)
    expected = companded(ndimage.gaussian_filter(linear(photo.pixels), (6, 6, 0), mode="nearest"))
    inner = np.s_[18:-18, 18:-18]  # at the border, the box filters continue what is already smooth
    assert result[inner] == pytest.approx(expected[inner], abs=0.015)
    assert np.array_equal(imgen.tools()["blur"](photo.pixels, radius=0), photo.pixels)


@pytest.mark.parametrize("shape", [(700, 300), (3, 70_000), (1, 40), (50, 1)])
@pytest.mark.parametrize("selected", [False, True])
def test_blur_is_box_filters_over_all_of_the_light(shape, selected):
    """Piece by piece and by tables, it is what a plain computation in double precision gives, to 16 bits."""
    rng = np.random.default_rng(0)
    image = rng.random((*shape, 3), dtype=np.float32) ** 3
    image[: shape[0] // 2] *= np.float32(0.05)  # in the dark, the curves are steep
    weight = rng.random(shape, dtype=np.float32) if selected else np.ones(shape, np.float32)
    result = blur(image, weight if selected else None, radius=9)  # before the mask fades it
    weight = np.maximum(weight.astype(np.float64), 1e-4)[..., None]
    light = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055).astype(np.float64) ** 2.4) * weight
    for side in box_sides(9):
        light, weight = (ndimage.uniform_filter(x, (side, side, 1), mode="nearest") for x in (light, weight))
    light /= weight
    expected = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    assert result == pytest.approx(expected, abs=1 / 65535)


def test_blur_keeps_black_and_white_and_what_it_is_given():
    image = np.zeros((60, 90, 3), np.float32)
    image[:, 45:] = 1
    given = image.copy()
    result = imgen.tools()["blur"](image, radius=4)
    assert np.array_equal(image, given)
    assert (result[:, :20] == 0).all()
    assert (result[:, -20:] == 1).all()


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
