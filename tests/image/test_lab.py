import numpy as np
import pytest
from skimage import color

from imgen.image.lab import lab_to_rgb, lightness, rgb_to_lab


def test_agrees_with_scikit_image(cat):
    assert rgb_to_lab(cat) == pytest.approx(color.rgb2lab(cat), abs=0.05)
    assert rgb_to_lab(cat.astype(np.float32) / 255) == pytest.approx(rgb_to_lab(cat), abs=1e-3)


def test_there_and_back(cat):
    assert (lab_to_rgb(rgb_to_lab(cat)) * 255).round() == pytest.approx(cat, abs=0)


def test_grey_has_no_chroma():
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[:, None], 3, 1)
    assert rgb_to_lab(ramp)[:, 1:] == pytest.approx(0, abs=1e-2)


def test_lightness_alone_is_the_same(cat):
    picture = cat.astype(np.float32) / 255
    assert lightness(picture) == pytest.approx(rgb_to_lab(picture)[..., :1], abs=1e-3)


@pytest.mark.parametrize("light", [0, 1, 20, 50, 90, 100])
def test_out_of_gamut_keeps_lightness_and_hue(light):
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    lab = np.stack([np.full(60, light), 120 * np.cos(angle), 120 * np.sin(angle)], 1).astype(np.float32)
    rgb = lab_to_rgb(lab)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    back = rgb_to_lab(rgb)
    assert back[:, 0] == pytest.approx(lab[:, 0], abs=0.2)
    strong = np.hypot(back[:, 1], back[:, 2]) > 5
    turned = np.arctan2(back[:, 2], back[:, 1]) - np.arctan2(lab[:, 2], lab[:, 1])
    assert np.abs(np.sin(turned[strong])).max(initial=0) < 0.05
