import numpy as np
import pytest

from imgen.image.grid import sheet


@pytest.mark.parametrize(("count", "columns", "shape"), [(6, 3, (8, 15, 3)), (5, 3, (8, 15, 3)), (2, 1, (8, 5, 3))])
def test_pictures_come_row_by_row_and_the_rest_is_white(count, columns, shape):
    pictures = np.arange(count, dtype=np.float32)[:, None, None, None] / 10 * np.ones((1, 4, 5, 3), np.float32)
    made = sheet(pictures, columns)
    assert made.shape == shape
    for i in range(shape[0] // 4 * columns):
        part = made[i // columns * 4 :, i % columns * 5 :][:4, :5]
        assert part == pytest.approx(i / 10 if i < count else 1)
