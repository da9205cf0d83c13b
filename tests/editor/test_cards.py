"""Strokes and cards become a pipeline."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.editor.state.brush import read_strokes, selection
from imgen.editor.state.chain import MARK, cards_of, check_selections, pipeline_of, recipe_of
from imgen.editor.state.workspace import Workspace
from imgen.errors import ImgenError


def chain(*steps: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"steps": [{"tool": tool, "parameters": parameters, "enabled": True} for tool, parameters in steps]}


def test_strokes_are_drawn_at_the_size_of_the_photo():
    stroke = {"mode": "paint", "radius": 10, "points": [[100, 100], [300, 100]]}
    mask = selection(read_strokes({"photo": 1, "strokes": [stroke]}), 400, 200)
    assert mask is not None
    assert mask.shape == (200, 400)
    assert set(np.unique(mask)) == {0, 1}
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert abs(rows.min() - 90) <= 1
    assert abs(rows.max() - 109) <= 1
    assert abs(columns.min() - 90) <= 1
    assert abs(columns.max() - 309) <= 1


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_a_box_selects_the_pixels_inside_it(factor: float):
    box = {"mode": "box", "radius": 5, "points": [[300, 150], [100, 50]]}
    mask = selection(read_strokes({"strokes": [box]}), int(400 * factor), int(200 * factor), factor)
    assert mask is not None
    wanted = np.zeros((200, 400), np.float32)
    wanted[50:150, 100:300] = 1
    np.testing.assert_array_equal(mask, wanted if factor == 1 else wanted[::2, ::2])
    small = selection(read_strokes({"strokes": [{**box, "points": [[7.1, 7.1], [7.2, 7.2]]}]}), 20, 20)
    assert small is not None
    assert small.sum() == 1  # never nothing


def test_erasing_everything_selects_nothing():
    paint = {"mode": "paint", "radius": 5, "points": [[50, 50]]}
    erase = {"mode": "erase", "radius": 20, "points": [[50, 50]]}
    assert selection(read_strokes({"strokes": [paint, erase]}), 100, 100) is None
    assert selection(read_strokes(None), 100, 100) is None


@pytest.mark.parametrize("bad", [{"strokes": [{"radius": -1, "points": [[0, 0]]}]}, {"strokes": "x"}, [1], "x"])
def test_strokes_that_make_no_sense_are_refused(bad: object):
    with pytest.raises(ImgenError, match="selection cannot be read"):
        read_strokes(bad)


def test_cards_become_a_pipeline(workspace: Workspace):
    value = chain(("denoise", {"noise": 20}), ("select_rectangle", {"width": 0.5}))
    value["steps"][1]["enabled"] = False
    steps = pipeline_of(value, workspace).steps
    assert [(s.tool, s.parameters, s.enabled) for s in steps] == [
        ("denoise", {"noise": 20}, True),
        ("select_rectangle", {"width": 0.5}, False),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (chain(("denoise", {"noise": 99})), "noise must be a number from 0 to 60"),
        (chain(("colorize", {"hints": [[0.5, 2, "#c02020"]]})), "hints must be dots of colour"),
        (chain(("denois", {})), "did you mean 'denoise'"),
        ({"steps": [{"tool": "denoise"}]}, "reload the page"),
        (chain(("load_selection", {"file": "/etc/passwd"})), "choose the picture"),
        (chain(("load_selection", {"file": MARK + "unknown"})), "choose the picture"),
    ],
)
def test_cards_that_cannot_be_done_are_explained(value: object, message: str, workspace: Workspace):
    with pytest.raises(ImgenError, match=message):
        pipeline_of(value, workspace)


def test_a_missing_selection_is_noticed_before_the_run(workspace: Workspace, photo: imgen.Photo):
    def check(*tools: str) -> None:
        check_selections(pipeline_of(chain(*((tool, {}) for tool in tools)), workspace), photo)

    check("select_rectangle", "inpaint")
    for tools in (["inpaint"], ["grow_selection"], ["select_rectangle", "clear_selection", "inpaint"]):
        with pytest.raises(ImgenError, match="selection"):
            check(*tools)


def test_the_recipe_of_a_brushed_edit_makes_the_same_picture(workspace: Workspace, photo: imgen.Photo):
    mask = np.zeros(photo.pixels.shape[:2], np.float32)
    mask[20:60, 30:90] = 1
    brushed = photo.replace(selection=mask)
    pipeline = pipeline_of(chain(("invert_selection", {}), ("selection_to_alpha", {})), workspace)
    text = recipe_of(pipeline, brushed).to_json()
    again = imgen.Pipeline.from_json(text, files=False)(photo)
    np.testing.assert_array_equal(again.alpha, pipeline(brushed).alpha)

    cards, notes = cards_of(text, workspace)
    assert [card["tool"] for card in cards] == ["load_selection", "invert_selection", "selection_to_alpha"]
    assert notes == []
    np.testing.assert_array_equal(pipeline_of({"steps": cards}, workspace)(photo).alpha, again.alpha)


def test_a_recipe_may_not_name_files_of_the_server(workspace: Workspace, mask_file: Path):
    text = json.dumps({"imgen": 1, "steps": [{"tool": "load_selection", "parameters": {"file": str(mask_file)}}]})
    with pytest.raises(ImgenError, match="names a file"):
        cards_of(text, workspace)


def test_strokes_far_outside_cost_nothing_and_thinning_shows_nowhere():
    turning = [[200 + 90 * np.cos(a), 150 + 90 * np.sin(a)] for a in np.linspace(0, 7, 900)]
    strokes = read_strokes({"strokes": [{"radius": 40, "points": turning}]})
    mask = selection(strokes, 400, 300)
    from PIL import ImageDraw

    every = Pillow.new("L", (400, 300))
    pen = ImageDraw.Draw(every)
    for x, y in turning:
        pen.ellipse((x - 40.5, y - 40.5, x + 39.5, y + 39.5), fill=255)
    assert mask is not None
    assert np.abs(mask - np.asarray(every, np.float32) / 255).mean() < 0.004  # the rim's rounding
    far = read_strokes({"strokes": [{"radius": 20_000, "points": [[-900_000, 900_000], [900_000, -900_000]]}]})
    assert selection(far, 400, 300) is not None


def test_brushing_looks_at_cancel():
    from imgen.contract.context import Context, using

    cancel = threading.Event()
    cancel.set()
    points = [[(n * 7919) % 4000, (n * 104729) % 3000] for n in range(1000)]
    strokes = read_strokes({"strokes": [{"radius": 500, "points": points}]})
    with using(Context(cancel=cancel)), pytest.raises(imgen.Cancelled):
        selection(strokes, 4000, 3000)
