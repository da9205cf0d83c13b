import numpy as np
import pytest

from imgen.image import guided


@pytest.fixture
def photo(cat) -> np.ndarray:
    return cat.astype(np.float32) / 255


def test_a_linear_function_of_the_guide_is_found_at_any_size(photo):
    small = guided.reduced(photo, 75, 112)
    target = small @ np.float32([[0.5], [0.2], [-0.3]]) + np.float32(0.1)
    full = guided.transferred(photo, small, target, radius=4, eps=1e-8)
    assert full == pytest.approx(photo @ np.float32([[0.5], [0.2], [-0.3]]) + 0.1, abs=0.01)


def test_a_blurred_mask_snaps_to_the_edge():
    step = np.zeros((60, 80, 1), np.float32)
    step[:, 40:] = 1
    blurred = np.clip((np.arange(80, dtype=np.float32) - 35) / 10, 0, 1)[None, :, None].repeat(60, 0)
    sharp = guided.transferred(step, step, blurred, radius=8, eps=1e-4)[30, :, 0]
    assert sharp[36:40].max() < 0.2
    assert sharp[41:44].min() > 0.8


def test_strips_fit_without_a_seam(monkeypatch):
    small = np.random.default_rng(0).random((7, 9, 2), dtype=np.float32)
    whole = guided.enlarged(small, slice(0, 101), 101, 63)
    monkeypatch.setattr(guided, "STRIP", 63 * 10)
    parts = np.concatenate([guided.enlarged(small, rows, 101, 63) for rows in guided.strips(101, 63)])
    assert parts == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize(("shape", "size"), [((3000, 2000), (314, 209)), ((1, 1), (256, 256)), ((5001, 7), (1024, 10))])
def test_working_sizes(shape, size):
    assert guided.size_near(shape, 256) == size


@pytest.mark.parametrize("shape", [(1, 1), (5001, 7), (6000, 8000), (333, 500)])
def test_working_sizes_are_multiples(shape):
    height, width = guided.size_near(shape, 256, 32)
    assert height % 32 == width % 32 == 0
    assert 32 <= min(height, width) <= max(height, width) <= 1024


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_the_fit_is_that_of_least_squares_in_each_window(channels):
    rng = np.random.default_rng(channels)
    guide, target = rng.random((9, 11, channels), np.float32), rng.random((9, 11, 2), np.float32)
    radius, eps = 1, 1e-3
    made = guided.fit(guide, target, radius, eps)
    lines = np.empty((9, 11, channels + 1, 2))
    padded = [np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(np.float64) for values in (guide, target)]
    for y, x in np.ndindex(9, 11):
        near, wanted = (values[y : y + 3, x : x + 3].reshape(9, -1) for values in padded)
        middle, goal = near - near.mean(0), wanted - wanted.mean(0)
        slope = np.linalg.solve(middle.T @ middle / 9 + eps * np.eye(channels), middle.T @ goal / 9)
        lines[y, x] = [*slope, wanted.mean(0) - near.mean(0) @ slope]
    right = guided.box(lines.reshape(9, 11, -1), radius)
    assert made == pytest.approx(right, abs=1e-4)
