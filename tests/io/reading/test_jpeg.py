"""JPEG files: every segment and what lies behind the picture is carried, made true, or left out with a note."""

import re
import struct

import imagecodecs
import numpy as np
import pytest
from filekit import (
    CASES,
    IPTC,
    PHOTOSHOP,
    jpeg,
    opened,
    resource,
    segment,
    segments,
    tags,
    told,
)  # fmt: skip
from PIL import Image as Pillow
from PIL import IptcImagePlugin

import imgen
from imgen.errors import PhotoError


def test_iptc_and_comments_stay(tmp_path):
    out = imgen.open(CASES / "iptc.jpg").save(tmp_path / "out.jpg")
    with Pillow.open(CASES / "iptc.jpg") as before, Pillow.open(out) as after:
        assert IptcImagePlugin.getiptcinfo(after) == IptcImagePlugin.getiptcinfo(before) != {}
        assert after.info["comment"] == before.info["comment"] == b"a comment of the scanner"


def test_iptc_and_comments_go_into_other_formats(tmp_path):
    photo = imgen.open(CASES / "iptc.jpg")
    with Pillow.open(CASES / "iptc.jpg") as before, Pillow.open(photo.save(tmp_path / "out.tif")) as after:
        assert IptcImagePlugin.getiptcinfo(after) == IptcImagePlugin.getiptcinfo(before)
    again = imgen.open(photo.save(tmp_path / "out.png"))
    assert again.text["Comment"] == "a comment of the scanner"
    assert again.parts.resources.iptc == photo.parts.resources.iptc
    back = again.save(tmp_path / "back.jpg")
    assert (0xFE, b"a comment of the scanner") in segments(back)
    notes = told(lambda: photo.save(tmp_path / "out.webp"))
    assert any("IPTC" in text and "comments" in text for text in notes)


def test_photoshop_resources_in_several_segments(cat, tmp_path):
    path_resource = resource(0x07D0, b"path" * 20, b"Path 1")
    whole = resource(0x0404, IPTC) + resource(0x040C, b"thumb" * 99) + path_resource + resource(0x1000, b"x" * 70_000)
    cut = [segment(0xED, PHOTOSHOP + part) for part in (whole[:65_000], whole[65_000:])]
    photo, notes = opened(jpeg(cat, *cut), tmp_path / "in.jpg")
    assert any("small preview" in text for text in notes)
    out = photo.save(tmp_path / "out.jpg")
    parts = [data for marker, data in segments(out) if marker == 0xED]
    assert all(part.startswith(PHOTOSHOP) for part in parts)
    expected = resource(0x0404, IPTC) + path_resource + resource(0x1000, b"x" * 70_000)
    assert b"".join(part[len(PHOTOSHOP) :] for part in parts) == expected
    half = photo.replace(pixels=np.ascontiguousarray(photo.pixels[:50]))
    notes = told(lambda: half.save(tmp_path / "half.jpg"))
    assert any("paths" in text for text in notes)
    assert b"Path 1" not in (tmp_path / "half.jpg").read_bytes()


def test_sizes_in_exif_follow_the_picture(tmp_path):
    photo = imgen.open(CASES / "exd.jpg")
    half = photo.replace(pixels=np.ascontiguousarray(photo.pixels[:, :100]))
    for suffix in ("jpg", "png", "tif", "webp"):
        with Pillow.open(half.save(tmp_path / f"out.{suffix}")) as file:
            inner = file.getexif().get_ifd(0x8769)
        assert (inner[0xA002], inner[0xA003]) == (100, photo.height)


def big_endian_exif(thumbnail: bytes, behind: bytes) -> bytes:
    first = struct.pack(">HHHI4s", 2, 271, 2, 4, b"Cam\0") + struct.pack(">HHIHH", 274, 3, 1, 6, 0)
    second = 8 + len(first) + 4
    place = second + 2 + 2 * 12 + 4
    table = struct.pack(">H", 2) + struct.pack(">HHII", 513, 4, 1, place)
    table += struct.pack(">HHII", 514, 4, 1, len(thumbnail)) + bytes(4)
    return b"Exif\0\0MM\0*\0\0\0\x08" + first + struct.pack(">I", second) + table + thumbnail + behind


