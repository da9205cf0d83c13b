import numpy as np
import pytest

from imgen.training import corrupt


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((128, 128, 3), 0.5, np.float32)


def test_gaussian_has_the_given_strength(grey):
    assert np.std(corrupt.gaussian(grey, np.random.default_rng(0), 0.1) - grey) == pytest.approx(0.1, rel=0.02)


def test_camera_noise_has_about_the_given_strength(grey):
    rng = np.random.default_rng(0)
    levels = [np.std(corrupt.camera(grey, rng, 0.05) - grey) for _ in range(30)]
    assert np.mean(levels) == pytest.approx(0.05, rel=0.35)
    assert corrupt.camera(grey, rng, 0.5).max() <= 1


def test_doubled_noise_is_twice_as_coarse():
    noise = np.random.default_rng(0).standard_normal((256, 256, 3), dtype=np.float32)
    coarse = corrupt.doubled(noise)
    assert coarse.std() == pytest.approx(0.625, rel=0.03)
    assert np.corrcoef(coarse[:, :-1].ravel(), coarse[:, 1:].ravel())[0, 1] > 0.6
    assert abs(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]) < 0.02


def test_a_jpeg_of_full_colour_keeps_more_of_it():
    colours = np.zeros((64, 64, 3), np.float32)
    colours[:, ::2, 0] = colours[:, 1::2, 2] = 1
    full, half = (np.abs(corrupt.jpeg(colours, 95, subsampled) - colours).mean() for subsampled in (False, True))
    assert full < 0.5 * half


@pytest.mark.parametrize(
    ("make", "share"), [(corrupt.scratches, 0.08), (corrupt.free_form, 0.22), (corrupt.scattered, 0.5)]
)
def test_masks_cover_the_given_share(make, share):
    mask = make(np.random.default_rng(0), 256, share)
    assert set(np.unique(mask)) == {0, 1}
    assert mask.mean() == pytest.approx(share, abs=0.05)


def test_every_kind_of_hole_leaves_something(grey):
    rng = np.random.default_rng(0)
    shares = [corrupt.any_hole(rng, 64).mean() for _ in range(60)]
    assert min(shares) > 0
    assert max(shares) < 0.97
