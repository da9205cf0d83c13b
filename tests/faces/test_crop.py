"""Faces are cut out, and changes put back."""

import numpy as np
import pytest
from scipy import ndimage
from test_finder import LEFT, RIGHT, upright

from imgen.faces import CLOSE, EYES, WIDE, Face, align, put_back
from imgen.faces.crop import SIZE, crop_to_photo


def turned(degrees: float, scale: float = 3.0) -> Face:
    half = scale * (EYES[1][0] - EYES[0][0]) / 2 * np.exp(1j * np.radians(degrees))
    middle = 250 + 210j
    return Face(*((p.real, p.imag) for p in (middle - half, middle + half)), 1.0)


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
