import numpy as np
import pytest
from scipy import ndimage
from skimage import data

from imgen.faces.crop import Face, warp
from imgen.faces.look import pyramid
from imgen.faces.view import LOOK, upright, view


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    return ndimage.gaussian_filter(data.astronaut().astype(np.float32) / 255, (1.5, 1.5, 0))


def turned(degrees: float, across: float, middle: complex = 225 + 102j) -> Face:
    half = across / 2 * np.exp(1j * np.radians(degrees))
    return Face(*((p.real, p.imag) for p in (middle - half, middle + half)), 1.0)


@pytest.mark.parametrize("degrees", [0, 17, 90, 200])
def test_a_face_is_upright_in_a_view(degrees):
    face = turned(degrees, 43)
    matrix = upright(face, 12)
    left, right = ((np.array(eye) - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T for eye in (face.left, face.right))
    nose = 0.4 * 12
    assert left == pytest.approx((LOOK / 2 - 6, LOOK / 2 - nose))
    assert right == pytest.approx((LOOK / 2 + 6, LOOK / 2 - nose))


@pytest.mark.parametrize(("degrees", "across"), [(0, 43), (20, 30), (-90, 60), (180, 14), (10, 120)])
def test_a_view_shows_what_a_precise_one_shows(photo, degrees, across):
    matrix = upright(turned(degrees, across), 12)
    quick, precise = view(photo, list(pyramid(photo)), matrix), warp(photo, matrix, (LOOK, LOOK)).clip(0, 1)
    assert quick.shape == (LOOK, LOOK, 3)
    assert np.abs(quick - precise).mean() < 0.02


def test_a_view_beyond_the_photo_shows_its_border(photo):
    shown = view(photo, [], upright(turned(0, 12, -400 - 300j), 12))
    assert shown == pytest.approx(np.broadcast_to(photo[0, 0], shown.shape), abs=1e-5)
    assert 0 <= shown.min() <= shown.max() <= 1
