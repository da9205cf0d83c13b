"""Faces are completed."""

import numpy as np
import pytest

import imgen
from imgen import faces
from imgen.faces.crop import face_area
from imgen_plugins.dcgan.tools import codes, completion
from imgen_plugins.dcgan.tools.search import Goal, search

MOUTH = np.s_[132:160, 204:250]  # of the astronaut


@pytest.fixture
def hole(astronaut) -> np.ndarray:
    mask = np.zeros(astronaut.shape[:2], np.float32)
    mask[MOUTH] = 1
    return mask


def test_candidates_do_not_touch_each_other(crop):
    target, weight = np.stack([crop, crop[:, ::-1]]), np.ones((2, 64, 64), np.float32)
    goal, start = Goal(target, weight, realism=1e-3), codes.encoded(target)
    both = search(goal, start, 5)
    alone = search(Goal(target[1:], weight[1:], realism=1e-3), codes.Codes(start.code[1:], start.extra[1:]), 5)
    assert both.codes.code[1] == pytest.approx(alone.codes.code[0], abs=1e-3)
    assert both.loss[1] == pytest.approx(alone.loss[0], rel=1e-3)


def test_a_completion_changes_the_hole_alone_and_does_not_look_into_it(astronaut, hole):
    complete = imgen.tools()["complete_face"]
    face = faces.choose(astronaut, [], None)
    box = (0.35, 0.08, 0.2, 0.3)
    results = []
    for colour in ((1, 0, 0), (0, 0.5, 0)):
        brushed = astronaut.copy()
        brushed[MOUTH] = colour
        results.append(completion.seen(brushed, hole > 0, face, 192))
    assert results[0][0] == pytest.approx(results[1][0], abs=1e-5)
    brushed = astronaut.copy()
    brushed[MOUTH] = (1, 0, 0)
    made = complete(brushed, hole=hole, candidates=1, box=box)
    assert np.array_equal(made[hole == 0], astronaut[hole == 0])
    inside = made[MOUTH]
    assert (inside[..., 1] > 0.1).all()  # no red is left
    for last, beyond in ((132, 131), (159, 160)):  # nor a seam: rows are as alike as in the photo
        step, usual = (np.abs(p[last, 208:246] - astronaut[beyond, 208:246]).mean() for p in (made, astronaut))
        assert step < usual + 0.02


def test_candidates_are_shown_beside_each_other(astronaut, hole):
    complete = imgen.tools()["complete_face"]
    shown = complete(astronaut, hole=hole, candidates=2, choice=0)
    first, second = np.split(shown, 2, axis=1)
    assert not np.array_equal(first, second)
    chosen = complete(astronaut, hole=hole, candidates=2, choice=2)
    assert np.array_equal(face_area(chosen, faces.choose(astronaut, [], None)), second)
    with pytest.raises(imgen.ImgenError, match="0 to 2"):
        complete(astronaut, hole=hole, candidates=2, choice=3)


def test_a_selection_beside_the_face_is_reported(astronaut):
    beside = np.zeros(astronaut.shape[:2], np.float32)
    beside[400:, 400:] = 1
    notes: list[str] = []
    photo = imgen.Photo(astronaut, selection=beside)
    made = imgen.Pipeline().add("complete_face")(photo, cache=None, notes=notes)
    assert np.array_equal(made.pixels, astronaut)
    assert any("does not touch" in note for note in notes)


def test_the_selected_one_of_two_faces_is_completed(astronaut):
    two = np.concatenate([astronaut, astronaut[:, ::-1]], 1)
    for column in (225, 1024 - 225):
        hole = np.zeros(two.shape[:2], np.float32)
        hole[132:160, column - 20 : column + 20] = 1
        face = completion.selected(two, hole)
        assert abs((face.left[0] + face.right[0]) / 2 - column) < 20


def test_a_hole_is_filled_as_smoothly_as_can_be():
    y, x = np.mgrid[:20, :30].astype(float)
    plane = np.stack([x + 2 * y, 3 - x], 2)
    hole = np.zeros((20, 30), bool)
    hole[4:15, 5:25] = True
    broken = np.where(hole[..., None], 99.0, plane)
    assert completion.harmonic(broken, hole) == pytest.approx(plane)
