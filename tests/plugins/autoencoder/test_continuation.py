import numpy as np
import pytest

from imgen_plugins.autoencoder.tools.continuation import continued, mirrored


@pytest.fixture
def gradient():
    y, x = np.mgrid[:160, :240] / 160
    rng = np.random.default_rng(0)
    picture = np.stack([0.3 + 0.4 * y, 0.5 + 0.2 * y + 0.1 * x, 0.9 - 0.25 * y], 2)
    return (picture + rng.normal(0, 0.004, picture.shape)).astype(np.float32)


@pytest.mark.parametrize("strip", [np.s_[-24:], np.s_[:24], np.s_[:, -30:], np.s_[130:150, 100:]])
def test_a_gradient_goes_on(gradient, strip):
    hole = np.zeros(gradient.shape[:2], bool)
    hole[strip] = True
    damaged = np.where(hole[..., None], np.float32(1), gradient)
    surface, worth = continued(damaged, hole)
    assert worth[hole].mean() > 0.95
    assert np.abs(surface - gradient)[hole].mean() * 255 < 2


def test_the_grain_goes_on(gradient):
    hole = np.zeros(gradient.shape[:2], bool)
    hole[-24:] = True
    surface, _ = continued(gradient, hole)
    grain = np.diff(surface[-20:-2], axis=1).std(), np.diff(gradient[-20:-2], axis=1).std()
    assert 0.8 < grain[0] / grain[1] < 1.25


def test_texture_is_not_taken_for_a_gradient(cat):
    hole = np.zeros(cat.shape[:2], bool)
    hole[-30:] = True
    _, worth = continued((cat / 255).astype(np.float32), hole)
    assert worth[hole].mean() < 0.5


def test_a_pixel_of_the_hole_comes_from_the_other_side_of_its_edge():
    picture = np.arange(8, dtype=np.float32)[:, None, None].repeat(5, 1).repeat(3, 2)
    hole = np.zeros((8, 5), bool)
    hole[6:] = True
    assert mirrored(picture, hole)[:, 2, 0].tolist() == [0, 1, 2, 3, 4, 5, 4, 3]
