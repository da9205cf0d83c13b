import numpy as np

import imgen
from imgen.image import guided
from imgen_plugins.core.tools.adjust import LUMA

sharpen = imgen.tools()["sharpen"]


def test_an_edge_becomes_steeper_without_lines_beside_it():
    x = np.arange(64)
    edge = (0.3 + 0.4 / (1 + np.exp(-(x - 32) / 2))).astype(np.float32)
    image = np.repeat(np.repeat(edge[None, :, None], 40, 0), 3, 2)
    result = sharpen(image, amount=2, radius=2, threshold=0)[20, :, 0]
    assert np.diff(result).max() > 1.2 * np.diff(edge).max()
    assert result.max() - edge.max() < 0.06
    assert edge.min() - result.min() < 0.06


def test_colours_and_faint_noise_stay(photo):
    noise = np.random.default_rng(0).normal(0.5, 0.002, (50, 50, 3)).astype(np.float32)
    assert np.array_equal(sharpen(noise, amount=3), noise)
    change = sharpen(photo.pixels, amount=1) - photo.pixels
    inside = ((photo.pixels > 0.2) & (photo.pixels < 0.8)).all(2)
    assert np.abs(np.ptp(change, axis=2))[inside].max() < 1e-5  # all channels alike
    assert np.abs(change @ LUMA).max() > 0.02


def test_strips_fit_together(photo, monkeypatch):
    whole = sharpen(photo.pixels, radius=3)
    monkeypatch.setattr(guided, "STRIP", 7 * photo.width)
    assert np.array_equal(sharpen(photo.pixels, radius=3), whole)
