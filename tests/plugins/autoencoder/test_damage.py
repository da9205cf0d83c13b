"""Damage that is found by itself, through the shipped model."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from skimage import data

import imgen
from imgen_plugins.autoencoder.tools.damage import suited


def selected(picture: object, notes: list[str] | None = None, **parameters: object) -> np.ndarray:
    photo = imgen.Photo.from_array(picture)
    selection = imgen.Pipeline().add("select_damage", **parameters).run(photo, cache=None, notes=notes).selection
    assert selection is not None
    return selection


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """The astronaut in grey, as an old print has her."""
    grey = data.astronaut() @ np.array([0.299, 0.587, 0.114])
    return np.repeat((0.1 + 0.75 * grey / 255)[..., None], 3, 2).astype(np.float32)


@pytest.fixture(scope="module")
def scratched(portrait) -> tuple[np.ndarray, np.ndarray]:
    """The same with scratches, dust and a crease; and where these are."""
    canvas = Image.new("L", (3 * 512, 3 * 512))
    draw, rng = ImageDraw.Draw(canvas), np.random.default_rng(0)
    draw.line([(200, 0), (260, 600), (330, 1536)], 255, 6)
    draw.line([(1536, 300), (900, 420), (500, 500)], 220, 4)
    draw.line([(0, 1100), (1536, 1130)], 255, 8)
    for x, y in rng.uniform(0, 1536, (40, 2)):
        radius = rng.uniform(3, 9)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
    alpha = np.asarray(canvas.reduce(3), np.float32)[..., None] / 255
    return portrait + alpha * (0.95 - portrait), alpha[..., 0] > 0.5


def test_scratches_and_dust_are_found(scratched):
    image, truth = scratched
    found = selected(image) > 0.5
    assert found[truth].mean() > 0.6
    seen = np.asarray(Image.fromarray(truth).convert("L").resize((512, 512)))
    near = np.pad(seen > 0, 3)
    around = np.max([np.roll(near, (i, j), (0, 1)) for i in (-3, 0, 3) for j in (-3, 0, 3)], 0)[3:-3, 3:-3]
    assert around[found].mean() > 0.6


def test_a_whole_portrait_is_left_alone(portrait):
    assert selected(portrait).mean() < 0.008


def test_words_are_left_alone():
    page = Image.new("RGB", (500, 300), (235, 230, 220))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(20)
    for k in range(9):
        draw.text((20, 15 + 30 * k), "The quick brown fox jumps over the lazy dog", (40, 35, 30), font)
    assert selected(np.asarray(page)).mean() < 0.02


def test_more_sensitivity_selects_more(scratched):
    shares = [float(selected(scratched[0], sensitivity=s).mean()) for s in (0.1, 0.5, 0.9)]
    assert shares[0] < shares[1] < shares[2]


def test_one_click_restores_and_spares_what_is_whole(portrait, scratched):
    image, truth = scratched
    restore = imgen.Pipeline().add("select_damage").add("inpaint").add("clear_selection")
    result = restore(imgen.Photo.from_array(image), cache=None).pixels
    before, after = (float(np.abs(one - portrait)[truth].mean()) for one in (image, result))
    assert after < 0.5 * before


def test_where_nothing_is_damaged_nothing_changes():
    y, x = np.mgrid[:120, :160].astype(np.float32)
    plain = np.stack([0.3 + 0.002 * x, 0.4 + 0.001 * y, 0.5 - 0.001 * x], 2).astype(np.float32)
    notes: list[str] = []
    photo = imgen.Photo.from_array(plain)
    result = imgen.Pipeline().add("select_damage").add("inpaint").run(photo, cache=None, notes=notes)
    assert np.array_equal(result.pixels, photo.pixels)
    assert any("no damage found" in note for note in notes)
    assert any("inpaint: nothing is selected" in note for note in notes)


def test_a_large_scan_is_seen_at_two_sizes(portrait):
    large = Image.fromarray((portrait * 255).astype(np.uint8)).resize((2048, 2048), Image.Resampling.BICUBIC)
    draw, lines = ImageDraw.Draw(large), Image.new("L", large.size)
    for k, width in enumerate((2, 4, 6, 8)):
        place = [(150 + 300 * k, 0), (500 + 300 * k, 2047)]
        draw.line(place, (245, 240, 235), width)
        ImageDraw.Draw(lines).line(place, 255, width)
    found, truth = selected(np.asarray(large)) > 0.5, np.asarray(lines) > 0
    assert found[truth].mean() > 0.6
    assert found.mean() < 4 * truth.mean()


def test_doubtful_marks_count_where_there_are_sure_ones():
    doubtful = np.full((100, 100), 1e-5, np.float32)
    doubtful[40, 20:40] = 0.3
    sure = doubtful.copy()
    sure[60:70] = 0.99
    assert suited(sure, 0.45) < 0.3 < 0.45 < suited(doubtful, 0.45)
    assert suited(sure, 0.3) < suited(sure, 0.6)
