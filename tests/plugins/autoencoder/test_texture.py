import numpy as np
import pytest

from imgen.image.resize import resize
from imgen_plugins.autoencoder.tools.texture import fill_texture, shrink


def test_stripes_are_continued_where_a_blur_would_be_grey():
    y, x = np.mgrid[:96, :96]
    stripes = np.repeat((0.5 + 0.5 * np.sin(x * 2 * np.pi / 8))[..., None], 3, 2).astype(np.float32)
    hole = (np.abs(y - 48) < 20) & (np.abs(x - 48) < 20)
    guide = resize(np.where(hole[..., None], np.float32(0.5), stripes), (48, 48))
    filled = fill_texture(stripes, hole, guide)
    assert np.array_equal(filled[~hole], stripes[~hole])
    assert filled[hole].std() > 0.8 * stripes[hole].std()
    assert np.abs(filled - stripes)[hole].mean() < 0.5 * np.abs(0.5 - stripes)[hole].mean()


def test_the_same_seed_gives_the_same_picture(cat):
    image = cat.astype(np.float32) / 255
    hole = np.zeros(image.shape[:2], bool)
    hole[50:90, 80:130] = True
    guide = resize(image, (75, 113))
    assert np.array_equal(fill_texture(image, hole, guide, seed=3), fill_texture(image, hole, guide, seed=3))


def test_without_a_whole_patch_the_guide_fills():
    image, hole = np.zeros((12, 12, 3), np.float32), np.ones((12, 12), bool)
    hole[0] = False
    assert fill_texture(image, hole, np.full((8, 8, 3), 0.25, np.float32))[6, 6] == pytest.approx(0.25)


def test_shrinking_leaves_the_hole_out_of_the_mean():
    image = np.full((32, 32, 3), 0.2, np.float32)
    hole = np.zeros((32, 32), bool)
    hole[8:20, 8:20] = True
    image[hole] = 1
    small, small_hole = shrink(image, hole, (16, 16))
    assert small[~small_hole] == pytest.approx(0.2)


@pytest.mark.parametrize("shape", [(5, 90), (90, 5), (9, 9), (30, 300)])
def test_thin_and_tiny_pictures_are_filled(shape):
    image = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    hole = np.zeros(shape, bool)
    hole[:, shape[1] // 3 : shape[1] // 2] = True
    filled = fill_texture(image, hole, np.full_like(image, 0.5))
    assert filled.shape == image.shape
    assert np.isfinite(filled).all()
    assert np.array_equal(filled[~hole], image[~hole])
