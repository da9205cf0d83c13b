import numpy as np
import pytest

import imgen
from imgen.image.lab import companded, linear
from imgen_plugins.core.tools.tone import adapted, white

TOOLS = imgen.tools()


def ramp() -> np.ndarray:
    return np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, 2)


def test_exposure_halves_light_and_more_of_it_never_clips():
    darker = TOOLS["light"](ramp(), exposure=-1)
    assert linear(darker) == pytest.approx(linear(ramp()) / 2, abs=2e-5)
    brighter = TOOLS["light"](ramp(), exposure=2)[0, :, 0]
    assert linear(brighter[2:4]) == pytest.approx(4 * linear(ramp()[0, 2:4, 0]), rel=0.01)  # in the dark
    assert (np.diff(brighter) > 0).all()  # no two tones became one
    assert brighter[-1] == pytest.approx(1, abs=1e-4)
    assert pytest.approx(ramp(), abs=2e-5) == TOOLS["light"](ramp())


def test_shadows_and_highlights_change_by_themselves():
    image = np.full((90, 120, 3), 0.15, np.float32)
    image[:, 60:] = 0.85
    image[::7] *= np.float32(0.97)  # details, which stay
    for changed, other, tool in (
        (np.s_[:, :50], np.s_[:, 70:], {"shadows": 1}),
        (np.s_[:, 70:], np.s_[:, :50], {"highlights": -1}),
    ):
        moved = TOOLS["light"](image, **tool) - image
        assert abs(moved[changed].mean()) > 10 * abs(moved[other].mean())
        assert np.sign(moved[changed].mean()) == next(iter(tool.values()))
        rows = (image + moved)[changed][..., 0].mean(1)
        assert rows[7] / rows[8] == pytest.approx(0.97, abs=0.02)


def test_contrast_keeps_its_ends_and_its_middle_and_less_undoes_more():
    more = TOOLS["contrast"](ramp(), amount=0.8)
    assert more[0, [0, 255], 0] == pytest.approx([0, 1], abs=1e-5)
    assert more[0, 127:129, 0].mean() == pytest.approx(0.5, abs=1e-4)
    assert more[0, 64, 0] < 64 / 255 < 191 / 255 < more[0, 191, 0]
    assert TOOLS["contrast"](more, amount=-0.8) == pytest.approx(ramp(), abs=1e-3)
    assert np.array_equal(TOOLS["contrast"](ramp(), amount=0), ramp())


def test_white_moves_along_the_daylights():
    assert white(0, 0)[[0, 2]] == pytest.approx([0.95047, 1.08883], abs=2e-3)  # D65
    for kelvin, xy in ((5003, (0.3457, 0.3585)), (7504, (0.2990, 0.3149))):  # D50, D75
        x, y, z = white((1e6 / kelvin - 1e6 / 6504) / 80, 0)
        assert (x / (x + y + z), y / (x + y + z)) == pytest.approx(xy, abs=1e-3)
    assert adapted(0, 0) == pytest.approx(np.eye(3), abs=1e-6)
    grey = np.full((4, 4, 3), 0.5, np.float32)
    warm, cold = (TOOLS["temperature"](grey, warmth=w)[0, 0] for w in (0.6, -0.6))
    assert warm[0] > warm[1] > warm[2]
    assert cold[0] < cold[1] < cold[2]
    for tint in (warm, cold, TOOLS["temperature"](grey, tint=1)[0, 0]):
        assert linear(tint) @ [0.2126729, 0.7151522, 0.0721750] == pytest.approx(linear(grey)[0, 0, 0], abs=1e-4)
    assert TOOLS["temperature"](grey, tint=1)[0, 0, 1] < 0.5  # magenta


def test_curves_go_through_their_points_and_never_beyond():
    bent = TOOLS["curves"](ramp(), curve=[(0, 0), (0.2, 0.5), (0.8, 0.5), (1, 1)], red=[(0, 1), (1, 0)])
    green = bent[0, :, 1]
    assert green[[0, 51, 204, 255]] == pytest.approx([0, 0.5, 0.5, 1], abs=1e-4)
    assert (np.diff(green) >= -1e-6).all()
    assert green[51:205] == pytest.approx(0.5, abs=1e-4)  # no waves between equal points
    assert bent[0, :, 0] == pytest.approx(1 - green, abs=1e-4)
    part = TOOLS["curves"](ramp(), curve=[(0.25, 0.1), (0.75, 0.9)])[0, :, 0]
    assert (part[:60] == part[0]).all()
    assert part[[0, -1]] == pytest.approx([0.1, 0.9], abs=1e-4)
    assert companded(linear(part)) == pytest.approx(part, abs=1e-4)
