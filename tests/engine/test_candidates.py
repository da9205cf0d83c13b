"""Tools that offer several pictures, measure, or say something of themselves, in runs."""

from typing import Annotated

import numpy as np
import pytest
from pydantic import Field

import imgen
from imgen.engine.pipeline import Candidate
from imgen.errors import ParameterError, PipelineError, ToolError

calls: list[str] = []


def shades(image: imgen.Image, *, count: Annotated[int, Field(ge=1)] = 3) -> imgen.Pictures:
    """Offer shades."""
    calls.append("shades")
    imgen.note("made shades")
    pixels = np.stack([image * np.float32(1 - i / 4) for i in range(count)])
    return imgen.Pictures(pixels, tuple(f"shade {i}" for i in range(count)))


def invented(*, side: int = 4) -> imgen.Pictures:
    """Offer plain pictures."""
    return imgen.Pictures(np.stack([np.full((side, side, 3), v, np.float32) for v in (0.2, 0.8)]))


def misnamed(image: imgen.Image) -> imgen.Pictures:
    """Offer two pictures and one label."""
    return imgen.Pictures(np.stack([image, image]), ("one",))


def brightness(image: imgen.Image, mask: imgen.Mask | None = None) -> imgen.Measurements:
    """Measure it."""
    calls.append("brightness")
    return {"mean": float(image.mean() if mask is None else image[mask > 0].mean()), "kind": "photo"}


def nonsense(image: imgen.Image) -> imgen.Measurements:
    """Measure a list."""
    return {"mean": [1, 2]}  # pyright: ignore


@imgen.tool(cache=False)
def service(image: imgen.Image) -> imgen.Image:
    """Another answer each time."""
    calls.append("service")
    return np.full_like(image, len(calls) / 100)


@imgen.tool(expensive=True)
def slow(image: imgen.Image) -> imgen.Image:
    """Take long."""
    return 1 - image


@pytest.fixture(autouse=True)
def here(offer):
    calls.clear()
    offer(shades, invented, misnamed, brightness, nonsense, service, slow)


@pytest.fixture
def grey() -> imgen.Photo:
    return imgen.Photo(np.full((6, 8, 3), 0.8, np.float32), dpi=(72.0, 72.0))


def test_a_run_takes_the_candidate_that_the_step_names(grey):
    assert imgen.Pipeline().add("shades")(grey, cache=None).pixels == pytest.approx(0.8)
    result = imgen.Pipeline().add("shades", candidate=2)(grey, cache=None)
    assert result.pixels == pytest.approx(0.4)
    assert result.dpi == (72.0, 72.0)
    with pytest.raises(ParameterError, match=r"shades: candidate must be a whole number from 0 to 2 \(got 3\)"):
        imgen.Pipeline().add("shades", candidate=3)(grey, cache=None)


def test_all_candidates_are_offered_and_made_once(grey):
    cache, notes = imgen.Cache(), []
    edit = imgen.Pipeline().add("select_rectangle", width=0.5).add("shades")
    found = edit.candidates(grey, cache=cache, notes=notes)
    assert [one.label for one in found] == ["shade 0", "shade 1", "shade 2"]
    assert notes == ["made shades"]
    for i, one in enumerate(found):
        chosen = imgen.Pipeline(edit.steps[:1]).add("shades", candidate=i)
        again = chosen(grey, cache=cache)
        assert np.array_equal(again.pixels, one.photo.pixels)
        assert imgen.Pipeline.from_json(one.photo.recipe)(grey, cache=cache).recipe == again.recipe
        assert np.array_equal(one.photo.pixels[:, 4:], grey.pixels[:, 4:])  # outside the selection
    edit.candidates(grey, cache=cache)
    assert calls == ["shades"]
    edit.add("blur")(grey, cache=cache)
    assert calls == ["shades"]


def test_a_candidate_that_fell_out_of_the_cache_is_made_again(grey):
    edit = imgen.Pipeline().add("shades")
    small = imgen.Cache(2 * grey.pixels.nbytes)
    first, again = (edit.candidates(grey, cache=small) for _ in range(2))
    assert [one.label for one in first] == [one.label for one in again]
    assert all(np.array_equal(a.photo.pixels, b.photo.pixels) for a, b in zip(first, again, strict=True))
    assert len(calls) == 2


def test_candidates_from_nothing_are_numbered():
    found = imgen.Pipeline().add("invented").candidates(cache=None)
    assert [one.label for one in found] == ["0", "1"]
    assert isinstance(found[1], Candidate)
    assert found[1].photo.pixels == pytest.approx(0.8)


def test_wrong_candidates_are_explained(grey):
    with pytest.raises(PipelineError, match="offers no candidates"):
        imgen.Pipeline().add("blur").candidates(grey)
    with pytest.raises(ToolError, match="returned 2 pictures and 1 labels"):
        imgen.Pipeline().add("misnamed")(grey, cache=None)


def test_the_tool_itself_returns_all_of_them(grey):
    made = imgen.tools()["shades"](grey.pixels, count=2, candidate=1)
    assert made.pixels.shape == (2, 6, 8, 3)


def test_measurements_are_told_and_the_photo_passes_through(grey):
    cache = imgen.Cache()
    edit = imgen.Pipeline().add("select_rectangle", width=0.5).add("brightness").add("clear_selection")
    for _ in range(2):
        notes: list[str] = []
        result = edit(grey, cache=cache, notes=notes)
        assert result.measurements == {"brightness": {"mean": pytest.approx(0.8), "kind": "photo"}}
        assert notes == ["brightness: mean 0.8, kind photo"]
        assert np.array_equal(result.pixels, grey.pixels)
    assert calls == ["brightness"]
    with pytest.raises(ToolError, match="nonsense measured mean as list; give numbers and texts"):
        imgen.Pipeline().add("nonsense")(grey, cache=None)


def test_an_animation_that_is_measured_goes_on(grey):
    frames = np.stack([grey.pixels, grey.pixels * np.float32(0.5)])
    result = imgen.Pipeline().add("brightness")(grey.replace(frames=frames), cache=None)
    assert result.frames is not None
    assert len(result.frames) == 2


def test_a_tool_that_wants_no_cache_runs_each_time_and_so_does_what_follows(grey):
    cache = imgen.Cache()
    edit = imgen.Pipeline().add("brightness").add("service").add("saturation", amount=0.5)
    first = edit(grey, cache=cache)
    second = edit(grey, cache=cache)
    assert calls == ["brightness", "service", "service"]
    assert first.pixels == pytest.approx(0.02)
    assert second.pixels == pytest.approx(0.03)


def test_expensive_steps_can_be_left_out(grey):
    edit = imgen.Pipeline().add("slow").add("saturation")
    assert edit.expensive == ("slow",)
    light = edit.without_expensive()
    assert [step.enabled for step in light.steps] == [False, True]
    assert light(grey, cache=None).pixels == pytest.approx(0.8)
    assert light.expensive == ()


def test_candidates_come_within_the_mask_and_in_part(photo):
    top = imgen.Pipeline().add("select_rectangle", height=0.5)
    edit = imgen.Pipeline().add("shades").blend(mask=top, opacity=0.5)
    half = photo.height // 2
    offered = edit.candidates(photo, cache=None)
    for i, one in enumerate(offered):
        assert one.photo.selection is None
        assert np.array_equal(one.photo.pixels[half:], photo.pixels[half:])
        assert np.allclose(one.photo.pixels[:half], photo.pixels[:half] * (1 - i / 8), atol=1e-6)
    again = one.photo.pipeline(photo, cache=None)
    assert np.array_equal(again.pixels, one.photo.pixels)
