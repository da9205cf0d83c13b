"""Enlarged photos, through the shipped model."""

import threading

import numpy as np
import pytest
from PIL import Image

import imgen
from imgen.errors import Cancelled, ParameterError


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((a[8:-8, 8:-8] - b[8:-8, 8:-8]) ** 2)))


@pytest.fixture
def large(cat) -> np.ndarray:
    """The cat, its sides multiples of four."""
    return cat[: cat.shape[0] // 4 * 4, : cat.shape[1] // 4 * 4]


def made(picture: object, **parameters: object) -> imgen.Photo:
    return imgen.tools()["upscale"](picture, **parameters)


@pytest.mark.parametrize(("factor", "gain"), [(2, 0.7), (4, 0.3)])
def test_it_is_nearer_to_the_larger_photo_than_bicubic(large, factor, gain):
    small = Image.fromarray(large).resize(
        (large.shape[1] // factor, large.shape[0] // factor), Image.Resampling.BICUBIC
    )
    plain = np.asarray(small.resize(large.shape[1::-1], Image.Resampling.BICUBIC), np.float32) / 255
    ours = made(small, factor=factor).pixels
    truth = large.astype(np.float32) / 255
    assert ours.shape == truth.shape
    assert psnr(ours, truth) > psnr(plain, truth) + gain


def test_bands_and_tiles_are_the_whole(large, monkeypatch):
    small = large[::2, ::2]
    whole = made(small).pixels
    monkeypatch.setattr("imgen_plugins.autoencoder.tools.upscaling.WHOLE", 100)
    monkeypatch.setattr("imgen_plugins.autoencoder.tools.upscaling.BAND", 50)
    assert made(small).pixels == pytest.approx(whole, abs=1e-4)


def test_without_sharpness_it_is_bicubic(large):
    small = Image.fromarray(large[:60, :80])
    plain = np.asarray(small.resize((160, 120), Image.Resampling.BICUBIC), np.float32) / 255
    none, all_of_it = made(small, sharpness=0).pixels, made(small).pixels
    assert none == pytest.approx(plain, abs=1.5 / 255)  # which has 8 bits
    assert made(small, sharpness=0.5).pixels == pytest.approx((none + all_of_it) / 2, abs=0.01)  # each is clipped


def test_flat_stays_flat_and_grey_stays_nearly_grey():
    flat = np.full((30, 40, 3), 0.25, np.float32)
    assert made(flat).pixels == pytest.approx(0.25, abs=2 / 255)


def test_selection_opacity_and_metadata_go_along(photo):
    height, width = photo.pixels.shape[:2]
    selection = np.zeros((height, width), np.float32)
    selection[: height // 2] = 1
    alpha = np.ones((height, width), np.float32)
    alpha[:, : width // 4] = 0
    marked = photo.replace(selection=selection, alpha=alpha, dpi=(300.0, 300.0))
    result = imgen.Pipeline().add("upscale")(marked, cache=None)
    assert (result.width, result.height) == (2 * width, 2 * height)
    assert result.selection.shape == result.alpha.shape == (2 * height, 2 * width)
    assert result.selection[: height - 4].min() == 1
    assert result.selection[height + 4 :].max() == 0
    assert result.alpha[:, : width // 2 - 4].max() == 0
    assert (result.dpi, result.icc, result.exif, result.depth) == (marked.dpi, marked.icc, marked.exif, marked.depth)


def test_what_is_hidden_does_not_bleed():
    pixels = np.zeros((40, 60, 3), np.float32)
    pixels[:, :30] = (0, 1, 0)
    pixels[:, 30:] = (1, 0, 0)
    alpha = np.zeros((40, 60), np.float32)
    alpha[:, 30:] = 1
    result = imgen.Pipeline().add("upscale")(imgen.Photo(pixels, alpha=alpha), cache=None)
    assert result.pixels[result.alpha > 0.02][:, 1].max() < 0.05


def test_too_many_pixels_are_refused_before_anything_is_computed():
    wide = imgen.Photo(np.zeros((1, 30_000_000, 3), np.float32))
    with pytest.raises(ParameterError, match=r"at most 400 megapixels; factor=2"):
        imgen.Pipeline().add("upscale", factor=4)(wide, cache=None)


def test_progress_rises_over_both_rounds_and_a_cancelled_run_stops(large, monkeypatch):
    monkeypatch.setattr("imgen_plugins.autoencoder.tools.upscaling.WHOLE", 100)
    monkeypatch.setattr("imgen_plugins.autoencoder.tools.upscaling.BAND", 16)
    photo, told, stop = imgen.Photo.from_array(large[:80, :80]), [], threading.Event()
    imgen.Pipeline().add("upscale", factor=4).run(photo, cache=None, progress=lambda done, _: told.append(done))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert len({round(done, 2) for done in told}) > 8

    def stopping(done: float, _: str) -> None:
        if done > 0.3:
            stop.set()

    with pytest.raises(Cancelled):
        imgen.Pipeline().add("upscale", factor=4).run(photo, cache=None, progress=stopping, cancel=stop)
