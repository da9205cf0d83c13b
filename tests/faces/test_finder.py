import numpy as np
import pytest
from PIL import Image as Pillow
from scipy import ndimage
from skimage import data
from skimage.transform import rotate

import imgen
from imgen import faces
from imgen.contract.context import Context, using
from imgen.faces import CLOSE, EYES, WIDE, Face, align, choose, find, put_back
from imgen.faces.crop import SIZE, crop_to_photo

LEFT, RIGHT = (203.5, 101.0), (246.5, 103.1)  # the astronaut's eyes, marked by hand
DISTANCE = float(np.hypot(*np.subtract(LEFT, RIGHT)))


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255


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


def turned(degrees: float, scale: float = 3.0) -> Face:
    half = scale * (EYES[1][0] - EYES[0][0]) / 2 * np.exp(1j * np.radians(degrees))
    middle = 250 + 210j
    return Face(*((p.real, p.imag) for p in (middle - half, middle + half)), 1.0)


def off(face: Face, left=LEFT, right=RIGHT) -> float:
    """How far the eyes are from where they should be, as a part of the eye distance."""
    errors = [np.hypot(*np.subtract(a, b)) for a, b in ((face.left, left), (face.right, right))]
    return max(errors) / np.hypot(*np.subtract(left, right))


def sure(found: list[Face]) -> list[Face]:
    return [face for face in found if face.score >= faces.SURE]


def parts(x: float, y: float, photo: np.ndarray) -> tuple[float, float]:
    return x / photo.shape[1], y / photo.shape[0]