@pytest.mark.parametrize("behind", [b"", b"MAKERNOTE"])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_the_small_preview_of_big_endian_exif_is_gone_for_good(cat, tmp_path, suffix, behind):
    block = big_endian_exif(b"\xff\xd8THUMBNAIL\xff\xd9", behind)
    photo, notes = opened(jpeg(cat, segment(0xE1, block)), tmp_path / "in.jpg")
    assert any("small preview" in text for text in notes)
    assert behind in (photo.exif or b"")
    out = photo.save(tmp_path / f"out.{suffix}")
    assert b"THUMBNAIL" not in out.read_bytes()
    with Pillow.open(out) as file:
        assert (file.getexif()[271], file.getexif().get(274, 1)) == ("Cam", 1)


def test_adobe_rgb_said_by_the_camera_only(cat, tmp_path):
    exif = Pillow.Exif()
    exif[0x8769] = {40961: 65535, 0xA005: {1: "R03"}}
    photo, _ = opened(jpeg(cat, exif=exif.tobytes()), tmp_path / "in.jpg")
    assert photo.icc is not None
    assert b"A\0d\0o\0b\0e\0 \0R\0G\0B" in photo.icc


def test_every_other_segment_is_named(cat, tmp_path):
    extra = [
        segment(0xEC, b"Ducky\0\1\0\4"), segment(0xE2, b"FPXR\0"), segment(0xE5, b"RMETA\0"), segment(0xE3, b"\1\2"),
        segment(0xEB, b"JP\0\1\0\0\0\1\0\0\0 jumbabc"), segment(0xE0, b"JFXX\0\x10"),
    ]  # fmt: skip
    _, notes = opened(jpeg(cat, *extra, tail=b"something else"), tmp_path / "in.jpg")
    said = " ".join(notes)
    for words in ("APP12 Ducky", "APP2 FPXR", "APP5 RMETA", "APP3", "content credentials", "small preview", "14 bytes"):
        assert words in said


def test_padding_behind_the_picture_is_nothing(cat, tmp_path):
    assert opened(jpeg(cat, tail=bytes(500)), tmp_path / "in.jpg")[1] == []


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("more", [{}, {"restart_marker_rows": 1}])
def test_only_the_end_mark_is_missing(cat, tmp_path, progressive, more):
    data = jpeg(cat, progressive=progressive, **more)
    whole, _ = opened(data, tmp_path / "whole.jpg")
    for cut in (data[:-2], data[:-1], data[:-2] + bytes(50)):
        photo, notes = opened(cut, tmp_path / "cut.jpg")
        assert np.array_equal(photo.pixels, whole.pixels)
        assert any("every pixel is there" in text for text in notes)
    for length in (3, 4, 8, 100, len(data) // 2, len(data) - 700):
        (tmp_path / "cut.jpg").write_bytes(data[:-length])
        with pytest.raises(PhotoError, match="damaged"):
            imgen.open(tmp_path / "cut.jpg")


def test_a_cut_between_scans_or_restarts_is_refused(cat, tmp_path):
    for data, marks in (
        (jpeg(cat, progressive=True), rb"\xff\xda"),
        (jpeg(cat, restart_marker_rows=1), rb"\xff[\xd0-\xd7]"),
    ):
        places = [found.start() for found in re.finditer(marks, data)]
        for place in (places[1], places[-1]):
            (tmp_path / "cut.jpg").write_bytes(data[:place])
            with pytest.raises(PhotoError, match="damaged"):
                imgen.open(tmp_path / "cut.jpg")


def test_the_shared_case_without_an_end(tmp_path):
    assert any("every pixel is there" in text for text in told(lambda: imgen.open(CASES / "no_eoi.jpg")))


@pytest.mark.parametrize(
    ("encode", "words"),
    [
        (lambda a: imagecodecs.jpeg8_encode(a.astype(np.uint16) << 4, bitspersample=12), "12-bit JPEG"),
        (lambda a: imagecodecs.jpeg8_encode(a, lossless=True), "lossless JPEG"),
        (imagecodecs.jpegls_encode, "JPEG-LS"),
    ],
)
def test_what_is_unsupported_is_named(cat, tmp_path, encode, words):
    (tmp_path / "in.jpg").write_bytes(encode(cat))
    with pytest.raises(PhotoError, match=f"{words}.*save it as"):
        imgen.open(tmp_path / "in.jpg")


def test_iptc_of_a_jpeg_lies_in_both_places_of_a_tiff(tmp_path):
    found = tags(imgen.open(CASES / "iptc.jpg").save(tmp_path / "out.tif"))
    assert bytes(found[33723]) in bytes(found[34377])
