"""TIFF files: the photo among the pages, every tag, and messages that name what is unsupported."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from filekit import CASES, IPTC, opened, resource, tags, tiff, told
from PIL import Image as Pillow
from PIL import ImageCms

import imgen
from imgen.errors import PhotoError
from imgen.image.levels import as_integers

GEO = [
    (33550, 12, 3, struct.pack("<3d", 1, 1, 0), True),
    (33922, 12, 6, struct.pack("<6d", 0, 0, 0, 100, 200, 0), True),
    (34735, 3, 8, struct.pack("<8H", 1, 1, 0, 1, 1024, 0, 1, 1), True),
    (34737, 2, 5, b"WGS|\0", True),
]
GDAL = [(42112, 2, 16, b"<GDALMetadata/>\0", True), (42113, 2, 4, b"-99\0", True)]
NAMES = [(269, 2, 8, b"docname\0", True), (285, 2, 5, b"page\0", True)]
OTHERS = [(33723, 1, len(IPTC), IPTC, True), (34377, 1, 20, resource(0x0425, b"digest00"), True)]


def test_every_descriptive_tag_stays(tmp_path):
    before, after = tags(CASES / "meta.tif"), tags(imgen.open(CASES / "meta.tif").save(tmp_path / "out.tif"))
    for code in (269, 33550, 33723, 34377, 34735, 42112):
        assert after[code] == before[code]


def in_order(data: bytes, kind: int, order: str) -> bytes:
    """Values of a tag's type in a byte order."""
    numbers = np.frombuffer(data, {12: "<f8", 3: "<u2"}.get(kind, "u1"))
    return (numbers if order == "<" else numbers.byteswap()).tobytes()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deep", [False, True])
def test_geotiff_gdal_iptc_and_names(cat, tmp_path, order, deep):
    extra = [(*tag[:3], in_order(tag[3], tag[1], order), True) for tag in (*GEO, *GDAL, *NAMES, *OTHERS)]
    values = cat.astype(np.uint16) * 257 if deep else cat
    data = tiff(values, photometric="rgb", extratags=extra, byteorder=order, resolution=(300, 300), resolutionunit=2)
    photo, notes = opened(data, tmp_path / "in.tif")
    assert (notes, photo.dpi) == ([], (300, 300))
    before, after = tags(tmp_path / "in.tif"), tags(photo.save(tmp_path / "out.tif"))
    for code in (33550, 33922, 34735, 34737, 42112, 42113, 269, 285, 33723, 34377):
        assert after[code] == before[code], code
    half = photo.replace(pixels=np.ascontiguousarray(photo.pixels[:50]))
    notes = told(lambda: half.save(tmp_path / "half.tif"))
    assert any("GeoTIFF, GDAL" in text for text in notes)
    left = tags(tmp_path / "half.tif")
    assert left[269] == "docname"
    assert bytes(left[33723]) == IPTC
    assert not {33550, 33922, 34735, 34737, 42112, 42113} & left.keys()
    notes = told(lambda: photo.save(tmp_path / "out.png"))
    assert any("GeoTIFF" in text and "DocumentName" in text for text in notes)


def test_a_picture_that_was_turned_has_no_place_on_earth(cat, tmp_path):
    photo, _ = opened(tiff(cat, photometric="rgb", extratags=[*GEO, (274, 3, 1, b"\3\0", True)]), tmp_path / "in.tif")
    assert np.array_equal(as_integers(photo.pixels, 8), cat[::-1, ::-1])
    notes = told(lambda: photo.save(tmp_path / "out.tif"))
    assert any("GeoTIFF" in text for text in notes)
    assert 33550 not in tags(tmp_path / "out.tif")


def test_iptc_goes_into_a_jpeg(cat, tmp_path):
    photo, _ = opened(tiff(cat, photometric="rgb", extratags=[OTHERS[0]]), tmp_path / "in.tif")
    with Pillow.open(photo.save(tmp_path / "out.jpg")) as file:
        assert file.info["photoshop"][0x0404] == IPTC


