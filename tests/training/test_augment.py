import numpy as np
import pytest

pytest.importorskip("torchvision")
pytestmark = pytest.mark.train

from imgen.training.augment import jitter, square
from imgen.training.pairs import resize


def test_resizing_averages_and_keeps_labels_apart():
    board = np.random.default_rng(0).integers(0, 2, (160, 240, 1), np.uint8) * 200
    small = resize(board, 60, 40)
    assert small.mean() == pytest.approx(100, abs=3)
    assert small.std() < 25  # of 4 x 4 pixels; two of them, as bilinear reads, would leave 50
    assert set(np.unique(resize(board, 50, 30, labels=True))) == {0, 200}
    board.setflags(write=False)  # as data files are mapped
    assert resize(board[:, ::-1], 480, 320).shape == (320, 480, 1)


def test_light_follows_from_the_generator_alone(cat):
    once, again, other = (jitter(cat, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert np.abs(once - other).mean() > 0.01
    for made in (once, other):
        assert (made.dtype, made.shape) == (np.float32, cat.shape)
        assert 0 <= made.min() < made.max() <= 1


def test_light_changes_by_little(cat):
    truth = cat.astype(np.float32) / 255
    means = np.array([jitter(cat, np.random.default_rng(seed)).mean() for seed in range(40)])
    assert means.mean() == pytest.approx(truth.mean(), rel=0.1)
    assert 0.05 < means.std() / means.mean() < 0.25


def test_squares_are_parts_of_the_photo(cat):
    made = square(cat, np.random.default_rng(0), 32)
    assert made.shape == (32, 32, 3)
    assert made.mean() == pytest.approx(cat.mean(), rel=0.2)
