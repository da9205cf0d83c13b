import numpy as np
import pytest

import imgen
from imgen.image.strokes import Stroke
from imgen_plugins.unet.tools import edges, marks, matting

WHOLE = np.s_[0:100, 0:200]


def test_strands_come_out_of_the_colours():
    """Fine lines beyond a blurred guess: their alpha is found where colours tell it."""
    alpha = np.zeros((96, 96), np.float32)
    alpha[:, :40] = 1
    alpha[8::8, 40:50] = 0.7
    background = np.array([0.1, 0.3, 0.8], np.float32)
    photo = background + alpha[..., None] * (np.array([0.9, 0.6, 0.2], np.float32) - background)
    guess = np.clip(0.5 - (np.arange(96, dtype=np.float32) - 40) / 12, 0, 1) * np.ones((96, 1), np.float32)
    found = edges.refined(photo, guess)
    strands = np.s_[8:90:8, 40:48]
    between = np.s_[12:90:8, 42:48]
    assert found[strands].mean() > found[between].mean() + 0.4
    assert np.abs(found - alpha).mean() < 0.5 * np.abs(guess - alpha).mean()
    assert (found[:, 70:] == 0).all()
    assert (found[:, :12] == 1).all()


def test_rows_of_the_laplacian_add_up_to_nothing():
    rng = np.random.default_rng(0)
    free = np.zeros((12, 14), bool)
    free[3:9, 4:10] = True
    rows = matting.laplacian(rng.random((12, 14, 3)).astype(np.float32), free)
    assert rows.shape == (36, 25)
    assert rows.sum(1) == pytest.approx(0, abs=1e-3)


def test_strokes_become_clicks_on_their_way_and_boxes_areas():
    drawn = [
        Stroke(radius=0.01, points=[(0.1, 0.5), (0.3, 0.5)]),
        Stroke(mode="erase", radius=0.01, points=[(0.9, 0.9)]),
        Stroke(mode="box", radius=0.01, points=[(0.5, 0.5), (0.25, 0.1)]),
        Stroke(radius=0.01, points=[(-0.5, 0.5)]),  # outside of the photo
    ]
    clicks, boxes = marks.marked([], [], drawn, WHOLE, (100, 200), (50, 100))
    adding = [click for click in clicks if click.adds]
    assert len(adding) == 7
    assert {click.row for click in adding} == {25}
    assert 10 <= min(c.column for c in adding) < max(c.column for c in adding) <= 30
    assert [tuple(click) for click in clicks if not click.adds] == [(45, 90, False)]
    assert boxes == [np.s_[5:25, 25:50]]


def test_a_stroke_takes_away_and_a_box_chooses():
    image = np.full((120, 240, 3), 0.55, np.float32)
    y, x = np.mgrid[:120, :240]
    for centre, shade in ((60, (0.9, 0.2, 0.1)), (180, (0.1, 0.3, 0.9))):
        image[np.hypot(y - 60, x - centre) < 30] = shade
    image += np.random.default_rng(0).normal(0, 0.01, image.shape).astype(np.float32)
    select = imgen.tools()["select_subject"]
    less = select(image, strokes=[{"mode": "erase", "radius": 0.01, "points": [[0.72, 0.5], [0.78, 0.5]]}])
    chosen = select(image, strokes=[{"mode": "box", "radius": 0.01, "points": [[0.55, 0.05], [0.95, 0.95]]}])
    assert less[45:75, 45:75].mean() > 0.8
    assert less[50:70, 172:188].max() < 0.5
    assert chosen[45:75, 165:195].mean() > 0.8
    assert chosen[:, :120].max() == 0
