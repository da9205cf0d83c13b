"""What a patch costs that is copied too often."""

import numpy as np

from imgen_plugins.autoencoder.tools.patches import Search


def search() -> Search:
    rng = np.random.default_rng(0)
    image = rng.random((40, 60, 3), dtype=np.float32)
    hole = np.zeros((40, 60), bool)
    hole[16:24, 20:28] = True
    made = Search(image, hole, np.full_like(image, 0.5), rng)
    made.start(None)
    return made


def test_a_source_that_is_copied_again_and_again_costs_more():
    made = search()
    made.field[:] = made.field[0]
    made.look()
    row, column = made.field[0]
    assert made.charge[row, column] > 0.5 * np.median(made.distance(made.field, made.own))
    assert made.charge[0, 59] == 0  # a corner far from it
    before = len(np.unique(made.field, axis=0))
    made.scatter()
    assert len(np.unique(made.field, axis=0)) > before


def test_what_is_copied_once_costs_nothing_more():
    made = search()
    made.field = np.stack([made.rows, made.columns + 20], 1)  # all moved by the same
    made.look()
    assert made.charge.max() <= 1e-6
