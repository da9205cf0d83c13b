"""Live previews without a browser: the small copy, what is scaled with it, and what is computed again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from skimage import data

import imgen
from imgen.editor.state.proxy import save_proxy
from imgen.editor.state.small import scaled, small_copy
from imgen.engine.apply import apply


@pytest.fixture
def large(photo: imgen.Photo) -> imgen.Photo:
    """Twice as large as what previews are computed on."""
    return imgen.Photo.from_array(np.tile(photo.pixels, (10, 10, 1))[:1024, :2048])


@pytest.fixture
def desk(large: imgen.Photo) -> Any:
    from imgen.editor.state.desk import Desk

    made = Desk("cpu")
    made.workspaces.of("page").begin(large, "large.png")
    yield made
    made.workspaces.close_all()


def preview(
    desk: Any, steps: list[tuple[str, dict[str, Any]]], strokes: list[dict[str, Any]] | None = None
) -> list[Any]:
    """The last answer to (stage, bar)."""
    from imgen.editor.state.runs import Runs

    chain = {"steps": [{"tool": tool, "parameters": given, "enabled": True} for tool, given in steps]}
    stage = {"photo": 1, "strokes": strokes or []}
    event: Any = SimpleNamespace(run="1")
    request: Any = SimpleNamespace(session_hash="page")
    *_, last = Runs(desk).preview(chain, stage, event, request)
    return [part.get("shown", part) for part in last]


def test_a_preview_tells_the_size_of_the_full_result(desk: Any):
    stage, bar = preview(desk, [("crop", {"width": 0.5, "height": 0.5})])
    assert (stage["result"]["width"], stage["result"]["height"], stage["result"]["live"]) == (1024, 512, True)
    assert (bar["state"], bar["live"]) == ("previewed", True)
    assert desk.workspaces.of("page").result is None  # there is nothing to download yet


def test_strokes_and_pixels_are_those_of_the_photo(desk: Any):
    stroke = {"mode": "paint", "radius": 100, "points": [[1024, 512]]}
    stage, _ = preview(desk, [("grow_selection", {"pixels": 100})], [stroke])
    from PIL import Image

    with Image.open(stage["result"]["selection"]) as shown:
        rows = np.flatnonzero((np.asarray(shown.convert("RGBA"))[..., 3] > 127).any(1))
    assert shown.size == (1024, 512)
    assert abs(rows.min() - 156) <= 2
    assert abs(rows.max() - 356) <= 2


def test_a_change_of_the_last_of_five_steps_runs_only_that_one(desk: Any, monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []

    def count(tool: Any, photo: Any, parameters: Any, opacity: float) -> Any:
        calls.append(tool.name)
        return apply(tool, photo, parameters, opacity)

    monkeypatch.setattr("imgen.engine.pipeline.apply", count)
    steps = [
        ("saturation", {"amount": 0.5}),
        ("select_rectangle", {"width": 0.5}),
        ("feather_selection", {"radius": 5.0}),
    ]
    for radius in (2.0, 4.0):
        preview(desk, [*steps, ("invert_selection", {}), ("blur", {"radius": radius})])
    assert calls == [*(tool for tool, _ in steps), "invert_selection", "blur", "blur"]


def test_what_a_preview_lacks_is_told(desk: Any):
    _, bar = preview(desk, [("inpaint", {})])
    assert (bar["state"], bar["live"]) == ("failed", True)
    assert "needs a selection" in bar["text"]


def test_a_late_cancel_stops_no_other_run(desk: Any):
    workspace = desk.workspaces.of("page")
    first, second, batch = (workspace.start(kind, n) for kind, n in (("run", "1"), ("run", "2"), ("batch", "4")))
    assert first.is_set()
    workspace.start("preview", "5")
    assert not batch.is_set()
    workspace.stop("1")
    assert not second.is_set()
    workspace.stop("3")
    assert workspace.start("run", "3").is_set()  # it was cancelled while it waited


def test_a_small_photo_is_its_own_copy(photo: imgen.Photo, large: imgen.Photo):
    assert small_copy(photo) is photo
    alpha = large.replace(alpha=np.zeros(large.pixels.shape[:2], np.float32))
    assert small_copy(alpha).alpha is not None
    frames = np.stack([large.pixels] * 2)
    moving = small_copy(large.replace(pixels=frames[0], frames=frames), 100)
    assert moving.frames is not None
    assert moving.frames.shape == (2, 50, 100, 3)


def test_only_parameters_in_pixels_shrink():
    pipeline = imgen.Pipeline().add("grow_selection", pixels=-1).add("blur", radius=9.0).add("saturation", amount=0.5)
    assert [step.parameters for step in scaled(pipeline, 1 / 3).steps] == [
        {"pixels": -1},
        {"radius": 3.0},
        {"amount": 0.5},
    ]
    assert scaled(imgen.Pipeline().add("blur"), 0.5).steps[0].parameters == {"radius": 4.0}


def test_previews_on_a_smaller_copy_take_the_quick_way():
    pipeline = imgen.Pipeline().add("denoise", noise=9.0, quality="best")
    assert scaled(pipeline, 0.5).steps[0].parameters == {"noise": 9.0, "quality": "fast"}
    assert scaled(pipeline, 1).steps[0].parameters == {"noise": 9.0, "quality": "best"}


def test_what_the_page_shows_of_a_large_photo_is_near_to_the_best_reduction(tmp_path: Path):
    from PIL import Image as Pillow

    small = data.astronaut()
    large = Pillow.fromarray(small).resize((3200, 3200), Pillow.Resampling.BICUBIC)
    best = np.asarray(large.resize((1400, 1400), Pillow.Resampling.LANCZOS), np.float32)
    with Pillow.open(save_proxy(imgen.Photo.from_array(np.asarray(large)), tmp_path)) as shown:
        assert shown.size == (1400, 1400)
        error = np.sqrt(((np.asarray(shown, np.float32) - best) ** 2).mean())
    assert error < 1.5  # of 255
