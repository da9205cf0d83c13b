import numpy as np

from imgen_plugins.autoencoder.tools.offsets import usual_offsets, wanted_offsets


def tiles(size: int = 96, period: int = 16) -> np.ndarray:
    """A picture that repeats every `period` pixels, but for a little noise."""
    rng = np.random.default_rng(1)
    tile = rng.random((period, period, 3), dtype=np.float32)
    noise = rng.normal(0, 0.01, (size, size, 3)).astype(np.float32)
    return (np.tile(tile, (size // period, size // period, 1)) + noise).clip(0, 1)


def test_what_repeats_is_found_by_its_period():
    hole = np.zeros((96, 96), bool)
    hole[40:56, 40:56] = True
    found = usual_offsets(tiles(), hole, np.random.default_rng(0))
    assert len(found) > 4
    assert (found[:5] % 16 == 0).all()


def test_all_offsets_lead_to_something_known_from_some_of_the_hole():
    hole = np.zeros((96, 96), bool)
    hole[:, 60:] = True
    for offset in usual_offsets(tiles(), hole, np.random.default_rng(0)):
        assert offset[1] < 0  # what is known lies to the left


def test_a_guide_finds_what_has_its_colours():
    image = np.zeros((90, 90, 3), np.float32)
    image[:30] = 1  # bright above
    hole = np.zeros((90, 90), bool)
    hole[50:80, 30:60] = True
    found = wanted_offsets(image, hole, np.ones_like(image), np.random.default_rng(0))
    assert len(found)
    assert (found[:, 0] < -20).all()


def test_nothing_known_gives_no_offsets():
    image, hole = np.zeros((40, 40, 3), np.float32), np.ones((40, 40), bool)
    assert usual_offsets(image, hole, np.random.default_rng(0)).shape == (0, 2)
    assert wanted_offsets(image, hole, image, np.random.default_rng(0)).shape == (0, 2)
