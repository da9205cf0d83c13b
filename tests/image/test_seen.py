from pathlib import Path

import numpy as np
import profiles
import pytest
from profiles import assert_near
from skimage import data

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.apply import apply
from imgen.image.colour import space_of
from imgen.image.seen import continued, seen

CASES = Path(__file__).parents[1] / "cases"


def wide(cat: np.ndarray, icc: bytes) -> imgen.Photo:
    """A photo of 16 bits with colours that sRGB cannot show."""
    values = np.rint(65535 * (cat.astype(np.float32) / 255)).astype(np.uint16)
    values[:20, :20], values[:20, 20:40] = (0, 65535, 0), (65535, 0, 20000)
    return imgen.Photo.from_array(values, icc=icc)


def run(photo: imgen.Photo, function, **parameters) -> imgen.Photo:
    return apply(tool_from(function, "somebody", "1.0"), photo, parameters)


def leave(image: imgen.Image) -> imgen.Image:
    """Change nothing."""
    return image.copy()


def paint(image: imgen.Image) -> imgen.Image:
    """Paint the lower half."""
    result = image.copy()
    result[len(image) // 2 :] = (0.1, 0.2, 0.9)
    return result


def brighten(image: imgen.Image, *, by: float = 0.01) -> imgen.Image:
    """Add a little light."""
    return image + np.float32(by)


def drain(image: imgen.Image) -> imgen.Image:
    """Take all colour away."""
    return np.repeat(image.mean(2, keepdims=True), 3, 2)


@pytest.mark.parametrize("icc", [profiles.PROPHOTO, profiles.P3, profiles.LINEAR, profiles.table_profile(1.6)])
def test_tools_see_srgb_and_what_they_leave_stays_exactly(cat, icc):
    photo = wide(cat, icc)
    assert_near(seen(photo), profiles.in_srgb(photo), 2e-3)
    assert np.array_equal(run(photo, leave).pixels, photo.pixels)
    painted = run(photo, paint)
    half = photo.height // 2
    assert np.array_equal(painted.pixels[:half], photo.pixels[:half])
    blue = profiles.converted(np.float32([[[0.1, 0.2, 0.9]]]), profiles.SRGB, icc)
    assert_near(painted.pixels[half:], blue, 2e-3)
    assert painted.icc == icc


def test_painted_colours_are_exact_where_the_space_has_curves(cat):
    painted = profiles.in_srgb(run(wide(cat, profiles.PROPHOTO), paint))
    assert np.abs(painted[-1, -1] - (0.1, 0.2, 0.9)).max() < 1e-3


def test_colours_beyond_srgb_survive_a_little_change_and_go_with_a_large_one(cat):
    photo = wide(cat, profiles.PROPHOTO)
    green = photo.pixels[5, 5]
    small = run(photo, brighten, by=0.01).pixels[5, 5]
    assert np.abs(small - green).max() < 0.02  # by way of sRGB alone it would be (0.54, 0.93, 0.30)
    parts = [np.abs(run(photo, brighten, by=by).pixels[5, 5] - green).max() for by in np.linspace(0, 0.4, 21)]
    assert parts == sorted(parts)  # it fades
    assert max(np.diff(parts)) < 0.06
    assert np.ptp(run(photo, drain).pixels, axis=2).max() < 1e-3


def test_an_srgb_photo_is_handed_over_as_it_is(photo):
    assert seen(photo) is photo.pixels
    assert seen(photo.replace(icc=profiles.SRGB)).base is photo.pixels.base
    opaque = photo.replace(alpha=np.ones(photo.pixels.shape[:2], np.float32))
    assert seen(opaque) is opaque.pixels


def test_selections_are_found_and_second_pictures_given_in_srgb(cat, tmp_path):
    def bright(image: imgen.Image) -> imgen.Mask:
        """Select what is bright."""
        return (image[..., 1] > 0.5).astype(np.float32)

    photo = wide(cat, profiles.LINEAR)
    shown = profiles.in_srgb(photo)[..., 1]
    assert np.array_equal(run(photo, bright).selection[abs(shown - 0.5) > 0.01], (shown > 0.5)[abs(shown - 0.5) > 0.01])

    def other(image: imgen.Image, *, second: imgen.Image) -> imgen.Image:
        """Show the other picture."""
        return second

    from imgen.io.pictures import load_pictures

    tool = tool_from(other, "somebody", "1.0")
    path = photo.save(tmp_path / "linear.png")
    loaded = load_pictures(tool, {"second": str(path)})["second"]
    assert_near(loaded, profiles.in_srgb(photo), 2e-3)


def test_what_a_grey_profile_describes_stays_grey_and_what_gains_colour_keeps_its_tones():
    photo = imgen.open(CASES / "glin.jpg")
    assert photo.icc[16:20] == b"GRAY"
    lighter = run(photo, brighten, by=0.02)
    assert lighter.icc == photo.icc
    assert np.ptp(lighter.pixels, axis=2).max() == 0
    shown = seen(photo).mean() * 255
    notes: list[str] = []
    coloured = imgen.Pipeline().add("colorize")(photo, cache=None, notes=notes)
    light = profiles.in_srgb(coloured) @ (0.2126, 0.7152, 0.0722) * 255
    assert shown == pytest.approx(116, abs=1)
    assert light.mean() == pytest.approx(shown, abs=1.5)
    assert np.ptp(coloured.pixels, axis=2).mean() > 0.02
    assert any("sRGB picture now" in text for text in notes)


def test_a_scanners_photo_that_is_changed_becomes_srgb(cat):
    icc = profiles.table_profile(1.6, back=False)
    photo = wide(cat, icc)
    assert np.array_equal(run(photo, leave).pixels, photo.pixels)
    painted = run(photo, paint)
    assert painted.icc != icc
    assert np.array_equal(painted.pixels[-1, -1], np.float32([0.1, 0.2, 0.9]))
    assert_near(painted.pixels[:40], seen(photo)[:40], 1e-6)


def test_pictures_of_another_size_and_animations_are_in_the_photos_space(cat):
    def twice(image: imgen.Image) -> imgen.Image:
        """Enlarge."""
        return image.repeat(2, 0).repeat(2, 1)

    def moving(image: imgen.Image) -> imgen.Animation:
        """Two pictures."""
        return np.stack([image, 0.5 * image])

    photo = imgen.Photo.from_array(cat, icc=profiles.P3)
    large = run(photo, twice)
    assert_near(profiles.in_srgb(large)[::2, ::2], profiles.in_srgb(photo), 2e-3)
    frames = run(photo, moving)
    assert_near(profiles.converted(frames.frames[1], frames.icc, profiles.SRGB), seen(photo) / 2, 2e-3)


def test_flatten_and_cutting_out_know_the_photos_space(cat):
    alpha = np.ones(cat.shape[:2], np.float32)
    alpha[:10] = 0
    for icc in (profiles.PROPHOTO, profiles.GREY, profiles.table_profile(1.6, back=False)):
        values = cat if icc[16:20] == b"RGB " else np.repeat(cat[..., :1], 3, 2)
        photo = imgen.Photo.from_array(values, icc=icc).replace(alpha=alpha)
        flat = imgen.Pipeline().add("flatten", background=0.5)(photo, cache=None)
        assert_near(seen(flat)[:10], 0.5, 1e-3)
        assert_near(seen(flat)[10:], seen(photo)[10:], 1e-6)


def test_hidden_colours_neither_bleed_nor_change():
    photo = imgen.open(CASES / "cutout_blackhidden.png")
    assert photo.pixels[photo.alpha == 0].max() == 0
    blurred = imgen.Pipeline().add("blur", radius=12)(photo, cache=None)
    assert np.array_equal(blurred.pixels[photo.alpha == 0], photo.pixels[photo.alpha == 0])
    inside = photo.alpha > 0
    assert np.abs(blurred.pixels[inside] - photo.pixels[inside]).max() < 0.05  # a plain disc stays plain


def test_colours_go_on_below_transparency(cat):
    pixels = cat.astype(np.float32) / 255
    alpha = np.ones(cat.shape[:2], np.float32)
    alpha[40:80, 60:120] = 0
    pixels[40:80, 60:120] = (1, 0, 1)
    made = continued(pixels, alpha)
    assert np.array_equal(made[alpha == 1], pixels[alpha == 1])
    edge = np.abs(made[40, 60:120] - made[39, 60:120]).mean()
    assert edge < 0.1  # magenta would be 0.6 away
    assert made[60, 90] == pytest.approx(pixels[30:40, 60:120].mean((0, 1)), abs=0.25)
    assert np.array_equal(run(imgen.Photo(pixels, alpha=alpha), leave).pixels, pixels)


def test_what_is_partly_transparent_is_seen_and_faint_pixels_count_for_little_beyond():
    """Of a pixel that is nearly transparent, files keep little of the colour."""
    pixels = np.full((60, 60, 3), 0.6, np.float32)
    alpha = np.zeros((60, 60), np.float32)
    alpha[:, :30], alpha[:, 30] = 1, 1 / 255
    pixels[:, 30] = (0, 0, 1)
    photo = imgen.Photo(pixels, alpha=alpha)
    assert np.array_equal(seen(photo)[alpha > 0], pixels[alpha > 0])
    assert np.abs(seen(photo)[alpha == 0] - 0.6).max() < 0.03
    brighter = run(photo, brighten, by=0.1).pixels
    assert_near(brighter[:, 30], np.float32([0.1, 0.1, 1]), 1e-6)


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (3, 5), (1, 1), (17, 64)])
def test_pictures_of_any_shape_go_on(shape):
    alpha = np.zeros(shape, np.float32)
    alpha[:, 0] = 1
    made = continued(np.where(alpha[..., None] == 1, np.float32(0.5), np.zeros((*shape, 3), np.float32)), alpha)
    assert_near(made, 0.5, 1e-4)


def test_a_wholly_transparent_photo_comes_back(photo):
    hidden = photo.replace(alpha=np.zeros(photo.pixels.shape[:2], np.float32))
    assert np.array_equal(run(hidden, brighten).pixels, photo.pixels)


def test_a_dot_of_colour_shows_the_colour_that_is_painted():
    grey = np.repeat(data.coffee()[::2, ::2, 1:2].astype(np.float32) / 255, 3, 2)
    edit = imgen.Pipeline().add("colorize", hints=[[0.85, 0.75, "#3355cc"]])
    plain = edit(imgen.Photo(grey), cache=None).pixels
    for icc in (profiles.PROPHOTO, profiles.P3, profiles.GREY):
        own = space_of(icc).from_srgb(grey)
        painted = edit(imgen.Photo(own, icc=icc), cache=None)
        assert np.abs(profiles.in_srgb(painted) - plain).mean() < 0.002
        assert np.abs(profiles.in_srgb(painted) - plain).max() < 0.05
    row, column = round(0.75 * len(plain)), round(0.85 * plain.shape[1])
    red, _, blue = plain[row - 4 : row + 4, column - 4 : column + 4].mean((0, 1))
    assert blue > red + 0.1
