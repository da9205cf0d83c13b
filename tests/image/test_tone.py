import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
from imgen.image.lab import lab_to_rgb, rgb_to_lab
from imgen.image.tone import Tone, tone_of

CASES = Path(__file__).parents[1] / "cases"
PHOTOS = {name: getattr(data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")}


def sepia(rgb: np.ndarray) -> np.ndarray:
    """The usual matrix, which clips to pale yellow."""
    return (rgb @ np.float32([[0.393, 0.349, 0.272], [0.769, 0.686, 0.534], [0.189, 0.168, 0.131]])).clip(0, 1)


def brown(rgb: np.ndarray) -> np.ndarray:
    """From black over brown to warm paper."""
    grey = rgb @ np.float32([0.299, 0.587, 0.114])
    return np.stack([1.07 * grey, 0.74 * grey + 0.1 * grey**2, 0.43 * grey + 0.2 * grey**2], -1).clip(0, 1)


def lab_tone(a, b):
    """A tone whose a and b depend on the lightness 0..1."""

    def tone(rgb: np.ndarray) -> np.ndarray:
        lightness = rgb_to_lab(rgb)[..., 0]
        part = lightness / 100
        return lab_to_rgb(np.stack([lightness, a(part), b(part)], -1).astype(np.float32))

    return tone


TONES = {
    "sepia": sepia,
    "brown": brown,
    "paper": lab_tone(lambda t: 2 + 0 * t, lambda t: 6 + 8 * t),
    "cyanotype": lab_tone(lambda t: -14 * np.sin(np.pi * t), lambda t: -18 * np.sin(np.pi * t)),
    "selenium": lab_tone(lambda t: 8 * (1 - t), lambda t: -6 * (1 - t)),
    "split": lab_tone(lambda t: 10 * (t - 0.5), lambda t: 20 * (t - 0.5)),
    "grey": lab_tone(lambda t: 0 * t, lambda t: 0 * t),
}


def jpeg(rgb: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Pillow.fromarray((255 * rgb.clip(0, 1) + 0.5).astype(np.uint8)).save(file, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Pillow.open(file), np.float32) / 255


def noisy(rgb: np.ndarray) -> np.ndarray:
    return np.asarray(rgb + np.random.default_rng(0).normal(0, 8 / 255, rgb.shape), np.float32).clip(0, 1)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_has_colours_and_a_toned_copy_has_one_tone(name):
    photo = PHOTOS[name].astype(np.float32) / 255
    assert tone_of(photo) is None
    assert tone_of(0.35 * photo + 0.65 * brown(photo)) is None  # muted, as old prints are
    for tone in TONES.values():
        toned = tone(photo)
        assert tone_of(toned) is not None
        assert tone_of(jpeg(toned, 60)) is not None
        assert tone_of(jpeg(noisy(toned), 85)) is not None


def test_the_curve_is_the_tone_and_goes_on_beyond_the_photos_lightness():
    photo = 0.2 + 0.5 * PHOTOS["coffee"].astype(np.float32) / 255
    tone = tone_of(TONES["paper"](photo))
    middle = np.array([40.0, 60.0], np.float32)
    assert tone.of(middle) == pytest.approx(np.stack([[2, 2], 6 + 0.08 * middle], -1), abs=0.5)
    assert np.isfinite(tone.of(np.float32([0, 100]))).all()


def test_only_what_is_known_counts():
    photo = brown(PHOTOS["coffee"].astype(np.float32) / 255)
    photo[100:200, 100:300] = (0, 0.3, 1)
    known = np.ones(photo.shape[:2], bool)
    known[100:200, 100:300] = False
    assert tone_of(photo) is None
    assert tone_of(photo, known) is not None
    assert tone_of(photo, np.zeros_like(known)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 3), (700, 9)])
def test_photos_of_any_shape_can_be_judged(shape):
    assert isinstance(tone_of(np.full((*shape, 3), 0.5, np.float32)), Tone)


def test_what_is_equal_stays_and_lightness_is_the_new_ones():
    old = brown(PHOTOS["chelsea"].astype(np.float32) / 255)
    tone, new = tone_of(old), old.copy()
    new[50:60] = (0.8, 0.1, 0.1)
    made = tone.kept(old, new)
    assert np.array_equal(made[:50], old[:50])
    lab = rgb_to_lab(made[50:60])
    assert np.abs(lab[..., 0] - rgb_to_lab(new[50:60])[..., 0]).max() < 1
    assert np.abs(lab[..., 1:] - tone.of(lab[..., 0])).max() < 4  # red is 60 away


def away(tone: Tone, pixels: np.ndarray, where: np.ndarray) -> np.ndarray:
    lab = rgb_to_lab(pixels[where])
    return np.hypot(*(lab[:, 1:] - tone.of(lab[:, 0])).T)


@pytest.mark.parametrize(
    ("tool", "parameters"),
    [
        ("edit_face", {"makeup": 3}),
        ("restyle_face", {"makeup": 1}),
        ("complete_face", {"candidates": 1}),
        ("denoise", {"noise": 15}),
        ("inpaint", {}),
    ],
)
def test_a_toned_photo_keeps_its_tone(tool, parameters):
    photo = imgen.open(CASES / "sepia.jpg")
    if tool in ("complete_face", "inpaint"):
        photo = imgen.Pipeline().add("select_rectangle", left=0.4, top=0.25, width=0.15, height=0.1)(photo)
    tone = tone_of(photo.pixels)
    edited = imgen.Pipeline().add(tool, **parameters)(photo, cache=None).pixels
    changed = (edited != photo.pixels).any(2)
    assert changed.mean() > 0.01
    usual = np.percentile(away(tone, photo.pixels, np.ones_like(changed)), 99)
    assert np.percentile(away(tone, edited, changed), 99) < usual + 1


def test_a_toned_print_on_a_page_with_colours_keeps_its_tone():
    toned = imgen.open(CASES / "sepia.jpg").pixels
    page = np.concatenate([toned, np.broadcast_to(np.float32([0.2, 0.4, 0.9]), (512, 200, 3))], 1)
    assert tone_of(page) is None
    edited = imgen.Pipeline().add("edit_face", makeup=3)(imgen.Photo(page), cache=None).pixels
    changed = (edited != page).any(2)
    usual = np.percentile(away(tone_of(toned), toned, np.ones(toned.shape[:2], bool)), 99)
    assert np.percentile(away(tone_of(toned), edited, changed), 99) < usual + 1


def test_a_face_with_colours_gets_colours():
    photo = PHOTOS["astronaut"].astype(np.float32) / 255
    edited = imgen.Pipeline().add("edit_face", makeup=5)(imgen.Photo(photo), cache=None).pixels
    changed = (edited != photo).any(2)
    moved = rgb_to_lab(edited[changed])[:, 1:] - rgb_to_lab(photo[changed])[:, 1:]
    assert np.percentile(np.hypot(*moved.T), 95) > 5


def test_a_toned_photo_can_still_be_given_colours():
    photo = imgen.open(CASES / "sepia.jpg")
    tone = tone_of(photo.pixels)
    coloured = imgen.Pipeline().add("colorize")(photo, cache=None).pixels
    assert away(tone, coloured, np.ones(coloured.shape[:2], bool)).mean() > 5


def test_what_is_filled_into_a_grey_photo_is_grey():
    grey = np.repeat(PHOTOS["coffee"][::2, ::2, :1], 3, 2)
    photo = imgen.Pipeline().add("select_rectangle", left=0.4, width=0.2, height=0.5)(imgen.Photo.from_array(grey))
    filled = imgen.Pipeline().add("inpaint")(photo, cache=None).pixels
    assert not np.array_equal(filled, photo.pixels)
    assert np.ptp(filled, axis=2).max() == 0
