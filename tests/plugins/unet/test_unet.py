import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from scipy import ndimage
from skimage import data

import imgen
import imgen_plugins.unet as plugin
from imgen.cli.entry import main
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen_plugins.unet.tools import clicks, colour, edges
from imgen_plugins.unet.tools.clicks import Click


def chroma(rgb: np.ndarray) -> np.ndarray:
    lab = rgb_to_lab(rgb)
    return np.hypot(lab[..., 1], lab[..., 2])


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return data.astronaut()[::2, ::2].astype(np.float32) / 255


@pytest.fixture(scope="module")
def grey(astronaut) -> np.ndarray:
    return lab_to_rgb(without_colour(rgb_to_lab(astronaut)))


@pytest.fixture(scope="module")
def coloured(grey) -> np.ndarray:
    return imgen.tools()["colorize"](grey)


def test_grey_becomes_colour_and_keeps_its_lightness(grey, coloured):
    assert chroma(coloured).mean() > 5
    eight_bits = (coloured * 255).round().astype(np.uint8)
    assert rgb_to_lab(eight_bits)[..., 0] == pytest.approx(rgb_to_lab(grey)[..., 0], abs=0.6)


def test_it_is_nearer_to_the_truth_than_grey(astronaut, grey, coloured):
    assert np.mean((coloured - astronaut) ** 2) < np.mean((grey - astronaut) ** 2)


def test_strength_and_vividness(astronaut, grey, coloured):
    colorize = imgen.tools()["colorize"]
    assert np.array_equal(colorize(astronaut, strength=0), astronaut)
    assert chroma(colorize(grey, strength=0.5)).mean() < 0.7 * chroma(coloured).mean()
    assert chroma(colorize(grey, vividness=1)).mean() > 1.1 * chroma(colorize(grey, vividness=0)).mean()


def test_a_seed_gives_another_plausible_picture(grey, coloured):
    colorize = imgen.tools()["colorize"]
    other = colorize(grey, seed=3)
    assert np.array_equal(other, colorize(grey, seed=3))
    assert np.abs(rgb_to_lab(other) - rgb_to_lab(coloured))[..., 1:].mean() > 1
    assert rgb_to_lab(other)[..., 0] == pytest.approx(rgb_to_lab(grey)[..., 0], abs=0.2)


@pytest.mark.parametrize(("colour", "channel", "sign"), [("#c03030", 1, 1), ("#3050c0", 2, -1)])
def test_a_hint_colours_its_surroundings(grey, coloured, colour, channel, sign):
    hinted = imgen.tools()["colorize"](grey, hints=[[0.2, 0.6, colour]])
    change = sign * (rgb_to_lab(hinted) - rgb_to_lab(coloured))[..., channel]
    assert change[140:166, 40:62].mean() > 5
    assert np.abs(change[:40, 200:]).mean() < 0.5 * change[140:166, 40:62].mean()


def test_a_coloured_photo_is_mentioned(astronaut):
    notes: list[str] = []
    imgen.Pipeline().add("colorize")(imgen.Photo.from_array(astronaut), cache=None, notes=notes)
    assert any("has colours" in note for note in notes)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_files_of_all_kinds_become_colour(grey, tmp_path, mode):
    levels = (grey[..., 0] * (65535 if mode == "I;16" else 255)).round()
    picture = Pillow.fromarray(levels.astype(np.uint16 if mode == "I;16" else np.uint8))
    if mode == "LA":
        picture.putalpha(Pillow.linear_gradient("L").resize(picture.size))
    picture.save(tmp_path / "old.png")
    assert main(["run", str(tmp_path / "old.png"), "-s", "colorize", "-o", str(tmp_path / "new.png"), "-q"]) == 0
    before, after = imgen.open(tmp_path / "old.png"), imgen.open(tmp_path / "new.png")
    assert chroma(after.pixels).mean() > 5
    assert after.depth == (16 if mode == "I;16" else 8)
    assert (after.alpha is not None) == (mode == "LA")
    if after.alpha is not None:
        assert np.array_equal(after.alpha, before.alpha)
    assert rgb_to_lab(after.pixels)[..., 0] == pytest.approx(rgb_to_lab(before.pixels)[..., 0], abs=0.6)


