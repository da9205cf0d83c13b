"""Tiny pictures on the cards, masks on cards, and parts at full size, as the page asks for them."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_editor import new_handlers, uploaded

import imgen
from imgen.editor.state.chain import cards_of, pipeline_of
from imgen.editor.state.runs import Runs
from imgen.editor.state.tiles import Tiles

PAGE: Any = SimpleNamespace(session_hash="one")
STAGE: dict[str, Any] = {"photo": 1, "strokes": []}
LEFT = {"tool": "select_rectangle", "parameters": {"width": 0.5}}


def grey(**place: Any) -> dict[str, Any]:
    return {"tool": "saturation", "parameters": {"amount": 0.0}, "enabled": True, **place}


@pytest.fixture
def handlers(cat_file: Path) -> Any:
    made = new_handlers()
    event: Any = SimpleNamespace(path=str(uploaded(made.desk, cat_file)), name="cat.jpg")
    made.open_upload(event, PAGE)
    yield made
    made.desk.workspaces.close_all()


def preview(handlers: Any, chain: dict[str, Any]) -> dict[str, Any]:
    event: Any = SimpleNamespace(run="1")
    *_, (stage, bar) = Runs(handlers.desk).preview(chain, STAGE, event, PAGE)
    assert bar["shown"]["state"] == "previewed", bar
    return stage["shown"]["result"]


def opened(address: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as file:
        return np.asarray(file)


def test_a_preview_brings_each_steps_picture_and_mask(handlers: Any):
    off = {**grey(), "enabled": False}
    result = preview(handlers, {"steps": [off, grey(mask=[LEFT]), grey()]})
    assert set(result["looks"]) == {"1", "2"}
    mask = opened(result["looks"]["1"]["mask"])
    assert max(mask.shape) == 96
    assert (mask[:, :46] == 255).all()
    assert (mask[:, 50:] == 0).all()
    assert "mask" not in result["looks"]["2"]
    assert np.ptp(opened(result["looks"]["2"]["after"]).astype(int), axis=2).max() <= 12  # grey, but for JPEG
    assert np.ptp(opened(result["looks"]["1"]["after"]).astype(int), axis=2)[:, 60:].max() > 20


def test_the_mask_that_is_looked_at_is_shown_over_the_photo(handlers: Any):
    assert "selection" not in preview(handlers, {"steps": [grey(mask=[LEFT])]})
    result = preview(handlers, {"steps": [grey(mask=[LEFT])], "shows": 0})
    with Image.open(result["selection"]) as overlay:
        alpha = np.asarray(overlay.convert("RGBA"))[..., 3]
    assert alpha[:, 10].min() == 255
    assert alpha[:, -10].max() == 0


def test_cards_and_recipes_say_the_same(handlers: Any):
    workspace = handlers.desk.workspaces.of("one")
    edit = imgen.Pipeline().add("saturation", amount=0).blend(mask=np.eye(30, dtype=np.float32), opacity=0.3)
    edit = edit.add("select_rectangle").add("select_rectangle", width=0.2).combine("subtract")
    cards, told = cards_of(edit.to_json(), workspace)
    assert told == []
    assert (cards[0]["opacity"], cards[2]["combine"]) == (0.3, "subtract")
    assert cards[0]["mask"][0]["parameters"]["file"].startswith("picture:")
    assert pipeline_of({"steps": cards}, workspace).to_json() == edit.to_json()


def test_a_mask_names_no_file_of_this_machine(handlers: Any, cat_file: Path):
    card = grey(mask=[{"tool": "load_selection", "parameters": {"file": str(cat_file)}}])
    with pytest.raises(imgen.ImgenError, match="choose the picture for file again"):
        pipeline_of({"steps": [card]}, handlers.desk.workspaces.of("one"))


def tile(handlers: Any, chain: dict[str, Any], side: str, box: tuple[int, int, int, int]) -> Any:
    left, top, width, height = box
    values = {"left": left, "top": top, "width": width, "height": height}
    event: Any = SimpleNamespace(run="7", side=side, of="x", **values)
    return Tiles(handlers.desk).tile(chain, STAGE, event, PAGE).get("shown", {}).get("tile")


def test_a_part_of_the_photo_and_of_what_local_steps_make_of_it(handlers: Any, cat_file: Path):
    photo = imgen.open(cat_file)
    chain = {"steps": [{"tool": "sharpen", "parameters": {"radius": 3.0}, "enabled": True}]}
    wanted = imgen.Pipeline().add("sharpen", radius=3.0)(photo, cache=None)
    for side, whole in (("before", photo), ("after", wanted)):
        made = tile(handlers, chain, side, (40, 30, 100, 80))
        assert (made["left"], made["top"], made["width"], made["height"]) == (40, 30, 100, 80)
        with Image.open(made["path"]) as file:
            seen = np.asarray(file.convert("RGB")) / 255
        assert np.abs(seen - whole.pixels[30:110, 40:140]).mean() < 0.01


def test_a_part_that_lies_outside_is_cut_and_what_needs_the_whole_is_not_guessed(handlers: Any):
    height = handlers.desk.workspaces.of("one").photo.height
    made = tile(handlers, {"steps": []}, "before", (-50, height - 10, 100, 100))
    assert (made["left"], made["top"], made["width"], made["height"]) == (0, height - 10, 50, 10)
    for steps in ([{"tool": "light", "parameters": {}, "enabled": True}], [grey(mask=[LEFT])]):
        assert tile(handlers, {"steps": steps}, "after", (0, 0, 50, 50)) is None
