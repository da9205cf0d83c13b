import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

import imgen
from imgen.contract.context import Context, using
from imgen.image.masks import read_mask
from imgen.io.pictures import as_mask, load_pictures

CASES = Path(__file__).parents[1] / "cases"


def drawn(soft: float = 0.0) -> np.ndarray:
    """A disc and a thick line as bytes (240, 320), with a soft edge."""
    picture = Pillow.new("L", (320, 240))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((40, 40, 180, 180), fill=255)
    pen.line((200, 20, 300, 220), fill=255, width=9)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(soft)) if soft else picture)


def painted(mask: np.ndarray, colour: tuple[int, int, int], ground: tuple[int, int, int]) -> np.ndarray:
    part = mask[..., None] / 255
    return np.rint(part * np.array(colour) + (1 - part) * np.array(ground)).astype(np.uint8)


def compressed(array: np.ndarray, quality: int = 75, suffix: str = "JPEG") -> np.ndarray:
    file = io.BytesIO()
    Pillow.fromarray(array).save(file, suffix, quality=quality)
    return np.asarray(Pillow.open(file))


def levels(mask: np.ndarray) -> np.ndarray:
    return np.rint(mask * 255)


def read(array: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """What is selected, and the notes."""
    notes: list[str] = []
    with using(Context(notes=notes)):
        return read_mask(imgen.Photo.from_array(array)), notes


def inner(mask: np.ndarray, margin: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """What is certainly selected and certainly not, some pixels away from the outline."""
    picture = Pillow.fromarray(mask)
    size = 2 * margin + 1
    return (
        np.asarray(picture.filter(ImageFilter.MinFilter(size))) == 255,
        np.asarray(picture.filter(ImageFilter.MaxFilter(size))) == 0,
    )


@pytest.mark.parametrize("soft", [0, 3, 40])
def test_a_clean_mask_comes_back_as_it_is(soft):
    mask = drawn(soft)
    mask = (mask / mask.max() * 255).astype(np.uint8)
    for array in (mask, np.dstack([mask] * 3), np.dstack([mask] * 3 + [np.full_like(mask, 255)])):
        assert np.array_equal(levels(read(array)[0]), mask)
        assert read(array)[1] == []


def test_sixteen_bits_are_kept():
    mask = np.linspace(0, 65535, 300 * 300).astype(np.uint16).reshape(300, 300)
    assert np.array_equal(np.rint(read(mask)[0] * 65535), mask)


@pytest.mark.parametrize("soft", [0, 4])
@pytest.mark.parametrize("colour", [(255, 0, 0), (128, 0, 0), (20, 30, 210), (255, 255, 0)])
def test_colour_on_black_selects_all_of_it(colour, soft):
    mask = drawn(soft)
    got, notes = read(painted(mask, colour, (0, 0, 0)))
    assert got == pytest.approx(mask / 255, abs=1.5 / min(c for c in colour if c > 100))
    assert got.max() == 1
    assert notes == []


def test_black_is_the_ground_also_where_colour_covers_nearly_all():
    mask = 255 - drawn()
    mask[:, :200] = 255
    got, notes = read(painted(mask, (220, 30, 20), (0, 0, 0)))
    assert np.array_equal(levels(got), mask)
    assert notes == []


@pytest.mark.parametrize(
    ("colour", "ground", "words"),
    [((220, 20, 30), (255, 255, 255), "colour on white"), ((220, 20, 30), (20, 20, 200), "not at the border")],
)
def test_colour_on_white_or_on_another_colour_selects_it_with_a_note(colour, ground, words):
    mask = drawn(2)
    got, notes = read(painted(mask, colour, ground))
    assert got == pytest.approx(mask / 255, abs=0.01)
    assert len(notes) == 1
    assert words in notes[0]


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (200, 0, 0)])
def test_paint_on_transparency_is_selected(colour):
    mask = drawn(2)
    array = np.dstack([np.full((*mask.shape, 3), colour, np.uint8), mask])
    got, notes = read(array)
    assert np.array_equal(levels(got), mask)
    assert notes == []


def test_black_and_white_on_transparency_is_read_by_its_white():
    mask, alpha = drawn(), np.full((240, 320), 255, np.uint8)
    alpha[:, :10] = 0
    got, notes = read(np.dstack([mask, mask, mask, alpha]))
    assert np.array_equal(levels(got), mask)
    assert "white was read as selected" in notes[0]


