import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
import imgen_plugins.unet as plugin
from imgen.cli.entry import main
from imgen.image.lab import lab_to_rgb, rgb_to_lab, without_colour
from imgen_plugins.unet.tools import calibration, colour


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


def test_what_is_mirrored_gets_the_same_colours(grey, coloured):
    mirrored = imgen.tools()["colorize"](grey[:, ::-1])[:, ::-1]
    assert mirrored == pytest.approx(coloured, abs=0.02)


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
            assert methods["imgen"]["mean"] >= (1.7 if "cbsd68" in row else 1.6)
        if row.endswith(": colourfulness"):
            assert methods["imgen"]["mean"] >= 0.75 * methods["truth"]["mean"]
        if "Fréchet" in row:
            assert methods["imgen"]["mean"] < min(methods[name]["mean"] for name in ("left grey", "mean colour"))


def test_colours_are_made_as_strong_as_photos_have_them():
    """Violet stronger, green weaker, dark colours paler, and less of one tint over the whole picture."""
    light = np.full((8, 8), 0.5, np.float32)
    whole = np.zeros((8, 8, 2), np.float32)
    whole[:4] = (12, -16)  # violet
    whole[4:] = (-16, 12)  # green
    made = calibration.calibrated(whole, light)
    assert np.hypot(*made[0, 0]) > 1.3 * np.hypot(*made[7, 0])
    dark = calibration.calibrated(whole, np.full((8, 8), 0.02, np.float32))
    assert np.abs(dark - dark.mean((0, 1))).max() < 0.9 * np.abs(made - made.mean((0, 1))).max()
    tinted = np.full((8, 8, 2), np.float32([10, 10]))
    assert np.abs(calibration.calibrated(tinted, light) - calibration.USUAL).max() < 11
    grey = calibration.calibrated(np.zeros((8, 8, 2), np.float32), light)
    assert np.hypot(*grey[0, 0]) < 2


def test_hues_go_round_without_a_jump():
    angles = np.linspace(-np.pi, np.pi, 721, dtype=np.float32)
    ring = 20 * np.stack([np.cos(angles), np.sin(angles)], -1)[None]
    made = calibration.calibrated(ring, np.full((1, 721), 0.5, np.float32))
    assert np.abs(np.diff(np.hypot(*np.moveaxis(made[0], 1, 0)))).max() < 0.5
    assert made[0, 0] == pytest.approx(made[0, -1], abs=1e-3)
