"""Tools that return several frames: the photo that carries them, the files that hold them, what later steps do."""

import re
from typing import Annotated

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import Field

import imgen
from imgen.contract.context import Context, using
from imgen.contract.tool import tool_from
from imgen.editor.state.controls import describe
from imgen.editor.state.export import SUFFIXES, save_result
from imgen.editor.state.proxy import LONGEST_MOVING, save_proxy
from imgen.editor.state.workspace import Workspace
from imgen.editor.web.assets import asset
from imgen.engine.cache import size
from imgen.engine.plugins import installed
from imgen.errors import ParameterError, PhotoError, ToolError
from imgen.image.levels import as_integers
from imgen.io.read import srgb_profile
from imgen.io.write import FRAME
from imgen.testing import problems

Count = Annotated[int, Field(ge=1, le=20, description="Frames")]


def fade(image: imgen.Image, *, frames: Count = 5) -> imgen.Animation:
    """Fade to black."""
    return np.stack([image * np.float32(1 - i / frames) for i in range(frames)])


def pulse(*, frames: Count = 3) -> imgen.Animation:
    """Make grey frames from nothing, too bright ones among them."""
    return np.stack([np.full((8, 12, 3), 0.5 * i, np.float32) for i in range(frames)])


def restless(image: imgen.Image) -> imgen.Animation:
    """Begin with the picture and go on at random."""
    return np.stack([image, np.random.default_rng().random(image.shape, dtype=np.float32)])


def flat(image: imgen.Image) -> imgen.Animation:
    """Return a picture instead."""
    return image


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    made = {f.__name__: tool_from(f, "test", "1") for f in (fade, pulse, restless, flat)}
    monkeypatch.setattr(installed(), "_tools", {**installed().tools, **made})
    return made


@pytest.fixture
def moving(photo) -> imgen.Photo:
    return imgen.Pipeline().add("fade")(photo, cache=None)


def told(act) -> str:
    """All notes of what `act` does."""
    notes: list[str] = []
    with using(Context(notes=notes)):
        act()
    return "\n".join(notes)


def frames_of(path) -> tuple[list[np.ndarray], dict]:
    """All frames of a file as RGB, and what Pillow says of the first and of the file."""
    with Pillow.open(path) as file:
        found, durations = [], []
        for i in range(getattr(file, "n_frames", 1)):
            file.seek(i)
            found.append(np.asarray(file.convert("RGB")))
            durations.append(file.info.get("duration"))
        return found, {"loop": file.info.get("loop"), "durations": durations}


def test_the_result_carries_all_frames_and_shows_the_first(photo, moving):
    assert moving.frames.shape == (5, *photo.pixels.shape)
    assert np.array_equal(moving.pixels, photo.pixels)
    np.testing.assert_allclose(moving.frames[4], photo.pixels * 0.2, atol=1e-6)
    with pytest.raises(ValueError, match="read-only"):
        moving.frames[0] = 0


def test_frames_made_from_nothing_are_clipped(photo):
    made = imgen.Pipeline().add("pulse", frames=4)(cache=None)
    assert made.frames[:, 0, 0, 0].tolist() == [0, 0.5, 1, 1]
    assert imgen.Pipeline().add("pulse")(photo.replace(dpi=(300, 300)), cache=None).dpi is None


def test_transparency_and_selection_end_with_a_note(photo):
    half = np.full(photo.pixels.shape[:2], 0.5, np.float32)
    notes: list[str] = []
    result = imgen.Pipeline().add("fade")(photo.replace(alpha=half, selection=half), cache=None, notes=notes)
    assert (result.alpha, result.selection) == (None, None)
    assert notes == ["fade made an animation; transparency and selection do not apply to it"]


@pytest.mark.parametrize("tool", ["saturation", "select_rectangle", "crop", "pulse"])
def test_a_later_step_gets_the_first_frame(moving, photo, tool):
    notes: list[str] = []
    result = imgen.Pipeline().add(tool)(moving, cache=None, notes=notes)
    created = "pulse makes a picture of its own; the photo before it is not used"
    assert notes == [created if tool == "pulse" else f"{tool} works on the first frame; the animation ends here"]
    alone = imgen.Pipeline().add(tool)(photo, cache=None)
    for name in ("pixels", "selection", "frames"):
        np.testing.assert_array_equal(getattr(result, name), getattr(alone, name))