def smooth(rng: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(rng.standard_normal((SIZE, SIZE, 3)), (4, 4, 0)).astype(np.float32)


def test_a_crop_of_the_same_size_is_a_slice(astronaut):
    assert align(astronaut, upright(150, 60)) == pytest.approx(astronaut[60:124, 150:214], abs=1e-6)


def test_a_larger_face_is_averaged():
    checks = np.indices((512, 512)).sum(0) % 2
    photo = np.repeat(checks[..., None].astype(np.float32), 3, 2)
    crop = align(photo, upright(31, 17, scale=5.3))
    assert crop.shape == (SIZE, SIZE, 3)
    assert crop == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("degrees", [-160, -25, 0, 14, 90])
@pytest.mark.parametrize("scale", [0.6, 1.7, 4.4])
def test_eyes_come_to_their_places(degrees, scale):
    face = turned(degrees, scale)
    y, x = np.mgrid[:512, :512] + 0.5
    photo = np.stack([np.hypot(x - ex, y - ey) for ex, ey in (face.left, face.right)] + [x * 0], -1)
    crop = align((photo / 512).astype(np.float32), face, size=128)
    for channel, (ex, ey) in enumerate(EYES):
        row, column = np.unravel_index(crop[..., channel].argmin(), crop.shape[:2])
        assert (column + 0.5, row + 0.5) == pytest.approx((2 * ex, 2 * ey), abs=1.5)


def test_beyond_the_photo_its_border_goes_on(astronaut):
    crop = align(astronaut, upright(-40, 600))
    assert crop == pytest.approx(np.broadcast_to(crop[:1], crop.shape), abs=1e-6)
    assert crop[0, 50] == pytest.approx(astronaut[-1, 10], abs=1e-6)


def test_the_close_crop_has_the_eyes_where_its_faces_have_them(astronaut):
    marked = astronaut.copy()
    for x, y in (LEFT, RIGHT):
        marked[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = (0, 1, 0)
    crop = align(marked, Face(LEFT, RIGHT, 1.0), 128, CLOSE)
    green = crop[..., 1] - crop[..., [0, 2]].max(2)
    for x in (41, 87):
        row, column = np.unravel_index(green[:, x - 20 : x + 20].argmax(), (128, 40))
        assert (column + x - 20 + 0.5, row + 0.5) == pytest.approx((x, 38.4), abs=1.5)


@pytest.mark.parametrize("crop", [WIDE, CLOSE])
def test_a_crop_is_put_back_where_it_was_cut(astronaut, crop):
    face = turned(20)
    before = align(astronaut, face, 128, crop)
    after = before.copy()
    after[60:68, 60:68] = 1 - before[60:68, 60:68]
    again = align(put_back(astronaut, face, before, after, crop), face, 128, crop)
    assert np.abs(again - before)[62:66, 62:66].mean() > 0.5 * np.abs(after - before)[62:66, 62:66].mean()
    assert np.abs(again - before)[:40].max() < 0.02


@pytest.mark.parametrize("face", [turned(20), upright(-30, 480, 2.5), upright(100, 100, 0.4)])
def test_no_change_changes_nothing(astronaut, face):
    crop = align(astronaut, face)
    assert np.array_equal(put_back(astronaut, face, crop, crop), astronaut)


@pytest.mark.parametrize("degrees", [0, 30])
def test_outside_the_crop_pixels_stay(astronaut, degrees):
    face = turned(degrees)
    crop = align(astronaut, face)
    changed = (put_back(astronaut, face, crop, 1 - crop) != astronaut).any(2)
    inverse = np.linalg.inv(np.vstack([crop_to_photo(face, SIZE), [0, 0, 1]]))
    y, x = np.mgrid[:512, :512] + 0.5
    u, v = np.einsum("ij,jhw->ihw", inverse, np.stack([x, y, np.ones_like(x)]))[:2]
    inside = (np.minimum(u, v) > 0) & (np.maximum(u, v) < SIZE)
    assert changed[inside].mean() > 0.8
    assert not changed[~inside].any()


def test_a_constant_change_is_full_in_the_middle_and_fades_to_the_border():
    photo, face = np.full((400, 400, 3), 0.25, np.float32), upright(40, 40, scale=5.0)
    zeros = np.zeros((SIZE, SIZE, 3), np.float32)
    change = put_back(photo, face, zeros, zeros + np.float32(0.5))[..., 0] - photo[..., 0]
    line = change[200, 40:360]
    assert line[80:240] == pytest.approx(0.5, abs=1e-5)
    assert line[0] == line[-1] == 0
    assert (np.diff(line[:160]) >= -1e-6).all()
    assert np.abs(np.diff(change, axis=0)).max() < 0.02  # no visible box


@pytest.mark.parametrize(("degrees", "scale"), [(0, 2.0), (35, 2.6), (-90, 1.3)])
def test_a_change_lands_where_it_was_painted(degrees, scale):
    face, zeros = turned(degrees, scale), np.zeros((SIZE, SIZE, 3), np.float32)
    painted = zeros.copy()
    painted[20:23, 40:43] = 0.4  # its middle is at (41.5, 21.5)
    change = put_back(np.zeros((512, 512, 3), np.float32), face, zeros, painted)[..., 0]
    matrix = crop_to_photo(face, SIZE)
    place = matrix[:, :2] @ (41.5, 21.5) + matrix[:, 2]
    middle = ndimage.center_of_mass(change)
    assert (middle[1] + 0.5, middle[0] + 0.5) == pytest.approx(tuple(place), abs=0.15)


def test_a_change_is_what_a_direct_computation_gives(astronaut):
    face, difference = turned(17, 2.3), 0.1 * smooth(np.random.default_rng(0))
    photo = 0.25 + 0.5 * astronaut  # far from black and white, so that nothing is clipped
    before = align(photo, face)
    got = put_back(photo, face, before, before + difference) - photo
    matrix = crop_to_photo(face, SIZE)
    inner = np.random.default_rng(1).uniform(20, 44, (200, 2))  # where changes are not faded
    pixels = np.floor(inner @ matrix[:, :2].T + matrix[:, 2]).astype(int)
    places = (pixels + 0.5 - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T - 0.5
    for c in range(3):
        wanted = ndimage.map_coordinates(difference[..., c], places[:, ::-1].T, order=3)
        assert got[pixels[:, 1], pixels[:, 0], c] == pytest.approx(wanted, abs=2e-4)


def test_a_small_face_takes_the_mean_of_a_change(astronaut):
    face, zeros = upright(200, 200, scale=0.25), np.zeros((SIZE, SIZE, 3), np.float32)
    stripes = zeros.copy()
    stripes[:, ::2] = 0.2
    change = put_back(np.full_like(astronaut, 0.5), face, zeros, stripes)[..., 0] - 0.5
    assert change[206:210, 206:210] == pytest.approx(0.1, abs=0.02)


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
        choose(two, [parts(500, 480, two)], None)
    assert any("no face at the click" in note for note in notes)


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