def test_even_transparency_is_no_mask():
    mask = drawn()
    got, notes = read(np.dstack([mask, mask, mask, np.full_like(mask, 120)]))
    assert np.array_equal(levels(got), mask)
    assert "brightness was read" in notes[0]


@pytest.mark.parametrize("soft", [0, 4])
def test_off_white_on_off_black_is_stretched(soft):
    mask = drawn(soft)
    got, notes = read(painted(mask, (236, 235, 228), (15, 12, 16)))
    assert got == pytest.approx(mask / 255, abs=0.01)
    assert got[np.equal(mask, 255)].min() == 1
    assert got[np.equal(mask, 0)].max() == 0
    assert notes == []
    assert "were read as" in read(painted(mask, (210, 210, 210), (50, 50, 50)))[1][0]


def test_thin_lines_on_off_black_leave_no_haze():
    mask = np.zeros((200, 200), np.uint8)
    mask[50], mask[51], mask[52] = 70, 240, 120
    got, _ = read(np.maximum(mask, 12))
    assert got[:50].max() == got[53:].max() == 0
    assert got[51] == pytest.approx(1)


@pytest.mark.parametrize("way", [{"quality": 90}, {"quality": 50}, {"quality": 60, "suffix": "WEBP"}])
@pytest.mark.parametrize("colour", [(255, 255, 255), (230, 230, 226), (255, 0, 0)])
def test_noise_of_compression_is_cut_off(way, colour):
    mask = drawn()
    got, _ = read(compressed(painted(mask, colour, (0, 0, 0) if colour[1] in (0, 255) else (14, 14, 14)), **way))
    chosen, outside = inner(mask)
    assert np.equal(got[chosen], 1).mean() > 0.995
    assert np.equal(got[outside], 0).mean() > 0.995


def test_a_soft_edge_stays_soft_in_a_jpeg():
    mask = drawn(5)
    got, _ = read(compressed(mask, 80))
    assert got == pytest.approx(mask / 255, abs=0.05)
    assert ((got > 0.05) & (got < 0.95)).mean() == pytest.approx(((mask > 13) & (mask < 242)).mean(), rel=0.1)


def test_a_half_tone_stays_half_and_a_class_map_selects():
    half, notes = read((drawn() > 127).astype(np.uint8) * 128)
    assert half.max() == pytest.approx(128 / 255)
    assert "50 %" in notes[0]
    classes, notes = read((drawn() > 127).astype(np.uint8))
    assert np.array_equal(levels(classes), drawn())
    assert "almost black" in notes[0]


def test_a_photo_as_a_mask_is_read_by_its_brightness_with_a_note(cat):
    got, notes = read(cat)
    assert got == pytest.approx(cat.mean(2) / 255, abs=0.003)
    assert "looks like a photo" in notes[0]


def test_an_empty_mask_is_mentioned():
    got, notes = read(np.zeros((20, 30, 3), np.uint8))
    assert not got.any()
    assert "selects nothing" in notes[0]


def test_every_way_of_giving_a_mask_selects_all_of_the_red():
    """The mask of a strip along a photo's border, drawn in pure red on black."""
    path = CASES / "redrgb.png"
    red = np.asarray(Pillow.open(path))[..., 0]
    assert np.unique(red).tolist() == [0, 255]
    photo = imgen.Photo.from_array(np.zeros((*red.shape, 3), np.uint8))
    loaded = imgen.Pipeline().add("load_selection", file=str(path))(photo, cache=None)
    given = load_pictures(imgen.tools()["inpaint"], {"mask": str(path)})["mask"]
    picked = as_mask(imgen.open(path))  # the editor's upload
    for got in (loaded.selection, given, picked):
        assert np.array_equal(levels(got), red)


def test_a_mask_inside_a_recipe_is_not_read_a_second_time():
    mask = np.full((240, 320), 12, np.uint8)
    mask[:80] = 240  # soft on purpose: a recipe says exactly what was selected
    photo = imgen.Photo.from_array(np.zeros((240, 320, 3), np.uint8))
    step = imgen.Pipeline().add("load_selection", file=mask.astype(np.float32) / 255)
    again = imgen.Pipeline.from_json(step.to_json())
    assert np.array_equal(levels(again(photo, cache=None).selection), mask)
