import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data
from skimage.transform import rotate

import imgen
from imgen import faces
from imgen.contract.context import Context, using
from imgen.faces import EYES, Face, align, choose, choose_each, find, put_back
from imgen.faces.crop import SIZE

LEFT, RIGHT = (203.5, 101.0), (246.5, 103.1)  # the astronaut's eyes, marked by hand
DISTANCE = float(np.hypot(*np.subtract(LEFT, RIGHT)))


@pytest.fixture(scope="module")
def two(astronaut) -> np.ndarray:
    """The astronaut, and beside it a smaller one, its upper left corner at (532, 100)."""
    beside = np.full((512, 300, 3), 0.4, np.float32)
    beside[100:356, 20:276] = resized(astronaut, 256)
    return np.hstack([astronaut, beside])


SMALLER = [(532 + x / 2, 100 + y / 2) for x, y in (LEFT, RIGHT)]


def resized(photo: np.ndarray, side: int) -> np.ndarray:
    bytes_ = (photo * 255).round().astype(np.uint8)
    return np.asarray(Pillow.fromarray(bytes_).resize((side, side), Pillow.Resampling.BOX), np.float32) / 255


def upright(x: float, y: float, scale: float = 1.0) -> Face:
    """A face whose crop has its upper left corner at (x, y), `scale` pixels of the photo for one of the crop."""
    (a, b), (c, d) = EYES
    return Face((x + scale * a, y + scale * b), (x + scale * c, y + scale * d), 1.0)


def off(face: Face, left=LEFT, right=RIGHT) -> float:
    """How far the eyes are from where they should be, as a part of the eye distance."""
    errors = [np.hypot(*np.subtract(a, b)) for a, b in ((face.left, left), (face.right, right))]
    return max(errors) / np.hypot(*np.subtract(left, right))


def sure(found: list[Face]) -> list[Face]:
    return [face for face in found if face.score >= faces.SURE]


def parts(x: float, y: float, photo: np.ndarray) -> tuple[float, float]:
    return x / photo.shape[1], y / photo.shape[0]


@pytest.mark.parametrize("side", [180, 512, 1300])
def test_a_face_is_found_at_any_size(astronaut, side):
    found = sure(find(resized(astronaut, side)))
    scale = side / 512
    assert len(found) == 1
    assert off(found[0], np.multiply(LEFT, scale), np.multiply(RIGHT, scale)) < 0.12


@pytest.mark.parametrize("degrees", [-20, -10, 10, 20])
def test_a_turned_face_is_found(astronaut, degrees):
    found = sure(find(rotate(astronaut, degrees, mode="edge").astype(np.float32)))
    turn = np.exp(-1j * np.radians(degrees))
    eyes = [(complex(*eye) - (256 + 256j)) * turn + (256 + 256j) for eye in (LEFT, RIGHT)]
    assert len(found) == 1
    assert off(found[0], *((eye.real, eye.imag) for eye in eyes)) < 0.12


def around(place: tuple[float, float], turns: int) -> tuple[float, float]:
    """Where a place of the square photo is after so many quarter turns to the left."""
    for _ in range(turns):
        place = place[1], 512 - place[0]
    return place


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_on_its_side_or_upside_down_is_found(astronaut, turns):
    found = find(np.ascontiguousarray(np.rot90(astronaut, turns)))
    assert len(sure(found)) == 1
    assert off(found[0], around(LEFT, turns), around(RIGHT, turns)) < 0.12


def test_the_way_up_may_be_other_than_a_square_photo_s(astronaut):
    """Places are brought back with the sides of the photo, which are not equal."""
    wide = np.hstack([np.full((512, 200, 3), 0.4, np.float32), astronaut])
    found = sure(find(np.ascontiguousarray(np.rot90(wide))))
    eyes = [(y, 712 - (x + 200)) for x, y in (LEFT, RIGHT)]
    assert len(found) == 1
    assert off(found[0], *eyes) < 0.12


def test_a_turned_face_beside_an_upright_one_is_found_by_a_click(astronaut):
    both = np.hstack([astronaut, np.rot90(astronaut, 2)])
    assert off(choose(both, [], None)) < 0.12
    left, right = ((512 + x, y) for x, y in (around(LEFT, 2), around(RIGHT, 2)))
    assert off(choose(both, [parts(left[0] - 15, left[1], both)], None), left, right) < 0.12


def test_a_face_that_fills_the_photo_and_is_cut_is_found(astronaut):
    face = choose(astronaut, [], None)
    cut = np.ascontiguousarray(0.25 * align(astronaut, face, 128, faces.CLOSE)[:, 20:])  # dark, without an ear
    (found,) = find(cut)
    assert off(found, (21.0, 38.4), (67.0, 38.4)) < 0.2


