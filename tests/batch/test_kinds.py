from pathlib import Path

import pytest
from PIL import Image as Pillow

from imgen.batch.kinds import content, is_picture, with_suffix, writable_name


@pytest.mark.parametrize(
    ("form", "expected"),
    [("JPEG", ".jpg"), ("PNG", ".png"), ("TIFF", ".tif"), ("WEBP", ".webp"), ("GIF", ".png"), ("AVIF", ".jpg")],
)
def test_content_is_told_by_the_first_bytes(tmp_path, form, expected):
    path = tmp_path / "picture"
    Pillow.new("RGB", (16, 16)).save(path, form)
    assert content(path) == expected
    assert is_picture(path)
    assert writable_name(Path("picture"), path) == Path("picture" + expected)


def test_what_is_no_picture_is_none(tmp_path):
    path = tmp_path / "Thumbs.db"
    path.write_text("BM, or any other text")
    assert content(path) is None
    assert not is_picture(path)
    assert content(tmp_path / "missing") is None
    assert is_picture(tmp_path / "missing.jpg")  # by its name: what is wrong with it is told when it is opened


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.jfif", "x.jfif"),
        ("x.JPE", "x.JPE"),
        ("X.TIF", "X.TIF"),
        ("x.gif", "x.gif"),
        ("x.heic", "x.jpg"),
        ("x.HEIF", "x.jpg"),
        ("x.bmp", "x.png"),
        ("x.dng", "x.tif"),
        ("x", "x.png"),
        ("v1.2", "v1.2.png"),
    ],
)
def test_a_result_has_the_photos_type_or_the_nearest(tmp_path, name, expected):
    assert writable_name(Path(name), tmp_path / name) == Path(expected)


def test_only_suffixes_of_pictures_are_replaced():
    assert with_suffix(Path("a/b.jpeg"), ".png") == Path("a/b.png")
    assert with_suffix(Path("a/b.2024"), ".png") == Path("a/b.2024.png")
