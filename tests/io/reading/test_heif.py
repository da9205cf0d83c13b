"""HEIC and AVIF: opened where a library can; else the message says what to install."""

import io
import sys

import imagecodecs
import numpy as np
import pytest
from filekit import opened, packet
from PIL import Image as Pillow
from PIL import features

import imgen
from imgen.errors import PhotoError
from imgen.image import profiles

EXIF = Pillow.Exif()
EXIF[271], EXIF[274] = "Camera", 6
avif = pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")


@avif
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_avif_with_all_that_belongs_to_it(cat, tmp_path, mode):
    file = io.BytesIO()
    picture = Pillow.fromarray(cat).convert(mode)
    if mode == "RGBA":
        picture.putalpha(picture.getchannel(0))
    more = {"exif": EXIF.tobytes(), "icc_profile": profiles.adobe_rgb(), "xmp": packet("")} if mode == "RGB" else {}
    picture.save(file, "AVIF", quality=95, **more)
    photo, notes = opened(file.getvalue(), tmp_path / "in.avif")
    assert notes == []
    assert (photo.alpha is not None, photo.grey) == (mode == "RGBA", mode == "L")
    if mode == "RGB":
        assert np.abs(photo.pixels - np.rot90(cat, -1) / 255).mean() < 0.01
        assert (photo.icc, photo.xmp) == (profiles.adobe_rgb(), packet(""))
        with Pillow.open(photo.save(tmp_path / "out.jpg")) as out:
            assert (out.getexif()[271], out.getexif()[274]) == ("Camera", 1)


@avif
def test_code_points_and_bits_of_an_avif(cat, tmp_path):
    photo, _ = opened(imagecodecs.avif_encode(cat, primaries=12, transfer=13), tmp_path / "in.avif")
    assert photo.icc == profiles.from_code_points(12, 13, full=True)
    _, notes = opened(imagecodecs.avif_encode(cat.astype(np.uint16) << 2, bitspersample=10), tmp_path / "ten.avif")
    assert any("10 bits" in text for text in notes)


def heic(cat: np.ndarray, *, deep: bool = False, second: bool = False, **options: object) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    size = (cat.shape[1], cat.shape[0])
    made = pillow_heif.from_bytes(
        *(("RGB;16", size, (cat.astype(np.uint16) * 257).tobytes()) if deep else ("RGB", size, cat.tobytes()))
    )
    if second:
        made.add_from_pillow(Pillow.fromarray(cat))
    file = io.BytesIO()
    made.save(file, quality=95, **options)
    return file.getvalue()


def test_heic_is_upright_once_and_registers_nothing(cat, tmp_path):
    before = dict(Pillow.OPEN)
    photo, _ = opened(heic(cat, exif=EXIF.tobytes(), xmp=packet("")), tmp_path / "in.HEIC")
    assert np.abs(photo.pixels - np.rot90(cat, -1) / 255).mean() < 0.01
    assert photo.xmp == packet("")
    with Pillow.open(photo.save(tmp_path / "out.jpg")) as out:
        assert (out.getexif()[271], out.getexif()[274]) == ("Camera", 1)
    assert before == Pillow.OPEN


def test_deep_heic_and_its_code_points(cat, tmp_path):
    points = {"color_primaries": 12, "transfer_characteristics": 13, "matrix_coefficients": 6, "full_range_flag": 1}
    photo, _ = opened(heic(cat, deep=True, **points), tmp_path / "in.heic")
    assert (photo.depth, photo.icc) == (16, profiles.from_code_points(12, 13, full=True))


def test_further_pictures_of_a_heic_are_told(cat, tmp_path):
    _, notes = opened(heic(cat, second=True), tmp_path / "in.heif")
    assert any("2 pictures" in text for text in notes)


def test_without_the_library_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "in.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50))
    with pytest.raises(PhotoError, match=r'pip install "imgen\[heic\]"'):
        imgen.open(tmp_path / "in.heic")
