import io
from functools import cache

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

import imgen
import imgen.io.write
from imgen.contract.context import Context, using
from imgen.errors import PhotoError
from imgen.image.levels import as_integers
from imgen.io.read import srgb_profile, turned

EXIF_DATE, EXIF_TIME, MAKE, ORIENTATION, GPS = 36867, 33434, 271, 274, 34853


def exif_block(orientation: int) -> bytes:
    exif = Pillow.Exif()
    exif[MAKE], exif[ORIENTATION] = "Camera", orientation
    exif[0x8769] = {EXIF_TIME: (1, 60), EXIF_DATE: "2020:01:02 03:04:05"}
    exif[GPS] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return exif.tobytes()


@cache  # it holds the time of its making
def adobe_like_profile() -> bytes:
    """A profile that is not sRGB's."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:40] + b"TEST" + profile[44:]


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_rotated_jpeg_comes_back_upright_with_its_metadata(cat, tmp_path, suffix):
    source = tmp_path / "in.jpg"
    Pillow.fromarray(cat).save(source, exif=exif_block(6), icc_profile=adobe_like_profile(), dpi=(300, 300), quality=95)
    photo = imgen.open(source)
    assert np.array_equal(as_integers(photo.pixels, 8), np.asarray(ImageOps.exif_transpose(Pillow.open(source))))

    saved = photo.save(tmp_path / f"out.{suffix}")
    with Pillow.open(saved) as file:
        exif = file.getexif()
        assert file.size == (photo.width, photo.height)
        assert exif.get(ORIENTATION, 1) == 1
        assert exif[MAKE] == "Camera"
        assert exif.get_ifd(0x8769)[EXIF_DATE] == "2020:01:02 03:04:05"
        assert exif.get_ifd(GPS)[2] == (1.0, 2.0, 3.0)
        assert file.info["icc_profile"] == adobe_like_profile()
    again = imgen.open(saved)
    assert np.abs(again.pixels - photo.pixels).mean() < 0.01
    if suffix != "webp":
        assert again.dpi == pytest.approx((300, 300), abs=0.01)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_texts_in_exif_survive_byte_for_byte(cat, tmp_path, suffix):
    exif = Pillow.Exif()
    exif[33432] = "© José".encode()
    Pillow.fromarray(cat).save(tmp_path / "in.jpg", exif=exif.tobytes())
    again = imgen.open(imgen.open(tmp_path / "in.jpg").save(tmp_path / f"out.{suffix}"))
    assert "© José".encode() in (again.exif or b"")
    assert "© José".encode() in (imgen.open(again.save(tmp_path / "again.png")).exif or b"")


def test_damaged_exif_keeps_no_picture_closed(cat, tmp_path):
    exif = Pillow.Exif()
    exif[MAKE] = "Camera"
    block = bytearray(exif.tobytes())
    block[10:14] = b"\xff\xff\xff\x7f"  # the first directory lies far outside
    Pillow.fromarray(cat).save(tmp_path / "in.jpg", exif=bytes(block))
    assert imgen.open(tmp_path / "in.jpg").exif is None


def test_large_recipes_and_profiles_can_be_read_again(photo, tmp_path):
    rich = photo.replace(recipe="x" * 3_000_000, icc=srgb_profile() + bytes(3_000_000))
    again = imgen.open(rich.save(tmp_path / "out.png"))
    assert (again.recipe, again.icc) == (rich.recipe, rich.icc)


def test_a_phones_jpeg_with_two_pictures_opens(cat, tmp_path):
    first = Pillow.fromarray(cat)
    first.save(tmp_path / "phone.jpg", "MPO", save_all=True, append_images=[first])
    assert imgen.open(tmp_path / "phone.jpg").width == cat.shape[1]


def test_premultiplied_alpha_is_divided_out(tmp_path):
    values = np.zeros((4, 4, 4), np.uint16)
    values[..., 0], values[..., 3] = 30000, 30000
    path = tmp_path / "in.tif"
    tifffile.imwrite(path, values, photometric="rgb", extrasamples=["assocalpha"], metadata=None)
    assert imgen.open(path).pixels[0, 0] == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_truncated_16_bit_tiff_is_refused(tmp_path, part):
    path = tmp_path / "in.tif"
    values = np.random.default_rng(0).integers(0, 65536, (64, 64, 3)).astype(np.uint16)
    tifffile.imwrite(path, values, photometric="rgb", compression="zlib", metadata=None)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(PhotoError):
        imgen.open(path)


def test_odd_resolutions_are_dropped(cat, tmp_path):
    path = tmp_path / "in.tif"
    tifffile.imwrite(path, cat, photometric="rgb", resolution=((0, 1), (0, 1)), metadata=None)
    photo = imgen.open(path)
    assert photo.dpi is None
    photo.replace(dpi=None).save(tmp_path / "out.png")


def test_oversized_exif_is_left_out_of_a_jpeg_with_a_note(photo, tmp_path):
    notes: list[str] = []
    with using(Context(notes=notes)):
        photo.replace(exif=b"Exif\0\0II*\0" + bytes(70_000)).save(tmp_path / "out.jpg")
    assert any("larger than a JPEG can hold" in text for text in notes)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_matches_pillow(cat, orientation):
    exif = Pillow.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    Pillow.fromarray(cat).save(file, "PNG", exif=exif.tobytes())
    assert np.array_equal(turned(cat, orientation), np.asarray(ImageOps.exif_transpose(Pillow.open(file))))


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_survive_exactly(tmp_path, suffix, channels):
    values = np.random.default_rng(0).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    source = tmp_path / "in.png"
    source.write_bytes(imagecodecs.png_encode(values[..., 0] if channels == 1 else values))
    photo = imgen.open(imgen.open(source).replace(icc=srgb_profile()).save(tmp_path / f"out.{suffix}"))
    assert photo.depth == 16
    assert photo.grey == (channels < 3)
    assert photo.icc == srgb_profile()
    colours = 1 if channels < 3 else 3
    assert np.array_equal(as_integers(photo.pixels, 16)[..., :colours], values[..., :colours])
    if channels in (2, 4):
        assert np.array_equal(as_integers(photo.alpha, 16), values[..., -1])


@pytest.mark.parametrize(
    ("mode", "saved_mode"), [("L", "L"), ("LA", "LA"), ("P", "RGB"), ("1", "L"), ("RGBA", "RGBA"), ("CMYK", "RGB")]
)
def test_every_common_mode_opens(cat, tmp_path, mode, saved_mode):
    source = tmp_path / ("in.jpg" if mode == "CMYK" else "in.png")
    Pillow.fromarray(cat).convert(mode).save(source)
    with Pillow.open(imgen.open(source).save(tmp_path / "out.png")) as file:
        assert file.mode == saved_mode


def test_eight_bits_survive_exactly(cat, cat_file, tmp_path):
    for suffix in ("png", "tif"):
        assert np.array_equal(np.asarray(Pillow.open(imgen.open(cat_file).save(tmp_path / f"o.{suffix}"))), cat)


def test_a_grey_photo_that_gains_colour_is_saved_in_colour(cat, tmp_path):
    source = tmp_path / "grey.png"
    Pillow.fromarray(cat).convert("L").save(source)
    grey = imgen.open(source)
    pixels = grey.pixels.copy()
    pixels[0, 0] = (1, 0, 0)
    with Pillow.open(grey.replace(pixels=pixels).save(tmp_path / "out.png")) as file:
        assert file.mode == "RGB"


def test_recipe_is_found_again_in_png_and_jpeg(photo, tmp_path):
    recipe = '{"imgen": 1, "steps": []}' + " " * 70_000  # longer than one JPEG segment holds
    for suffix in ("png", "jpg"):
        assert imgen.open(photo.replace(recipe=recipe).save(tmp_path / f"a.{suffix}")).recipe == recipe


def test_stripped_metadata_is_gone_but_the_profile_stays(photo, tmp_path):
    rich = photo.replace(exif=exif_block(1), recipe="{}", icc=srgb_profile(), text={"Comment": "private"})
    bare = imgen.open(rich.save(tmp_path / "out.png", metadata=False))
    assert (bare.exif, bare.recipe, bare.text) == (None, None, {})
    assert bare.icc == srgb_profile()


def test_transparency_is_not_dropped_in_silence(photo, tmp_path):
    half = photo.replace(alpha=np.full(photo.pixels.shape[:2], 0.5, np.float32))
    with pytest.raises(PhotoError, match="flatten"):
        half.save(tmp_path / "out.jpg")
    assert list(tmp_path.glob("*.jpg")) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.jpg", None, "does not exist"),
        ("empty.jpg", b"", "is empty"),
        ("text.jpg", b"hello", "not a picture"),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "cannot be read|not a picture"),
    ],
)
def test_bad_files_are_explained(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PhotoError, match=message):
        imgen.open(tmp_path / name)


def test_a_truncated_jpeg_is_refused(cat, tmp_path):
    path = tmp_path / "cut.jpg"
    Pillow.fromarray(cat).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(PhotoError, match="damaged"):
        imgen.open(path)


def test_a_failed_save_leaves_the_earlier_file(photo, tmp_path, monkeypatch):
    target = photo.save(tmp_path / "out.png")
    before = target.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(imgen.io.write.ENCODERS, "PNG", full)
    with pytest.raises(PhotoError, match="No space"):
        photo.save(target)
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if "out" in p.name] == ["out.png"]


def test_arrays_of_a_photo_cannot_be_changed(photo):
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0] = 0


def test_numpy_sees_the_pixels(photo):
    assert np.asarray(photo) is photo.pixels
    assert np.array(photo, np.float64).dtype == np.float64


def test_a_quality_that_is_none_is_refused(photo, tmp_path):
    with pytest.raises(PhotoError, match="from 1 to 100"):
        photo.save(tmp_path / "out.jpg", quality=900)
    assert not list(tmp_path.glob("out*"))


def test_array_types(cat):
    assert imgen.Photo.from_array(cat[..., 0]).pixels.shape == (*cat.shape[:2], 3)
    assert imgen.Photo.from_array((cat / 255).astype(np.float64)).pixels.dtype == np.float32
    with pytest.raises(PhotoError, match="int64"):
        imgen.Photo.from_array(cat.astype(np.int64))
