from __future__ import annotations

import numpy as np
import pytest

from imgen.image.combine import combined

BEFORE, NEW = np.float32([[0, 0.25, 1, 1]]), np.float32([[0.5, 0.5, 0, 1]])


@pytest.mark.parametrize(
    ("how", "both", "alone"),
    [
        ("replace", [0.5, 0.5, 0, 1], [0.5, 0.5, 0, 1]),
        ("add", [0.5, 0.5, 1, 1], [0.5, 0.5, 0, 1]),
        ("subtract", [0, 0.25, 1, 0], [0.5, 0.5, 1, 0]),
        ("intersect", [0, 0.25, 0, 1], [0.5, 0.5, 0, 1]),
    ],
)
def test_two_selections_become_one(how, both, alone):
    assert combined(how, BEFORE, NEW).tolist() == [both]
    assert combined(how, None, NEW).tolist() == [alone]  # from all there is
