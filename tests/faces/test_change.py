"""A drawn change of a face, and how it gets into the photo."""

import numpy as np
import pytest

import imgen
from imgen import faces
from imgen.faces.change import REDDER, opponents

SIDE = 64


@pytest.fixture
def drawn() -> np.ndarray:
    """A face of one colour on a background of others."""
    picture = np.random.default_rng(0).random((SIDE, SIDE, 3), dtype=np.float32)
    inside = faces.oval(SIDE, faces.CLOSE) > 0
    return np.where(inside, np.float32([0.7, 0.5, 0.4]), picture)


def test_no_change_is_none(drawn):
    assert np.array_equal(faces.changed(drawn, drawn), drawn)


def test_a_change_is_lighter_and_stays_inside_the_face(drawn):
    made = faces.changed(drawn, (drawn + 0.2).clip(0, 1))
    outside = faces.oval(SIDE, faces.CLOSE)[..., 0] == 0
    assert np.array_equal(made[outside], drawn[outside])
    assert made[32, 32] == pytest.approx(drawn[32, 32] + 0.2, abs=0.01)


def test_a_change_brings_no_colour_that_the_face_has_not(drawn):
    red = drawn.copy()
    red[20:40, 20:40] = (0.9, 0.0, 0.0)  # no redder than the background is somewhere
    made = faces.changed(drawn, red)
    warm, _ = opponents(made[22:38, 22:38])
    assert warm.max() < 0.2 + REDDER + 0.01
    assert made[30, 30].mean() == pytest.approx(0.3, abs=0.02)  # the light is what was drawn


def test_a_change_is_hardly_greener_or_bluer_than_faces_are(drawn):
    for other in ((0.2, 0.9, 0.4), (0.4, 0.3, 0.9)):
        odd = drawn.copy()
        odd[40:46, 28:36] = other  # a stain on the mouth
        made = faces.changed(drawn, odd)
        far, away = (np.abs(np.stack(opponents(part - drawn))).max() for part in (odd, made))
        assert away < 0.4 * far
        assert made[43, 32].mean() == pytest.approx(odd[43, 32].mean(), abs=0.02)


def test_colours_of_real_faces_are_kept():
    """Of the span of the components nothing is lost."""
    network = imgen.model("core/face-colours")
    rng = np.random.default_rng(0)
    once = network(change=0.02 * rng.standard_normal((1, 2, 32, 32), dtype=np.float32))
    assert network(change=once) == pytest.approx(once, abs=1e-3)


def test_a_change_reaches_the_photo_where_the_face_is(drawn):
    photo = np.full((200, 200, 3), 0.5, np.float32)
    face = faces.Face((80.0, 80.0), (120.0, 80.0), 1.0)
    made = faces.put_change(photo, face, drawn, faces.changed(drawn, drawn * 0.8), faces.CLOSE)
    assert made[100, 100].mean() < 0.45
    assert np.array_equal(made[:20], photo[:20])