def pages(*made: tuple[np.ndarray, dict[str, object]], **options: object) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file, **options) as writer:
        for array, more in made:
            writer.write(array, **{"metadata": None, "photometric": "rgb", **more})
    return file.getvalue()


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_a_preview_before_the_photo_is_passed_over(cat, tmp_path, big, deep):
    full = cat.astype(np.uint16) * 257 if deep else cat
    small = (full[::4, ::4].copy(), {"subfiletype": 1, "description": "small"})
    data = pages(small, (full, {"description": "full"}), bigtiff=big, byteorder=">")
    photo, notes = opened(data, tmp_path / "in.tif")
    assert np.array_equal(as_integers(photo.pixels, photo.depth), full)
    assert any("smaller picture" in text for text in notes)
    assert b"full" in (photo.exif or b"")
    assert tags(photo.save(tmp_path / "out.tif"))[270] == "full"


def test_a_photo_in_a_sub_directory_is_found(cat, tmp_path):
    data = pages((cat[::4, ::4].copy(), {"subfiletype": 1, "subifds": 1}), (cat, {}))
    photo, _ = opened(data, tmp_path / "in.tif")
    assert photo.pixels.shape == cat.shape


def test_pages_and_copies_that_are_left_out_are_told(cat, tmp_path):
    small = [(cat[::n, ::n].copy(), {"subfiletype": 1}) for n in (2, 4)]
    photo, notes = opened(pages((cat, {"subifds": 2}), *small, (cat[::-1].copy(), {})), tmp_path / "in.tif")
    assert np.array_equal(as_integers(photo.pixels, 8), cat)
    assert "in.tif holds 2 pictures; the first is used" in notes
    assert any("2 smaller copies" in text for text in notes)


def test_a_raw_file_is_named(cat, tmp_path):
    data = pages((cat[::4, ::4].copy(), {"subfiletype": 1, "subifds": 1}), (cat[..., 0].copy(), {"photometric": 32803}))
    (tmp_path / "in.dng").write_bytes(data)
    with pytest.raises(PhotoError, match=r"camera's raw file; develop it"):
        imgen.open(tmp_path / "in.dng")


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 4])
def test_an_unmarked_channel_is_told(cat, tmp_path, kind, channels):
    factor = kind(257 if kind is np.uint16 else 1)
    colours = cat[..., : channels - 1].astype(kind) * factor
    values = np.dstack([colours, cat[..., 0].astype(kind) * factor])
    form = "rgb" if channels == 4 else "minisblack"
    photo, notes = opened(tiff(values, photometric=form, extrasamples=["unspecified"]), tmp_path / "in.tif")
    which = "fourth" if channels == 4 else "second"
    assert notes == [f"in.tif has a {which} channel that is not marked as transparency; it was left out"]
    assert photo.alpha is None
    assert np.array_equal(as_integers(photo.pixels, 8), np.broadcast_to(cat[..., : channels - 1], cat.shape))


def test_transparency_among_several_channels(cat, tmp_path):
    values = np.dstack([cat, cat[..., 0], cat[..., 1]])
    data = tiff(values, photometric="rgb", extrasamples=["unspecified", "unassalpha"])
    photo, notes = opened(data, tmp_path / "in.tif")
    assert photo.alpha is not None
    assert np.array_equal(as_integers(photo.alpha, 8), cat[..., 1])
    assert any("further channel" in text for text in notes)


@pytest.mark.parametrize("compression", ["webp", "zstd", "lzma", "jpegxl"])
def test_rare_compressions_open_and_are_named(cat, tmp_path, compression, capfd):
    photo, notes = opened(tiff(cat, photometric="rgb", compression=compression), tmp_path / "in.tif")
    assert np.array_equal(as_integers(photo.pixels, 8), cat)
    assert any(compression.upper() in text for text in notes)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compression", [34676, 12345])
def test_a_compression_that_nobody_reads_is_named(cat, tmp_path, compression, capfd):
    data = bytearray(tiff(cat, photometric="rgb"))
    place = data.index(struct.pack("<HHII", 259, 3, 1, 1))
    data[place : place + 12] = struct.pack("<HHII", 259, 3, 1, compression)
    (tmp_path / "in.tif").write_bytes(data)
    with pytest.raises(PhotoError, match=r"compressed with (SGILOG|12345).*save it with Deflate"):
        imgen.open(tmp_path / "in.tif")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "jpeg", "packbits"])
