import numpy as np
import pytest

from imgen_plugins.autoencoder.tools.finer import enlarged, nearest
from imgen_plugins.autoencoder.tools.seams import composed, levelled
from imgen_plugins.autoencoder.tools.shiftmap import OWN, Copies, cheaper, filled_by


def halves() -> tuple[np.ndarray, np.ndarray]:
    """Dark on the left, bright on the right, with a hole across the edge."""
    image = np.zeros((40, 60, 3), np.float32)
    image[:, 30:] = 1
    hole = np.zeros((40, 60), bool)
    hole[14:26, 20:40] = True
    return image, hole


def test_an_edge_goes_on_through_the_hole():
    image, hole = halves()
    copies = Copies(image, hole, np.array([[0, -25], [-13, 0], [13, 0]], np.int32))
    labels = filled_by(copies, np.full_like(image, 0.5), 0.3)
    assert ((labels == OWN) == ~hole).all()
    assert np.array_equal(composed(copies, labels, image), image)


def test_what_cannot_be_copied_stays_to_the_guide():
    image, hole = halves()
    guide = np.full_like(image, 0.25)
    copies = Copies(image, hole, np.array([[0, -2]], np.int32))
    labels = filled_by(copies, guide, 1)
    filled = composed(copies, labels, guide)
    assert (labels[20, 25:40] == OWN).all()
    assert filled[20, 25:40] == pytest.approx(0.25)
    assert filled[20, 20:22] == pytest.approx(0)


def test_the_least_cut_against_all_choices():
    rng = np.random.default_rng(0)
    first, second = np.array([0, 1, 2, 3, 0, 2]), np.array([1, 2, 3, 4, 2, 4])
    for _ in range(20):
        own, between = rng.normal(size=5), rng.random(6)
        choices = (np.arange(32)[:, None] >> np.arange(5)) & 1
        costs = choices @ own + ((1 - choices[:, first]) * choices[:, second]) @ between
        best = cheaper((first, second), between.astype(np.float32), own.astype(np.float32))
        assert costs[(best << np.arange(5)).sum()] == pytest.approx(costs.min(), abs=0.01)


def test_a_piece_takes_on_the_light_of_where_it_goes():
    image = np.tile(np.linspace(0.2, 0.45, 80, dtype=np.float32)[None, :, None], (40, 1, 3))
    hole = np.pad(halves()[1], ((0, 0), (0, 20)))
    copies = Copies(image, hole, np.array([[0, 24]], np.int32))  # brighter by some 0.08
    labels = filled_by(copies, image, 1)
    picture = composed(copies, labels, image)
    joined = picture + levelled(copies, labels, picture, None)
    assert np.abs(picture - image).max() > 0.06
    assert np.abs(joined - image)[hole].max() < 0.01
    assert np.array_equal(joined[~hole], image[~hole])


def test_a_seam_that_does_not_fit_stays_an_edge():
    image, hole = halves()
    copies = Copies(image, hole, np.array([[0, -20], [0, 20]], np.int32))
    labels = np.where(hole, np.int32(0), np.int32(OWN))  # dark, as what is left of it,
    labels[14:26, 30:40] = 1  # and bright, as what is right of it
    picture = composed(copies, labels, image)
    assert np.array_equal(picture, image)
    assert np.abs(levelled(copies, labels, picture, None)).max() < 0.02


def test_a_larger_size_sets_offsets_to_the_pixel():
    rng = np.random.default_rng(2)
    tile = rng.random((15, 15, 3), dtype=np.float32)
    image = np.tile(tile, (6, 6, 1))
    hole = np.zeros((90, 90), bool)
    hole[35:55, 35:55] = True
    labels = np.where(hole[::3, ::3], np.int32(0), np.int32(OWN))
    larger, copies = enlarged(labels, np.array([[-10, 0]], np.int32), image, hole)  # three times that is a period
    assert copies.offsets[0].tolist() == [-30, 0]
    larger, copies = enlarged(labels, np.array([[-8, 0]], np.int32), image, hole)
    assert (larger[hole] == 0).all()
    small = np.where(hole[::2, ::2], np.int32(0), np.int32(OWN))
    _, nudged = enlarged(small, np.array([[-7, 0]], np.int32), image, hole)  # twice that misses the period by one
    assert nudged.offsets[0].tolist() == [-15, 0]


def test_lost_pixels_without_a_label_take_the_nearest():
    labels = np.full((4, 4), OWN, np.int32)
    labels[1, 1] = 3
    hole = np.zeros((8, 8), bool)
    hole[2:6, 2:6] = True
    larger = nearest(labels, hole)
    assert (larger[hole] == 3).all()
    assert (larger[~hole] == OWN).all()