@pytest.mark.parametrize("size", [(5001, 7), (7, 3000), (1, 1)])
def test_extreme_sizes(size):
    image = np.random.default_rng(0).random((*size, 3), dtype=np.float32)
    assert imgen.tools()["colorize"](image).shape == image.shape
    assert imgen.tools()["select_subject"](image).shape == size


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


def test_a_drawing_gets_no_blotches():
    page = np.full((240, 320, 3), 0.94, np.float32)
    page[:24], page[40:200, 20:110] = 0.25, 0.8
    for line in range(8):
        page[50 + 18 * line : 56 + 18 * line, 130 : 190 + 25 * (line % 4)] = 0.35
    assert colour.photographed(page) == 0
    assert chroma(imgen.tools()["colorize"](page)).max() < 1
    assert colour.photographed(data.coffee().astype(np.float32) / 255) == 1


def test_an_empty_picture_stays_grey():
    flat = np.full((120, 160, 3), 0.5, np.float32)
    assert chroma(imgen.tools()["colorize"](flat)).max() < 1
    assert chroma(imgen.tools()["colorize"](flat, hints=[[0.5, 0.5, "#c03030"]])).max() > 10  # unless one is told


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


def test_foreign_models_are_explained():
    image = np.zeros((8, 8, 3), np.float32)
    with pytest.raises(imgen.ImgenError, match="no segmentation"):
        imgen.tools()["segment"](image, model="autoencoder/denoise")
    with pytest.raises(imgen.ImgenError, match="unet/pix2pix"):
        imgen.tools()["image_to_image"](image, model="unet/subject")


def test_the_colour_classes_hold_the_colours():
    logits = np.full((colour.BINS**2, 1, 1), -50, np.float32)
    at = int(np.flatnonzero((colour.colours() == (30, -20)).all(1))[0])
    logits[at] = 0
    assert colour.decode(logits)[0, 0] == pytest.approx([30, -20], abs=1e-3)


def test_the_readme_shows_the_cards():
    pytest.importorskip("torch")
    card = import_module("imgen.training.card")
    readme = (Path(plugin.__file__).parent / "README.md").read_text(encoding="utf-8")
    for name in ("colorize", "subject"):
        found = json.loads((Path(plugin.imgen_models()) / f"{name}.json").read_text(encoding="utf-8"))
        assert card.section(found) in readme, f"run imgen evaluate unet/{name}"


def test_the_cards_stand_above_the_baselines():
    """As the evaluation measured it."""
    subject = imgen.model("unet/subject").card["evaluation"]["rows"]
    assert subject["max F"]["imgen"]["mean"] >= 0.925
    assert subject["MAE"]["imgen"]["mean"] <= 0.042
    assert subject["IoU"]["imgen, 2 clicks"]["mean"] >= 0.92
    for method in ("Otsu", "GrabCut", "fine-grained saliency"):
        assert subject["max F"][method]["mean"] < subject["max F"]["imgen"]["mean"]
        assert subject["MAE"][method]["mean"] > subject["MAE"]["imgen"]["mean"]
    colour = imgen.model("unet/colorize").card["evaluation"]["rows"]
    for row, methods in colour.items():
        if row.endswith(": gain"):
            assert methods["mean colour"]["mean"] < methods["imgen"]["mean"] < methods["imgen, 10 hints"]["mean"]
            assert methods["imgen"]["mean"] >= 1.7
        if "Fréchet" in row:
            assert methods["imgen"]["mean"] < min(methods[name]["mean"] for name in ("left grey", "mean colour"))