def test_damage_is_silent_but_for_the_error(cat, tmp_path, compression, capfd):
    data = tiff(cat, photometric="rgb", compression=compression)
    (tmp_path / "in.tif").write_bytes(data[: len(data) // 2])
    with pytest.raises(PhotoError, match="damaged"):
        imgen.open(tmp_path / "in.tif")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("kind", "words"), [("f4", "floating point"), ("f2", "floating point"), ("u4", "uint32"), ("i2", "int16")]
)
def test_values_that_are_no_picture_are_named(cat, tmp_path, kind, words):
    (tmp_path / "in.tif").write_bytes(tiff(cat[..., 0].astype(kind)))
    with pytest.raises(PhotoError, match=f"{words}.*save it with"):
        imgen.open(tmp_path / "in.tif")


@pytest.mark.parametrize("bits", [1, 4, 12])
def test_few_bits_are_stretched(tmp_path, bits):
    values = np.tile(np.arange(2 ** min(bits, 8)), (5, 8)).astype(np.uint16 if bits > 8 else np.uint8)
    top = 2**bits - 1
    values = values * (top // values.max())
    photo, _ = opened(tiff(values, photometric="minisblack", bitspersample=bits), tmp_path / "in.tif")
    assert np.abs(photo.pixels[..., 0] - values / top).max() < 1e-3


@pytest.mark.parametrize(("mode", "compression"), [
    ("1", "group4"), ("1", "group3"), ("P", "tiff_lzw"), ("P", None), ("L", "jpeg"), ("RGB", "jpeg"), ("RGBA", None),
    ("LA", None), ("CMYK", "tiff_lzw"), ("CMYK", None), ("RGB", "tiff_adobe_deflate"), ("RGB", "packbits"),
])  # fmt: skip
def test_pixels_are_those_that_pillow_reads(cat, tmp_path, mode, compression):
    Pillow.fromarray(cat).convert(mode).save(tmp_path / "in.tif", compression=compression)
    photo = imgen.open(tmp_path / "in.tif")
    with Pillow.open(tmp_path / "in.tif") as file:
        assert np.array_equal(as_integers(photo.pixels, 8), np.asarray(file.convert("RGB")))


def test_lab_becomes_srgb(cat, tmp_path):
    profile = [ImageCms.createProfile(name) for name in ("sRGB", "LAB")]
    lab = ImageCms.profileToProfile(Pillow.fromarray(cat), *profile, outputMode="LAB")
    assert lab is not None
    lab.save(tmp_path / "in.tif")
    photo, notes = opened((tmp_path / "in.tif").read_bytes(), tmp_path / "in.tif")
    assert np.abs(255 * photo.pixels - cat).max() < 6
    assert any("LAB" in text for text in notes)


def test_descriptions_of_a_files_layout_do_not_go_along(cat, tmp_path):
    file = io.BytesIO()
    tifffile.imwrite(file, np.stack([cat[..., 0]] * 3), imagej=True)
    photo, notes = opened(file.getvalue(), tmp_path / "in.tif")
    assert any("laid out" in text for text in notes)
    assert b"ImageJ" not in photo.save(tmp_path / "out.tif").read_bytes()


def test_damaged_tags_are_named_and_no_library_talks(cat, tmp_path):
    data = bytearray(tiff(cat, photometric="rgb", extratags=[(42113, 2, 40, b"9" * 39 + b"\0", True)]))
    place = data.index(struct.pack("<HH", 42113, 2))
    data[place + 8 : place + 12] = struct.pack("<I", 0x7FFFFF00)
    _, notes = opened(bytes(data), tmp_path / "in.tif")
    assert any("damaged" in text and "42113" in text for text in notes)
    code = f"import imgen; imgen.open({str(tmp_path / 'in.tif')!r})"  # here, pytest's own handlers would hide it
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_unknown_tags_are_named(cat, tmp_path):
    data = tiff(cat, photometric="rgb", extratags=[(60001, 2, 2, b"x\0", True), (37724, 7, 4, b"8BIM", True)])
    _, notes = opened(data, tmp_path / "in.tif")
    assert any("60001" in text and "layers" in text for text in notes)
