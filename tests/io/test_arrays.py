import io

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

import imgen
from imgen.errors import PhotoError

make = imgen.Photo.from_array


def close(pixels, expected, most):
    assert np.abs(pixels - expected).max() <= most


def test_channels(cat):
    for values, grey, alpha in (
        (cat[..., 0], True, False),
        (cat[..., :1], True, False),
        (cat[..., :2], True, True),
        (cat, False, False),
        (np.dstack([cat, cat[..., 0]]), False, True),
    ):
        photo = make(values)
        assert (photo.grey, photo.alpha is not None) == (grey, alpha)
        assert np.array_equal(np.rint(photo.pixels[..., 0] * 255), values.reshape(*cat.shape[:2], -1)[..., 0])
    assert np.array_equal(np.rint(make(cat[..., :2]).alpha * 255), cat[..., 1])
    assert set(np.unique(make(cat[..., 0] > 100).pixels)) == {0, 1}


def test_a_grey_array_is_saved_as_grey(cat, tmp_path):
    make(cat[..., :1]).save(tmp_path / "grey.png")
    with Pillow.open(tmp_path / "grey.png") as file:
        assert file.mode == "L"


def test_sixteen_bits(cat):
    values = cat.astype(np.uint16) * 257
    for kind in ("<u2", ">u2"):
        photo = make(values.astype(kind))
        assert photo.depth == 16
        close(photo.pixels, cat / 255, 1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.astype(np.float32), "from 0 to 212; divide them by 255, or give uint8"),
        (lambda c: c * 257.0, "divide them by 65535, or give uint16"),
        (lambda c: c / 127.5 - 1, r"from -1 to 0.66\d+; give \(array \+ 1\) / 2"),
        (lambda c: c * 1e6, "scale them to 0..1"),
        (lambda c: c * np.nan, "not finite"),
        (lambda c: c.astype(np.int64), r"not int64 from 0 to 212; give array.astype\('uint8'\)"),
        (lambda c: c.astype(np.int32) * 257, r"give array.astype\('uint16'\)"),
        (lambda c: c.astype(np.int16) - 99, "scale them to 0..255"),
        (lambda c: c * 1j, "complex"),
        (lambda c: c.transpose(2, 0, 1), r"channels come last.*transpose\(1, 2, 0\)"),
        (lambda c: c[None], r"several pictures; give one of them"),
        (lambda c: c[:0], "at least one pixel"),
        (lambda c: np.dstack([c, c]), "1 to 4 channels"),
        (lambda c: "cat.png", "imgen.open reads files"),
        (lambda c: object(), "1 to 4 channels"),
    ],
)
def test_other_numbers_and_shapes_are_refused_with_a_remedy(cat, change, message):
    with pytest.raises(PhotoError, match=message):
        make(change(cat))


def test_what_resampling_adds_is_clipped(cat):
    values = cat / 200
    photo = make(values)
    assert values.max() > 1
    assert photo.pixels.max() == 1
    assert values.max() > 1  # the array that was given is left as it was


def test_torch_tensors(cat):
    torch = pytest.importorskip("torch")
    channels_first = torch.from_numpy(cat.copy()).permute(2, 0, 1)
    for tensor in (
        channels_first,
        channels_first[None],
        channels_first.permute(1, 2, 0),
        channels_first.double() / 255,
        (channels_first.float() / 255).requires_grad_(),
    ):
        close(make(tensor).pixels, cat / 255, 1e-6)
    close(make(channels_first.bfloat16() / 255).pixels, cat / 255, 4e-3)
    assert make(torch.zeros(3, 4, 3)).pixels.shape == (4, 3, 3)  # in doubt, channels come first
    with pytest.raises(PhotoError, match="divide them by 255"):
        make(channels_first.float())
    with pytest.raises(PhotoError, match="several pictures"):
        make(torch.zeros(2, 3, 8, 8))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "La", "RGBa", "RGBX"])
def test_pil_images_of_any_mode(cat, mode):
    through = {"La": "LA", "RGBa": "RGBA"}.get(mode, mode)
    picture = Pillow.fromarray(cat).convert(through)
    expected = np.asarray(picture.convert("RGB")) / 255
    photo = make(picture if through == mode else picture.convert(mode))
    close(photo.pixels, expected, 0.02)
    assert (photo.alpha is not None) == ("A" in through)
    assert photo.grey == (through in ("1", "L", "LA"))


def test_pil_images_of_sixteen_bits_and_floats(cat):
    deep = make(Pillow.fromarray(cat[..., 0].astype(np.uint16) * 257))
    assert deep.depth == 16
    close(deep.pixels[..., 0], cat[..., 0] / 255, 1e-6)
    assert make(Pillow.fromarray((cat[..., 0] / 255).astype(np.float32))).pixels.max() < 1
    with pytest.raises(PhotoError, match="beyond 16 bits"):
        make(Pillow.fromarray(np.full((4, 4), 70000, np.int32)))


def test_a_pil_image_brings_what_belongs_to_it(cat, tmp_path):
    exif = Pillow.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"  # on its side
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pillow.fromarray(cat).save(tmp_path / "a.jpg", exif=exif, icc_profile=profile, dpi=(300, 300), quality=100)
    with Pillow.open(tmp_path / "a.jpg") as file:
        photo = make(file)
    same = imgen.open(tmp_path / "a.jpg")
    assert np.array_equal(photo.pixels, same.pixels)
    assert (photo.width, photo.icc, photo.dpi) == (cat.shape[0], profile, same.dpi)
    found = Pillow.Exif()
    found.load(photo.exif)
    assert found[0x010F] == "Maker"
    assert found.get(0x0112, 1) == 1


def test_to_pil(cat):
    photo = make(cat, icc=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), dpi=(72.0, 72.0))
    picture = photo.to_pil()
    assert np.array_equal(np.asarray(picture), cat)
    assert picture.info == {"icc_profile": photo.icc, "dpi": (72.0, 72.0)}
    modes = [make(values).to_pil().mode for values in (cat[..., 0], cat[..., :2], np.dstack([cat, cat[..., 0]]))]
    assert modes == ["L", "LA", "RGBA"]
    assert np.array_equal(np.asarray(make(cat.astype(np.uint16) * 257).to_pil()), cat)


def test_a_notebook_shows_a_small_copy_in_srgb():
    photo = make(np.full((500, 3000, 4), 128, np.uint8))
    with Pillow.open(io.BytesIO(photo._repr_png_())) as shown:
        assert shown.size == (1024, 171)
        assert shown.mode == "RGBA"
    linear = ImageCms.ImageCmsProfile(io.BytesIO(srgb_with_other_red_and_blue()))
    swapped = make(np.full((8, 8, 3), (255, 0, 0), np.uint8), icc=linear.tobytes())
    with Pillow.open(io.BytesIO(swapped._repr_png_())) as shown:
        assert shown.getpixel((4, 4)) == pytest.approx((0, 0, 255), abs=2)
        assert "icc_profile" not in shown.info
    broken = make(np.full((8, 8, 3), 9, np.uint8), icc=b"no profile")
    with Pillow.open(io.BytesIO(broken._repr_png_())) as shown:
        assert shown.getpixel((4, 4)) == (9, 9, 9)


def srgb_with_other_red_and_blue() -> bytes:
    """A profile in which the red channel shines blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")


def test_repr_is_short(cat):
    photo = make(np.dstack([cat, cat[..., 0]]), icc=b"profile")
    assert repr(photo) == f"<Photo {cat.shape[1]}x{cat.shape[0]}, 8 bits, RGB, alpha, profile>"
