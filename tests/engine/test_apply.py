import numpy as np
import pytest

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.apply import apply, unshared

KEPT: list[np.ndarray] = []


def keeping(image: imgen.Image) -> imgen.Image:
    """Return an array that stays the plugin's."""
    if not KEPT:
        KEPT.append(np.asarray(image * 1.5 - 0.1, np.float32))  # beyond 0..1 at both ends
    return KEPT[0]


def part(image: imgen.Image) -> imgen.Image:
    """Return a view of an array that stays the plugin's."""
    keeping(image)
    return KEPT[0][:, ::-1]


def fresh(image: imgen.Image) -> imgen.Image:
    """Return an array that nobody else has."""
    return np.asarray(image * 1.5 - 0.1, np.float32)


def run(function, photo: imgen.Photo) -> imgen.Photo:
    return apply(tool_from(function, "evil", "1.0"), photo, {})


@pytest.fixture
def half(photo) -> imgen.Photo:
    KEPT.clear()
    return imgen.Pipeline().add("select_rectangle", width=0.5)(photo)


@pytest.mark.parametrize("function", [keeping, part])
def test_an_array_that_a_tool_keeps_is_left_alone_and_leaves_the_photo_alone(half, function):
    first = run(function, half)
    expected = np.asarray(half.pixels * 1.5 - 0.1, np.float32)
    assert np.array_equal(KEPT[0], expected)
    before = first.pixels.copy()
    second = run(function, half)
    assert np.array_equal(first.pixels, second.pixels)
    KEPT[0][:] = 0.123
    assert np.array_equal(first.pixels, before)


def test_masks_and_animations_that_a_tool_keeps_are_left_alone(half):
    kept = [np.full(half.pixels.shape[:2], 1.5, np.float32), np.full((2, *half.pixels.shape), 1.5, np.float32)]

    def mask(image: imgen.Image) -> imgen.Mask:
        """Return a kept mask."""
        return kept[0]

    def moving(image: imgen.Image) -> imgen.Animation:
        """Return kept frames."""
        return kept[1]

    results = [run(mask, half).selection, run(moving, half).frames]
    assert all(np.all(array == 1.5) for array in kept)
    for array in kept:
        array[:] = 0
    assert all(np.all(result == 1) for result in results)


def test_an_array_of_nobody_else_is_not_copied(half):
    made: list[int] = []

    def noted(image: imgen.Image) -> imgen.Image:
        """Remember where the result is, not the result."""
        result = fresh(image)
        made.append(result.ctypes.data)
        return result

    assert run(noted, half).pixels.ctypes.data == made[0]

    def inside(image: imgen.Image) -> imgen.Animation:
        """The only reference to an array is a view of it."""
        return noted(image)[None]

    assert run(inside, half).pixels.ctypes.data == made[1]


def test_who_else_refers_to_an_array_is_seen():
    import weakref

    own = [np.zeros((2, 2), np.float32)]
    assert unshared(own)
    other = own[0]
    assert not unshared(own)
    del other
    assert unshared(own)
    watcher = weakref.ref(own[0])
    assert not unshared(own)
    del watcher
    raw = memoryview(own[0])
    assert not unshared(own)
    del raw
    rest = own[0][1:]
    assert not unshared(own)
    assert not unshared([rest])
    assert unshared([np.zeros((2, 2), np.float32)[1:]])
    assert not unshared([np.frombuffer(bytearray(16), np.float32)])
