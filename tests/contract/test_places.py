import pytest

from imgen.contract.places import box_pixels, point_pixels


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        (None, slice(0, 10), slice(0, 20)),
        ((0.25, 0.5, 0.5, 0.5), slice(5, 10), slice(5, 15)),
        ((1, 1, 1, 1), slice(9, 10), slice(19, 20)),
        ((0, 0, 0, 0), slice(0, 1), slice(0, 1)),
    ],
)
def test_a_box_has_at_least_one_pixel(box, rows, columns):
    assert box_pixels(box, (10, 20, 3)) == (rows, columns)


def test_points_outside_the_part_are_left_out():
    points = [(0.5, 0.5), (0, 0), (1, 1)]
    assert point_pixels(points, slice(4, 10), slice(5, 20), (10, 20)) == [(1, 5), (5, 14)]
