import numpy as np
import pytest

import imgen
from imgen.errors import ParameterError


def done(photo: imgen.Photo, tool: str, **parameters: object) -> imgen.Photo:
    return imgen.Pipeline().add(tool, **parameters)(photo, cache=None)


@pytest.fixture
def marked(photo) -> imgen.Photo:
    """With a selection and an opacity that differ at every place."""
    height, width = photo.pixels.shape[:2]
    steps = np.linspace(0.2, 1, height * width, dtype=np.float32).reshape(height, width)
    return photo.replace(selection=steps, alpha=steps[::-1].copy())


def test_turns_and_mirrors_move_every_pixel_and_all_that_belongs_to_it(marked):
    right = done(marked, "rotate")
    assert np.array_equal(right.pixels, np.rot90(marked.pixels, 3))
    assert np.array_equal(right.selection, np.rot90(marked.selection, 3))
    assert np.array_equal(right.alpha, np.rot90(marked.alpha, 3))
    back = done(right, "rotate", turn="left")
    assert np.array_equal(back.pixels, marked.pixels)
    twice = done(done(marked, "flip"), "flip", direction="upside down")
    assert np.array_equal(twice.pixels, done(marked, "rotate", turn="half").pixels)


def test_a_smaller_photo_keeps_its_light():
    stripes = np.zeros((64, 96, 3), np.float32)
    stripes[:, ::2] = 1  # half of the light: 188 of 255, not 128
    small = done(imgen.Photo(stripes), "resize", longest=24)
    assert (small.width, small.height) == (24, 16)
    assert small.pixels[4:-4, 4:-4].mean() == pytest.approx(188 / 255, abs=0.01)


def test_what_is_hidden_does_not_bleed(photo):
    alpha = np.ones(photo.pixels.shape[:2], np.float32)
    alpha[:, : photo.width // 2] = 0
    pixels = photo.pixels.copy()
    pixels[:, : photo.width // 2] = (0, 1, 0)
    pixels[:, photo.width // 2 :] = (1, 0, 0)
    small = done(imgen.Photo(pixels, alpha=alpha), "resize", longest=40)
    seen = small.alpha > 0.02
    assert small.pixels[seen][:, 1].max() < 0.02


def test_a_photo_is_enlarged_only_where_that_is_wanted(photo):
    notes: list[str] = []
    same = imgen.Pipeline().add("resize", longest=5000)(photo, cache=None, notes=notes)
    assert (same.width, same.height) == (photo.width, photo.height)
    assert "enlarge=true" in notes[0]
    assert done(photo, "resize", longest=2 * max(photo.width, photo.height), enlarge=True).width == 2 * photo.width
    with pytest.raises(ParameterError, match="at most 400 megapixels"):
        done(photo, "resize", longest=30_000, enlarge=True)
