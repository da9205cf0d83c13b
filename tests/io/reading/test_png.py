"""PNG files: every chunk; colours that are said in any of them."""

import io
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from filekit import IPTC, chunk, chunks, opened, png, resource, told
from PIL import Image as Pillow
from PIL import ImageCms, PngImagePlugin

import imgen
from imgen.errors import PhotoError
from imgen.image import curves, profiles
from imgen.image.levels import as_integers

P3 = chunk(b"cICP", bytes([12, 13, 0, 1]))
SRGB = chunk(b"sRGB", b"\0")


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def primaries(points: profiles.Points) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(v * 100_000) for point in points for v in point)))


def seen(path) -> np.ndarray:
    """What a program sees that knows profiles: the file's pixels as sRGB bytes, by littleCMS."""
    with Pillow.open(path) as file:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(file.info["icc_profile"]))
        done = ImageCms.profileToProfile(file, profile, ImageCms.createProfile("sRGB"), 1, "RGB")
    return np.asarray(done).astype(float)


def expected(values: np.ndarray, points: profiles.Points, curve) -> np.ndarray:
    """Bytes of such a space as sRGB bytes, by the textbook; white is D65."""

    def matrix(p: profiles.Points) -> np.ndarray:
        white, *rest = [np.array([x / y, 1, (1 - x - y) / y]) for x, y in p]
        columns = np.stack(rest, 1)
        return columns * np.linalg.solve(columns, white)

    light = (curve(values / 255.0) @ matrix(points).T @ np.linalg.inv(matrix(profiles.BT709)).T).clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


SPACES = {
    "Display P3": ([P3], profiles.DISPLAY_P3, curves.srgb_curve),
    "BT.709": ([chunk(b"cICP", bytes([1, 1, 0, 1]))], profiles.BT709, curves.bt709_curve),
    "BT.2020": ([chunk(b"cICP", bytes([9, 14, 0, 1]))], profiles.PRIMARIES[9], curves.bt709_curve),
    "linear": ([gamma(1.0)], profiles.BT709, lambda v: v),
    "gamma 1.8, Adobe": ([gamma(1 / 1.8), primaries(profiles.ADOBE_RGB)], profiles.ADOBE_RGB, lambda v: v**1.8),
    "Adobe RGB": ([gamma(1 / 2.2), primaries(profiles.ADOBE_RGB)], profiles.ADOBE_RGB, lambda v: v**2.2),
    "P3 primaries": ([primaries(profiles.DISPLAY_P3)], profiles.DISPLAY_P3, curves.srgb_curve),
    "cICP before the others": ([gamma(1.0), SRGB, P3], profiles.DISPLAY_P3, curves.srgb_curve),
}


@pytest.mark.parametrize("name", SPACES)
def test_colours_said_in_a_chunk_are_seen_everywhere(cat, tmp_path, name):
    extra, points, curve = SPACES[name]
    photo, notes = opened(png(cat, *extra), tmp_path / "in.png")
    assert notes == []
    assert np.array_equal(as_integers(photo.pixels, 8), cat)
    for suffix in ("tif", "webp"):
        out = photo.save(tmp_path / f"out.{suffix}", quality=100)
        assert np.abs(seen(out) - expected(cat, points, curve)).max() < 1.5
    assert imgen.open(photo.save(tmp_path / "out.jpg")).icc == photo.icc
    again, here = chunks(photo.save(tmp_path / "out.png")), chunks(tmp_path / "in.png")
    for kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM"):
        assert again.get(kind) == here.get(kind)


def test_sixteen_bits_keep_their_colours_too(cat, tmp_path):
    photo, _ = opened(png(cat.astype(np.uint16) * 257, P3), tmp_path / "in.png")
    out = photo.save(tmp_path / "out.png")
    assert (photo.depth, chunks(out)[b"cICP"]) == (16, bytes([12, 13, 0, 1]))
    assert imgen.open(out).icc == photo.icc == imgen.open(photo.save(tmp_path / "out.tif")).icc


