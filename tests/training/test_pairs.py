import numpy as np
import pytest
from PIL import Image as Pillow

pytest.importorskip("torchvision")

from imgen.training.data import DataError, Decoding
from imgen.training.pairs import Pairs


def save(folder, name, array):
    folder.mkdir(parents=True, exist_ok=True)
    picture = Pillow.fromarray(array)
    if array.ndim == 2 and array.max() < 4:
        picture = picture.convert("P")
        picture.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 200])
        picture.putdata(array.ravel().tolist())
    picture.save(folder / name)


@pytest.fixture
def folder(cat, tmp_path):
    save(tmp_path / "d" / "image", "a.png", cat)
    save(tmp_path / "d" / "mask", "a.png", np.full(cat.shape[:2], 200, np.uint8))
    return tmp_path / "d"


def test_both_pictures_are_cut_alike(folder, cat):
    save(folder / "same", "a.png", cat)
    pairs = Pairs([folder], "image", "same", Decoding())
    for seed in range(5):
        a, b = pairs.draw(np.random.default_rng(seed))
        assert np.array_equal(a, b)
        assert a.shape[0] >= 0.6 * cat.shape[0]


def test_class_numbers_survive_palettes_and_shrinking(tmp_path, cat):
    labels = np.zeros((300, 400), np.uint8)
    labels[:, 100:] = 1
    labels[:, 300:] = 3
    save(tmp_path / "image", "a.png", np.zeros((300, 400, 3), np.uint8))
    save(tmp_path / "mask", "a.png", labels)
    pairs = Pairs([tmp_path], "image", "mask", Decoding("labels", side=30))
    assert pairs.second[0].shape == (30, 40, 1)
    assert pairs.second[0][0, ::10, 0].tolist() == [0, 1, 1, 3]


def test_bad_folders_are_explained(folder, cat):
    with pytest.raises(DataError, match="no folder 'target'"):
        Pairs([folder], "image", "target", Decoding())
    save(folder / "rgb", "a.png", cat)
    with pytest.raises(DataError, match="not a label picture"):
        Pairs([folder], "image", "rgb", Decoding("labels"))
    save(folder / "mask", "b.png", np.full((4, 4), 9, np.uint8))
    with pytest.raises(DataError, match=r"b\.png has no partner"):
        Pairs([folder], "image", "mask", Decoding("mask"))
    save(folder / "image", "b.png", cat)
    with pytest.raises(DataError, match="226x150, its partner"):
        Pairs([folder], "image", "mask", Decoding("mask"))