def test_frames_that_do_not_belong_to_the_picture_are_refused(moving):
    for wrong in (moving.frames[:, 1:], moving.frames.astype(np.float64), moving.frames[:0], moving.frames[..., 0]):
        with pytest.raises(PhotoError, match=r"the frames must be float32 \(N, 150, 226, 3\)"):
            moving.replace(frames=wrong)
    with pytest.raises(PhotoError, match="first of the frames"):
        moving.replace(pixels=moving.pixels * np.float32(0.5))
    with pytest.raises(ParameterError, match=r"flat: its result must have the shape \(N, H, W, 3\)"):
        imgen.Pipeline().add("flat")(moving, cache=None)


def test_frames_count_for_the_fingerprint_and_the_cache(moving):
    shorter = moving.replace(frames=moving.frames[:3])
    assert len({moving.fingerprint, shorter.fingerprint, moving.replace(frames=None).fingerprint}) == 3
    assert size(moving) - size(shorter) == 2 * moving.pixels.nbytes
    cache = imgen.Cache()
    first, again = (imgen.Pipeline().add("pulse")(cache=cache) for _ in range(2))
    assert np.shares_memory(first.frames, again.frames)


def test_the_signature_says_so(offered):
    assert (offered["fade"].gives, offered["fade"].group, offered["pulse"].group) == (
        "animation", "Edit", "Create",
    )  # fmt: skip
    assert describe(offered["fade"])["effect"] == "clears"  # its result has no selection

    def takes(film: imgen.Animation) -> imgen.Image:
        """Take an animation."""
        return film[0]

    def says_nothing(image: imgen.Image):
        """Return something."""

    with pytest.raises(ToolError, match=r"film must be an imgen\.Image"):
        tool_from(takes)
    with pytest.raises(ToolError, match=r"imgen\.Animation or imgen\.Photo"):
        tool_from(says_nothing)


def test_the_kit_looks_at_all_frames(offered):
    assert problems(offered["fade"]) == []
    assert problems(offered["pulse"]) == []
    assert "two runs differ" in " ".join(problems(offered["restless"]))


def test_a_png_holds_every_frame_exactly_and_the_recipe(moving, tmp_path):
    profile = srgb_profile()
    path = moving.replace(icc=profile).save(tmp_path / "out.png")
    found, about = frames_of(path)
    assert np.array_equal(found, as_integers(moving.frames, 8))
    assert about == {"loop": 0, "durations": [FRAME] * 5}
    again = imgen.open(path)
    assert (again.recipe, again.icc, again.frames) == (moving.recipe, profile, None)
    assert np.array_equal(as_integers(again.pixels, 8), found[0])


@pytest.mark.parametrize(("quality", "error"), [(95, 3.0), (100, 0.0)])  # 100 is lossless
def test_a_webp_holds_every_frame(moving, tmp_path, quality, error):
    found, about = frames_of(moving.save(tmp_path / "out.webp", quality=quality))
    assert len(found) == 5
    assert about == {"loop": 0, "durations": [FRAME] * 5}
    assert np.abs(np.stack(found).astype(int) - as_integers(moving.frames, 8)).mean() <= error


def test_a_gif_has_a_palette_for_each_frame(moving, tmp_path):
    notes = told(lambda: moving.save(tmp_path / "out.gif"))
    found, about = frames_of(tmp_path / "out.gif")
    assert about == {"loop": 0, "durations": [FRAME] * 5}
    assert "256 colours" in notes
    colours = [len(np.unique(frame.reshape(-1, 3), axis=0)) for frame in found]
    assert max(colours) <= 256
    assert len(np.unique(np.stack(found).reshape(-1, 3), axis=0)) > 256
    for frame, wanted in zip(found, moving.frames, strict=True):
        blocks = (frame - wanted * 255)[:144, :224].reshape(18, 8, 28, 8, 3).mean((1, 3))
        assert np.abs(blocks).mean() < 1  # dithering keeps the means: 1 of 255


def test_a_still_gif(photo, cat, tmp_path):
    notes = told(lambda: photo.save(tmp_path / "out.gif"))
    found, about = frames_of(tmp_path / "out.gif")
    assert (len(found), about["loop"]) == (1, None)
    assert "256 colours" in notes
    assert np.abs(found[0].astype(int) - cat).mean() < 6
    clear = photo.replace(alpha=np.full(photo.pixels.shape[:2], 0.5, np.float32))
    with pytest.raises(PhotoError, match=r"GIF has no half transparency.*flatten"):
        clear.save(tmp_path / "clear.gif")