@pytest.mark.parametrize(
    "extra",
    [
        [SRGB, gamma(0.45455)], [gamma(0.45455)], [gamma(0.45455), primaries(profiles.BT709)],
        [chunk(b"cICP", bytes([1, 13, 0, 1]))],
    ],
)  # fmt: skip
def test_what_says_srgb_needs_no_profile_and_is_written_again(cat, tmp_path, extra):
    photo, notes = opened(png(cat, *extra), tmp_path / "in.png")
    assert (photo.icc, notes) == (None, [])
    out = chunks(photo.save(tmp_path / "out.png"))
    assert {kind: out.get(kind) for kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM", b"iCCP")} == {
        kind: chunks(tmp_path / "in.png").get(kind) for kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM", b"iCCP")
    }


def test_chunks_that_another_profile_makes_false_are_not_written(cat, tmp_path):
    photo, _ = opened(png(cat, P3), tmp_path / "in.png")
    out = photo.replace(icc=profiles.adobe_rgb()).save(tmp_path / "out.png")
    assert b"cICP" not in chunks(out)
    assert imgen.open(out).icc == profiles.adobe_rgb()


def test_stripping_keeps_the_colours(cat, tmp_path):
    photo, _ = opened(png(cat, P3, chunk(b"tEXt", b"Title\0private")), tmp_path / "in.png")
    out = photo.save(tmp_path / "out.png", metadata=False)
    assert chunks(out).keys() == {b"IHDR", b"cICP", b"iCCP", b"IDAT", b"IEND"}
    assert imgen.open(out).icc == photo.icc


def test_grey_of_another_gamma_that_gains_colour_keeps_its_curve(cat, tmp_path):
    photo, _ = opened(png(cat[..., 1].copy(), gamma(1.0)), tmp_path / "in.png")
    assert photo.icc is not None
    assert photo.icc[16:20] == b"GRAY"
    pixels = photo.pixels.copy()
    pixels[:, :9] = (1, 0, 0)
    for suffix in ("png", "tif", "webp"):
        out = photo.replace(pixels=pixels).save(tmp_path / f"out.{suffix}", quality=100)
        assert np.abs(seen(out) - expected(255 * pixels, profiles.BT709, lambda v: v)).max() < 1.5


def test_hdr_is_told_and_its_pixels_stay(cat, tmp_path):
    deep = cat.astype(np.uint16) * 257
    for transfer in (16, 18):
        said = chunk(b"cICP", bytes([9, transfer, 0, 1]))
        photo, notes = opened(png(deep, said), tmp_path / "in.png")
        assert any("HDR" in text for text in notes)
        out = photo.save(tmp_path / "out.png")
        assert np.array_equal(as_integers(imgen.open(out).pixels, 16), deep)
        assert chunks(out)[b"cICP"] == bytes([9, transfer, 0, 1])


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"cICP", bytes([2, 2, 0, 1])), chunk(b"cICP", b"\1"), gamma(0), chunk(b"cHRM", bytes(32)),
        chunk(b"iCCP", b"x\0\0garbage"),
    ],
)  # fmt: skip
def test_colours_said_in_a_useless_way_are_told(cat, tmp_path, extra):
    photo, notes = opened(png(cat, extra), tmp_path / "in.png")
    assert photo.icc is None
    assert any("cannot use" in text for text in notes)
    assert extra[4:8] not in chunks(photo.save(tmp_path / "out.png"))


def test_texts_stay_as_they_lay_there(cat, tmp_path):
    texts = [
        chunk(b"tEXt", b"Title\0T\xe4st"), chunk(b"zTXt", b"Author\0\0" + zlib.compress(b"somebody")),
        chunk(b"iTXt", b"Copyright\0\0\0de\0Rechte\0J\xc3\xa4ne"), chunk(b"tEXt", b"Comment\0one"),
        chunk(b"tEXt", b"Comment\0two"),
    ]  # fmt: skip
    photo, notes = opened(png(cat, *texts), tmp_path / "in.png")
    assert notes == []
    assert photo.text == {"Title": "Täst", "Author": "somebody", "Copyright": "Jäne", "Comment": "one\ntwo"}
    data = photo.save(tmp_path / "out.png").read_bytes()
    assert all(text in data for text in texts)
    changed = imgen.open(photo.replace(text=photo.text | {"Title": "Другой"}).save(tmp_path / "new.png"))
    assert changed.text == photo.text | {"Title": "Другой"}


