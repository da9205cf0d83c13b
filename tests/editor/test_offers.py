"""What each value of a choice gives, as the page asks for it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from test_editor import new_handlers, uploaded

import imgen
from imgen.editor.state.offers import Offers, along, values_of

PAGE: Any = SimpleNamespace(session_hash="one")
CHAIN = {"steps": [
    {"tool": "saturation", "parameters": {"amount": 0.0}, "enabled": True},
    {"tool": "translate", "parameters": {}, "enabled": False},
]}  # fmt: skip
STAGE = {"photo": 1, "strokes": []}


@pytest.fixture
def desk(cat_file: Path) -> Any:
    handlers = new_handlers()
    event: Any = SimpleNamespace(path=str(uploaded(handlers.desk, cat_file)), name="cat.jpg")
    handlers.open_upload(event, PAGE)
    yield handlers.desk
    handlers.desk.workspaces.close_all()


def asked(desk: Any, **detail: Any) -> list[tuple[Any, Any]]:
    event: Any = SimpleNamespace(run="1", step="7", **detail)
    return [
        tuple(one.get("shown", {}) for one in pair) for pair in Offers(desk).offer(CHAIN, STAGE, event, PAGE)
    ]  # fmt: skip


def test_each_value_is_shown_on_the_photo_with_the_steps_before(desk: Any):
    told = [chain["offers"] for chain, _ in asked(desk, index=1, parameter="domain")]
    assert [len(news["pictures"]) for news in told[:-1]] == [*range(1, len(told))]  # one after the other
    last = told[-1]
    assert (last["step"], last["parameter"], last["more"]) == ("7", "domain", False)
    assert len({one["value"] for one in last["pictures"]}) == len(last["pictures"]) >= 2
    for one in last["pictures"]:
        with Image.open(one["path"]) as file:
            assert max(file.size) == 160
    assert len({Path(one["path"]).read_bytes() for one in last["pictures"]}) == len(last["pictures"])


def test_a_slider_and_a_seed_are_seen_at_a_few_places(desk: Any):
    told = [chain["offers"] for chain, _ in asked(desk, index=0, parameter="amount")]
    pictures = told[-1]["pictures"]
    assert [one["value"] for one in pictures] == [0, 0.6, 1.2, 1.8, 2.4, 3]
    assert [one["label"] for one in pictures] == ["0", "0.6", "1.2", "1.8", "2.4", "3"]
    assert len({Path(one["path"]).read_bytes() for one in pictures}) == len(pictures)
    assert along(1, 3, 1, whole=True) == [1, 2, 3]
    places = values_of(imgen.tools()["walk_map"], "x,y")
    assert (len(places), places[0], places[1], places[-1]) == (25, [0, 0], [0.25, 0], [1, 1])
    assert values_of(imgen.tools()["complete_face"], "seed") == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("index", "parameter", "text"),
    [(1, "points", "translate has nothing to choose from for points"), (5, "domain", "the steps were changed"),
     (-1, "domain", "the steps were changed"), (0, "nothing", "saturation has nothing to choose from")],
)  # fmt: skip
def test_what_is_no_choice_is_said(desk: Any, index: int, parameter: str, text: str):
    told = asked(desk, index=index, parameter=parameter)
    assert text in told[0][1]["text"]
    assert told[-1][0]["offers"]["pictures"] == []
