import numpy as np
import pytest
from scipy import ndimage
from skimage import data

import imgen
from imgen.training.metrics import psnr
from imgen_plugins.autoencoder.tools.noise import examine
from imgen_plugins.autoencoder.tools.views import (
    MODELS,
    agreement,
    smaller,
    softness,
    without_camera_noise,
    without_noise,
)


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    """The cat as soft as photos of many megapixels are."""
    cat = imgen.Photo.from_array(data.chelsea()[:160, 80:280]).pixels
    return ndimage.zoom(cat, (1.5, 1.5, 1), order=1)


@pytest.fixture(scope="module")
def noisy(clean) -> np.ndarray:
    """The cat with noise of its lightness that is coarser than a pixel."""
    return coarse(clean, 6)


def coarse(image: np.ndarray, sigma: float) -> np.ndarray:
    grain = ndimage.gaussian_filter(np.random.default_rng(0).normal(0, 1, image.shape[:2]), 1.1)
    return (image + (grain / grain.std() * sigma / 255).astype(np.float32)[..., None]).clip(0, 1)


@pytest.mark.parametrize("quality", ["fast", "best"])
def test_several_views_of_a_cameras_noise_see_more_than_one(clean, noisy, quality):
    one, several = (without_camera_noise(noisy, 5, quality, None, sure) for sure in (0, 1))
    assert psnr(several, clean) > psnr(one, clean) + 0.01


def test_one_view_alone_is_what_its_model_makes(noisy):
    assert np.array_equal(
        without_camera_noise(noisy, 5, "best", None, 0), without_noise(noisy, 5, MODELS["best"], None)
    )


def test_an_estimate_that_sees_a_camera_takes_them():
    photo = coarse(imgen.Photo.from_array(data.chelsea()).pixels, 4)
    found = examine(photo)
    assert found.camera > 0.5
    made = imgen.tools()["denoise"](photo, quality="fast")
    assert np.array_equal(made, without_camera_noise(photo, found.level, "fast", None, found.camera))


def test_what_a_smaller_size_cannot_show_stays(noisy):
    stripes = noisy.copy()
    stripes[80:120, ::3] = 0.1
    one = without_noise(stripes, 5, MODELS["fast"], None)
    several = without_camera_noise(stripes, 5, "fast", None, 1)
    assert smaller(stripes, 5, MODELS["fast"], None)[52:68].std() < 0.8 * one[85:115].std()  # which has them weaker
    assert several[85:115].std() > 0.99 * one[85:115].std()


def test_pictures_agree_as_far_as_they_differ_by_less_than_the_noise():
    grey = np.full((20, 30, 3), 0.5, np.float32)
    assert agreement(grey, grey, 5) == pytest.approx(1)
    assert agreement(grey, grey + np.float32(2 / 255), 5) == pytest.approx(np.exp(-0.0625), abs=1e-3)
    assert agreement(grey, grey + np.float32(0.1), 5).max() < 1e-4


def test_small_sharp_photos_are_not_ones_that_a_smaller_size_can_show():
    alike = np.full((20, 30, 1), 0.95, np.float32)
    alike[:, :15] = 0.3
    selected = np.zeros((20, 30), np.float32)
    assert softness(alike, selected) == softness(alike, None) == 0
    selected[:, 15:] = 1
    assert softness(alike, selected) == 1


@pytest.mark.parametrize("quality", ["fast", "best"])
def test_what_is_not_selected_stays_bit_by_bit(noisy, quality):
    mask = np.zeros(noisy.shape[:2], np.float32)
    mask[30:90, 100:170] = 1
    made = without_camera_noise(noisy, 5, quality, mask, 1)
    assert np.array_equal(made[mask == 0], noisy[mask == 0])
    whole = without_camera_noise(noisy, 5, quality, None, 1)
    assert made[40:80, 110:160] == pytest.approx(whole[40:80, 110:160], abs=0.02)


def test_tiny_pictures():
    assert without_camera_noise(np.full((1, 2, 3), 0.5, np.float32), 5, "best", None, 1).shape == (1, 2, 3)
