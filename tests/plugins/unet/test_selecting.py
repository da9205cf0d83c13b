"""The subject is selected, with clicks, boxes and edges."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import ndimage
from skimage import data

import imgen
from imgen.cli.entry import main
from imgen_plugins.unet.tools import clicks, edges
from imgen_plugins.unet.tools.clicks import Click


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return data.coffee()[::2, ::2].astype(np.float32) / 255


@pytest.fixture(scope="module")
def cup(coffee) -> np.ndarray:
    return imgen.tools()["select_subject"](coffee)


def test_the_subject_is_selected_and_the_rest_is_exactly_zero(cup):
    assert cup[60:100, 130:180].mean() > 0.9
    assert (cup == 0).mean() > 0.3  # grow_selection and inpaint take every pixel above 0
    assert 0.05 < cup.mean() < 0.6


def test_refining_follows_the_photo(coffee, cup):
    coarse = imgen.tools()["select_subject"](coffee, refine=False)
    edge = (cup > 0.02) & (cup < 0.98)
    assert np.abs(coarse - cup).max() > 0.2
    assert edge.mean() < 0.2


def two_spots() -> np.ndarray:
    image = np.full((120, 240, 3), 0.55, np.float32)
    y, x = np.mgrid[:120, :240]
    for centre, shade in ((60, (0.9, 0.2, 0.1)), (180, (0.1, 0.3, 0.9))):
        image[np.hypot(y - 60, x - centre) < 30] = shade
    return image + np.random.default_rng(0).normal(0, 0.01, image.shape).astype(np.float32)


def test_a_selection_is_soft_only_near_its_outline():
    found = np.full((512, 512), 0.3, np.float32)  # not sure, but outside
    found[100:300, 100:300] = 0.8
    found[180:220, 180:220] = 0.3  # enclosed, and not sure
    found[130:150, 130:150] = 0.02  # a hole
    problem = edges.asked(np.zeros((512, 512, 3), np.float32), found, edges.REACH)
    for place, value in (((450, 450), 0), ((240, 240), 1), ((200, 200), 1), ((20, 200), 0)):
        assert (problem.free[place], problem.guess[place]) == (False, value)
    assert problem.free[100, 200]
    assert problem.guess[140, 140] < 0.5


def test_a_click_takes_one_of_two_objects():
    mask = imgen.tools()["select_subject"](two_spots(), points=[[0.25, 0.5]])
    assert mask[45:75, 45:75].mean() > 0.8
    assert mask[:, 130:].max() == 0


def test_a_box_takes_what_is_inside():
    mask = imgen.tools()["select_subject"](two_spots(), box=[0.55, 0, 0.45, 1])
    assert mask[45:75, 165:195].mean() > 0.8
    assert mask[:, :132].max() == 0


def test_a_click_that_takes_away_leaves_the_other_object():
    mask = imgen.tools()["select_subject"](two_spots(), background_points=[[0.75, 0.5]])
    assert mask[45:75, 45:75].mean() > 0.8
    assert mask[50:70, 170:190].max() < 0.5


def test_a_click_on_what_was_not_found_adds_it(coffee, cup):
    """The cup stays, and the place that was clicked on comes in."""
    assert cup[-20:, :20].max() < 0.5
    height, width = cup.shape
    mask = imgen.tools()["select_subject"](coffee, points=[[10.5 / width, 1 - 10.5 / height]])
    assert mask[height - 11, 10] > 0.5
    assert mask[60:100, 130:180].mean() > 0.9


def test_clicks_become_discs_at_the_networks_size():
    drawn = clicks.discs([Click(50, 150, True), Click(0, 0, False)], (100, 200, 3), (64, 96, 3), 5)
    assert drawn.shape == (1, 2, 64, 96)
    rows, columns = np.nonzero(drawn[0, 0])
    assert (rows.mean(), columns.mean()) == pytest.approx((32, 72), abs=0.6)
    assert drawn[0, 0].sum() == pytest.approx(np.pi * 25, rel=0.1)
    assert drawn[0, 1, 0, 0] == 1
    assert drawn[0, 1, 8:].sum() == 0


def test_what_a_click_means():
    """A click on something that is found chooses it; one beside it adds; what is far away is looked at closer."""
    scene = np.zeros((64, 64), np.float32)
    scene[8:20, 8:20] = scene[8:20, 40:52] = 1

    def look(area: clicks.Area, some: list[Click]) -> np.ndarray:
        found = scene.copy() if clicks.extent(area) == (64, 64) else np.ones(clicks.extent(area))
        for row, column, adds in some:
            found[row - 2 : row + 3, column - 2 : column + 3] = adds
        return found.astype(np.float32)

    def meant(*some: Click, boxes: Sequence[clicks.Area] = ()) -> np.ndarray:
        return clicks.selected((64, 64), some, boxes, look)

    chosen = meant(Click(14, 14, True))
    assert chosen[14, 14] == 1
    assert chosen[14, 46] == 0
    added = meant(Click(50, 30, True))
    assert (added[14, 14], added[14, 46], added[50, 30]) == (1, 1, 1)
    less = meant(Click(14, 14, False))
    assert (less[14, 14], less[14, 46]) == (0, 1)
    boxed = meant(Click(32, 10, False), boxes=[np.s_[30:50, 4:20]])
    assert (boxed[14, 14], boxed[40, 10], boxed[32, 10]) == (0, 1, 0)


def test_no_subject_is_said():
    notes: list[str] = []
    flat = imgen.Photo.from_array(np.full((64, 64, 3), 0.5, np.float32))
    imgen.Pipeline().add("select_subject")(flat, cache=None, notes=notes)
    assert any("no clear subject" in note for note in notes)


def test_cut_out_and_removal(cat_file, tmp_path):
    cut, gone = tmp_path / "cut.png", tmp_path / "gone.png"
    assert main(["run", str(cat_file), "-s", "select_subject", "-s", "selection_to_alpha", "-o", str(cut), "-q"]) == 0
    alpha = imgen.open(cut).alpha
    assert alpha is not None
    assert alpha.min() == 0
    assert alpha.max() == 1
    steps = ["-s", "select_subject", "-s", "grow_selection:pixels=4", "-s", "inpaint"]
    assert main(["run", str(cat_file), *steps, "-o", str(gone), "-q"]) == 0
    before, after = imgen.open(cat_file).pixels, imgen.open(gone).pixels
    subject = ndimage.binary_dilation(alpha > 0, iterations=8)
    assert np.array_equal(before[~subject], after[~subject])
    assert np.abs(before - after)[alpha == 1].mean() > 0.05
