"""Animations as PNG, WebP and GIF."""

import re

import numpy as np
import pytest
from PIL import Image as Pillow
from test_animation import moving, offered

import imgen
from imgen.contract.context import Context, using
from imgen.editor.state.export import SUFFIXES, save_result
from imgen.editor.state.proxy import LONGEST_MOVING, save_proxy
from imgen.editor.state.workspace import Workspace
from imgen.editor.web.assets import asset
from imgen.errors import PhotoError
from imgen.image.levels import as_integers
from imgen.io.read import srgb_profile
from imgen.io.write import FRAME

__all__ = ["moving", "offered"]  # fixtures, which are found by their names


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
        assert "holds the first of 5 frames; save as .gif, .webp or .png" in notes
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