def test_texts_beside_exif_and_gamma(cat, tmp_path):
    exif = Pillow.Exif()
    exif[271], exif[274] = "Camera", 6
    extra = [gamma(1 / 1.8), chunk(b"eXIf", exif.tobytes()[6:]), chunk(b"tEXt", b"Comment\0hello")]
    photo, notes = opened(png(cat, *extra), tmp_path / "in.png")
    assert (photo.height, photo.width, notes) == (cat.shape[1], cat.shape[0], [])
    assert photo.icc is not None
    with Pillow.open(photo.save(tmp_path / "out.jpg")) as file:
        assert file.info["comment"] == b"hello"
        assert (file.getexif()[271], file.getexif()[274]) == ("Camera", 1)
    notes = told(lambda: photo.save(tmp_path / "out.webp"))
    assert any("Comment" in text for text in notes)


def test_foreign_metadata_in_raw_profiles(cat, tmp_path):
    block = resource(0x0404, IPTC)
    text = f"\niptc\n{len(block):8d}\n{block.hex()}\n".encode()
    raw = chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text))
    photo, _ = opened(png(cat, raw), tmp_path / "in.png")
    assert photo.parts.resources.iptc == IPTC
    assert imgen.open(photo.save(tmp_path / "out.png")).parts.resources == photo.parts.resources
    with Pillow.open(photo.save(tmp_path / "out.jpg")) as file:
        assert file.info["photoshop"][0x0404] == IPTC


def test_other_chunks_are_named(cat, tmp_path):
    extra = [chunk(b"tIME", bytes(7)), chunk(b"prVt", b"x"), chunk(b"caBX", b"x"), chunk(b"bKGD", bytes(6))]
    _, notes = opened(png(cat, *extra) + b"behind", tmp_path / "in.png")
    said = " ".join(notes)
    assert all(words in said for words in ("tIME", "prVt", "bKGD", "content credentials", "6 bytes behind"))


@pytest.mark.parametrize("deep", [False, True])
def test_only_the_end_is_missing(cat, tmp_path, deep):
    data = png(cat.astype(np.uint16) * 257 if deep else cat)
    for length in (12, 14, 16):
        photo, notes = opened(data[:-length], tmp_path / "cut.png")
        assert np.array_equal(as_integers(photo.pixels, 8), cat)
        assert any("every pixel is there" in text for text in notes)
    for length in (200, len(data) // 2, len(data) - 60):
        (tmp_path / "cut.png").write_bytes(data[:-length])
        with pytest.raises(PhotoError, match="cannot be read"):
            imgen.open(tmp_path / "cut.png")


def test_reading_changes_nothing_for_others(cat, tmp_path):
    """Limits and warnings belong to the whole process: another thread may rely on them while a photo is read."""
    text = chunk(b"zTXt", b"Long\0\0" + zlib.compress(b"x" * 3_000_000))
    (tmp_path / "in.png").write_bytes(png(cat, text))
    before = (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, Pillow.MAX_IMAGE_PIXELS)
    filters, formats = list(warnings.filters), list(Pillow.OPEN)
    photos: list[imgen.Photo] = []

    def read() -> None:
        photos.extend(imgen.open(tmp_path / "in.png") for _ in range(5))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(photo.text["Long"]) for photo in photos] == [3_000_000] * 40
    assert before == (PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY, Pillow.MAX_IMAGE_PIXELS)
    assert (list(warnings.filters), list(Pillow.OPEN)) == (filters, formats)
    assert PngImagePlugin.MAX_TEXT_CHUNK == 2**20


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_opens_without_a_warning(cat, tmp_path, monkeypatch, form):
    monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", 20_000)  # Pillow's own is 89 megapixels
    Pillow.fromarray(cat).save(tmp_path / "in", form)
    assert imgen.open(tmp_path / "in").pixels.shape == cat.shape


def test_a_bomb_is_refused_before_it_is_decoded(cat, tmp_path):
    data = png(cat)
    header = struct.pack(">II", 60_000, 60_000) + data[24:29]
    (tmp_path / "in.png").write_bytes(data[:8] + chunk(b"IHDR", header) + data[33:])
    with pytest.raises(PhotoError, match="179 megapixels"):
        imgen.open(tmp_path / "in.png")
