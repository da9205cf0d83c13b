import numpy as np
import pytest

from imgen.noise import estimate_noise


@pytest.mark.parametrize("sigma", [10, 25, 50])
@pytest.mark.parametrize("size", [1, 5])
def test_white_noise_is_found_within_a_tenth(cat, sigma, size):
    image = np.tile(cat, (size * 3, size * 3, 1)).astype(np.float32) / 255 * 0.6 + 0.2
    noisy = image + np.random.default_rng(0).normal(0, sigma / 255, image.shape).astype(np.float32)
    assert estimate_noise(noisy) == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (5, 90), (16, 16)])
def test_any_size_and_flat_pictures(shape):
    assert estimate_noise(np.full((*shape, 3), 0.5, np.float32)) == pytest.approx(0, abs=0.01)
    assert estimate_noise(np.zeros((*shape, 3), np.float32)) == 0