def test_a_grey_gif_is_exact(tmp_path):
    ramp = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    Pillow.fromarray(ramp).save(tmp_path / "in.png")
    opaque = imgen.open(tmp_path / "in.png").replace(alpha=np.ones(ramp.shape, np.float32))
    found, _ = frames_of(opaque.save(tmp_path / "out.gif"))
    assert np.array_equal(found[0][..., 0], ramp)


def test_a_gifs_colours_are_converted_to_srgb(tmp_path):
    swapped = srgb_profile().replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    red = np.zeros((4, 5, 3), np.uint8)
    red[..., 0] = 255  # which that profile calls green
    photo = imgen.Photo.from_array(red, icc=swapped)
    shown = frames_of(photo.save(tmp_path / "out.gif"))[0][0][0, 0].astype(int)
    assert shown == pytest.approx([0, 255, 0], abs=3)
    grey = imgen.Photo.from_array(np.full((4, 5), 0.5), grey=True, icc=srgb_profile())
    assert "profile cannot be used" not in told(lambda: grey.save(tmp_path / "grey.gif"))
    assert frames_of(tmp_path / "grey.gif")[0][0][0, 0].astype(int) == pytest.approx([128] * 3, abs=3)


def test_a_transparent_animation(tmp_path):
    frames = np.random.default_rng(0).random((3, 8, 9, 3), dtype=np.float32)
    photo = imgen.Photo(frames[0], frames=frames, alpha=np.full((8, 9), 0.5, np.float32))
    with Pillow.open(photo.save(tmp_path / "out.png")) as file:
        for i, frame in enumerate(frames):
            file.seek(i)
            values = np.asarray(file)
            assert np.array_equal(values[..., :3], as_integers(frame, 8))
            assert set(values[..., 3].ravel()) == {128}


def test_other_formats_get_the_first_frame_and_say_so(moving, cat, tmp_path):
    for suffix in ("jpg", "tif"):
        notes = told(lambda suffix=suffix: moving.save(tmp_path / f"out.{suffix}"))
        assert f"out.{suffix} holds the first of 5 frames; save as .gif, .webp or .png" in notes
    assert np.array_equal(frames_of(tmp_path / "out.tif")[0], [cat])


def test_lost_depth_is_told(moving, tmp_path):
    deep = moving.replace(depth=16)
    assert "8 bits a channel, as all animations" in told(lambda: deep.save(tmp_path / "out.png"))
    assert "8 bits" not in told(lambda: deep.save(tmp_path / "out.tif"))
    assert imgen.open(tmp_path / "out.tif").depth == 16


def test_gifs_are_written_but_not_read(photo, tmp_path):
    path = photo.save(tmp_path / "photos.gif")
    with pytest.raises(PhotoError, match="is a GIF file; imgen reads JPEG, PNG, TIFF and WebP"):
        imgen.open(path)
    with pytest.raises(PhotoError, match=r"use .*\.webp, \.gif"):
        photo.save(tmp_path / "out.bmp")


def test_the_command_line_goes_on_after_a_gif_that_it_cannot_read(photo, cat_file, tmp_path):
    from imgen.cli.entry import main

    gif = photo.save(tmp_path / "photos.gif")
    out = tmp_path / "out"
    assert main(["run", str(gif), str(cat_file), "-s", "saturation", "-o", str(out), "-q"]) == 1
    assert [p.name for p in out.iterdir()] == ["cat.png"]
    assert main(["run", str(cat_file), "-s", "fade", "-o", str(tmp_path / "fade.gif"), "-q"]) == 0
    assert len(frames_of(tmp_path / "fade.gif")[0]) == 5


def test_the_page_shows_it_moving_and_saves_it_as_gif(moving, tmp_path):
    large = np.zeros((3, 20, 2 * LONGEST_MOVING, 3), np.float32)
    large[1:, :10], large[2, 10:] = 1, 0.5
    with Pillow.open(save_proxy(imgen.Photo(large[0], frames=large), tmp_path)) as proxy:
        assert (proxy.format, proxy.n_frames, proxy.size) == ("WEBP", 3, (LONGEST_MOVING, 10))
    workspace = Workspace(tmp_path)
    workspace.begin(moving, "cat.jpg")
    workspace.result = moving
    assert len(frames_of(save_result(workspace, '{"format": "gif"}', []))[0]) == 5
    formats = asset("bar.html").partition("File format")[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)"', formats) == list(SUFFIXES)