@pytest.mark.parametrize("name", ["chelsea", "coffee", "rocket"])
@pytest.mark.parametrize("turns", [0, 1, 2])
def test_nobody_is_found_where_nobody_is(name, turns):
    photo = getattr(data, name)().astype(np.float32) / 255
    assert sure(find(np.ascontiguousarray(np.rot90(photo, turns)))) == []


def test_tiny_and_flat_pictures_hold_no_face():
    assert find(np.zeros((1, 1, 3), np.float32)) == []
    assert find(np.full((7, 300, 3), 0.5, np.float32)) == []


def test_the_largest_face_is_taken_and_the_note_says_how_to_take_another(two):
    notes: list[str] = []
    with using(Context(notes=notes)):
        face = choose(two, [], None)
    assert off(face) < 0.12
    assert any("2 faces found" in note and "points" in note and "box" in note for note in notes)


def test_a_click_and_a_box_choose_a_face(two):
    x, y = SMALLER[0]
    click = parts(x + 10, y + 30, two)
    box = (*parts(600, 110, two), *parts(90, 90, two))
    for face in (choose(two, [click], None), choose(two, [], box)):
        assert off(face, *SMALLER) < 0.12
    assert off(choose(two, [parts(225, 120, two)], None)) < 0.12


def test_a_click_finds_a_face_that_is_too_small_for_the_whole_photo(astronaut):
    photo = np.full((2000, 3000, 3), 0.5, np.float32)
    photo[700:828, 1900:2028] = resized(astronaut, 128)
    eyes = [(1900 + x / 4, 700 + y / 4) for x, y in (LEFT, RIGHT)]
    assert sure(find(photo)) == []
    face = choose(photo, [parts(1957, 730, photo)], None)
    assert off(face, *eyes) < 0.2


def test_a_click_on_no_face_is_mentioned(two):
    notes: list[str] = []
    with using(Context(notes=notes)):
        choose(two, [parts(225, 300, two)], None)
    assert any("no face at the click" in note for note in notes)


def test_a_click_far_from_every_face_is_refused(two):
    with pytest.raises(imgen.ImgenError, match="no face found near the click; drag a box"):
        choose_each(two, [parts(20, 500, two)], None)


def test_each_click_chooses_a_face_and_each_face_counts_once(two):
    x, y = SMALLER[0]
    clicks = [parts(225, 120, two), parts(x + 10, y + 30, two), parts(220, 130, two)]
    first, second = choose_each(two, clicks, None)
    assert off(first) < 0.12
    assert off(second, *SMALLER) < 0.12
    assert choose_each(two, [], None) == [choose(two, [], None)]


def test_messages_name_a_second_photo_and_its_parameters():
    with pytest.raises(imgen.ImgenError, match=r"no face found in other; .*other_box="):
        choose(np.full((200, 300, 3), 0.5, np.float32), [], None, of="other")


def test_no_face_is_an_error_that_asks_for_a_box():
    photo = np.full((200, 300, 3), 0.5, np.float32)
    with pytest.raises(imgen.ImgenError, match=r"no face found; drag a box.*box=\[left,top,width,height\]"):
        choose(photo, [], None)


def test_a_grey_face_stays_grey(astronaut):
    grey = np.repeat(astronaut.mean(2, keepdims=True), 3, 2)
    before = align(grey, upright(180, 60))
    made = put_back(grey, upright(180, 60), before, before * np.float32([1, 0.8, 0.6]))
    assert np.ptp(made, axis=2).max() < 1e-5
    assert np.abs(made - grey).max() > 0.05


def test_a_box_without_a_face_is_taken_for_one():
    photo, notes = np.full((200, 400, 3), 0.5, np.float32), []
    with using(Context(notes=notes)):
        face = choose(photo, [], (0.5, 0.2, 0.25, 0.5))
    assert align(photo, face).shape == (SIZE, SIZE, 3)
    assert (*face.left, *face.right) == pytest.approx(
        (200 + 24.5 / 0.64, 40 + 30 / 0.64, 200 + 40 / 0.64, 40 + 30 / 0.64)
    )
    assert any("no face found in the box" in note for note in notes)


def test_a_doubtful_face_is_edited_with_a_warning(astronaut, monkeypatch):
    doubtful = Face(LEFT, RIGHT, faces.DOUBTFUL)
    monkeypatch.setattr("imgen.faces.choosing.find", lambda image: [doubtful])
    notes: list[str] = []
    with using(Context(notes=notes)):
        assert choose(astronaut, [], None) == doubtful
    assert any("profile" in note for note in notes)
