"""Means over areas, against Pillow's."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from imgen.image.areas import area_means
from imgen.image.resize import resize


@pytest.mark.parametrize("shape", [(70, 90), (33, 47), (69, 31), (1, 1), (35, 45)])
@pytest.mark.parametrize("channels", [1, 3])
def test_area_means_are_pillows_box(shape: tuple[int, int], channels: int):
    values = np.random.default_rng(0).random((70, 90, channels), np.float32)
    made = area_means(values, shape)
    assert made.shape == (*shape, channels)
    assert made.dtype == np.float32
    for c in range(channels):
        plane = Pillow.fromarray(np.ascontiguousarray(values[..., c]))
        right = np.asarray(plane.resize((shape[1], shape[0]), Pillow.Resampling.BOX))
        np.testing.assert_allclose(made[..., c], right, atol=1e-6)
        np.testing.assert_array_equal(area_means(values[..., c], shape), made[..., c])


def test_rows_far_apart_in_memory_and_many_strips():
    values = np.random.default_rng(1).random((300, 40, 3), np.float32)[::-1, ::2]
    right = values.reshape(100, 3, 10, 2, 3).mean((1, 3))
    np.testing.assert_allclose(area_means(values, (100, 10)), right, atol=1e-6)


def test_resize_takes_means_where_nothing_grows_and_pillow_elsewhere():
    values = np.random.default_rng(2).random((40, 40, 3), np.float32)
    np.testing.assert_array_equal(resize(values, (20, 40)), area_means(values, (20, 40)))
    assert resize(values, (40, 40)) is values
    assert resize(values, (20, 60)).shape == (20, 60, 3)
    assert resize(values, (80, 80)).shape == (80, 80, 3)
