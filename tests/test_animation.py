"""Tools that return several frames: the photo that carries them, the files that hold them, what later steps do."""

from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

import imgen
from imgen.contract.tool import tool_from
from imgen.editor.state.controls import describe
from imgen.engine.cache import size
from imgen.engine.plugins import installed
from imgen.errors import ParameterError, PhotoError, ToolError
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
