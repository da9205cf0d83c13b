import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from scipy import ndimage
from skimage import data

import imgen
from imgen_plugins.autoencoder.tools.noise import TOLD, examine


def picture(name: str) -> np.ndarray:
    return imgen.Photo.from_array(getattr(data, name)()).pixels


def rounded(image: np.ndarray) -> np.ndarray:
    """As a file of 8 bits holds it."""
    return (np.rint(image.clip(0, 1) * 255) / 255).astype(np.float32)


def noisy(image: np.ndarray, sigma: float) -> np.ndarray:
    return rounded(image + np.random.default_rng(0).normal(0, sigma / 255, image.shape))


def drawing() -> np.ndarray:
    """Short black strokes of ink all over a white page."""
    page = Pillow.new("L", (1000, 800), 255)
    pen, rng = ImageDraw.Draw(page), np.random.default_rng(1)
    for angle, x, y, length in rng.uniform(0, 1, (900, 4)):
        end = length * 120 * np.exp(2j * np.pi * angle)
        pen.line((x * 1000, y * 800, x * 1000 + end.real, y * 800 + end.imag), fill=0, width=2)
    return imgen.Photo.from_array(np.asarray(page.resize((500, 400), Pillow.Resampling.BOX))).pixels


@pytest.mark.parametrize("sigma", [10, 25, 50])
@pytest.mark.parametrize("size", [1, 5])
def test_white_noise_is_found_within_a_tenth(cat, sigma, size):
    image = np.tile(cat, (size * 3, size * 3, 1)).astype(np.float32) / 255 * 0.6 + 0.2
    noisy = image + np.random.default_rng(0).normal(0, sigma / 255, image.shape).astype(np.float32)
    assert examine(noisy).level == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (5, 90), (16, 16)])
def test_any_size_and_flat_pictures(shape):
    assert examine(np.full((*shape, 3), 0.5, np.float32)).level == pytest.approx(0, abs=0.01)
    assert examine(np.zeros((*shape, 3), np.float32)).level == 0


@pytest.mark.parametrize("name", ["grass", "gravel", "brick", "text", "coins"])
def test_texture_is_not_taken_for_noise(name):
    assert examine(picture(name)).level < 4


def test_line_art_is_not_taken_for_noise():
    found = examine(drawing())
    assert found.level < 4
    assert found.doubtful


@pytest.mark.parametrize("sigma", [10, 25])
def test_noise_on_texture_is_still_found(sigma):
    assert examine(noisy(picture("gravel"), sigma)).level == pytest.approx(sigma, rel=0.25)


def test_grain_in_colours_shows_on_texture_that_has_none():
    grass = picture("grass")
    assert examine(noisy(grass, 8)).level == pytest.approx(8, rel=0.2)  # independent in the three channels


def mosaicked(image: np.ndarray, sigma: float) -> np.ndarray:
    """Noise of a sensor behind a Bayer filter, interpolated linearly: it is not white."""
    seen = image + np.random.default_rng(0).normal(0, sigma / 255, image.shape)
    kept = np.zeros(image.shape)
    kept[::2, ::2, 0] = kept[::2, 1::2, 1] = kept[1::2, ::2, 1] = kept[1::2, 1::2, 2] = 1
    kernel = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])[..., None] / 4
    return rounded(ndimage.convolve(seen * kept, kernel) / ndimage.convolve(kept, kernel))


def test_correlated_noise_of_a_camera_is_still_seen():
    clean = rounded(ndimage.zoom(picture("chelsea"), (1.5, 1.5, 1), order=1))
    assert examine(mosaicked(clean, 20)).level > 9


def smoothed(image: np.ndarray, sigma: float) -> np.ndarray:
    """Noise as large sensors leave it in their files: of the lightness, and coarser than a pixel."""
    grain = ndimage.gaussian_filter(np.random.default_rng(0).normal(0, 1, image.shape[:2]), 1.1)
    return rounded(image + (grain / grain.std() * sigma / 255)[..., None])


def test_noise_that_a_camera_has_smoothed_is_seen():
    found = examine(smoothed(picture("chelsea"), 4))
    assert 3 < found.level <= TOLD
    assert not found.doubtful


def test_noise_that_was_compressed_is_still_seen():
    file = io.BytesIO()
    Pillow.fromarray((noisy(picture("chelsea"), 25) * 255).astype(np.uint8)).save(file, "JPEG", quality=60)
    found = examine(imgen.Photo.from_array(np.asarray(Pillow.open(file))).pixels)
    assert found.level > 10
    assert not found.doubtful


def test_blotches_of_colour_are_seen():
    found = examine(imgen.open(Path(__file__).parents[2] / "cases" / "chroma_blotches.jpg").pixels)
    assert found.blotches > 2.5
    assert found.level < 4


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "retina", "grass"])
def test_no_blotches_where_there_are_none(name):
    assert examine(picture(name)).blotches == 0


def test_white_noise_is_no_blotches(cat):
    image = np.tile(cat, (2, 2, 1)).astype(np.float32) / 255 * 0.6 + 0.2
    assert examine(noisy(image, 40)).blotches == 0
