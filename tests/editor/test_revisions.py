"""What the server gives out is what the page shows: revisions, starters, words, and files of another format."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from test_editor import new_handlers, uploaded

import imgen
from imgen.editor.state.controls import controls, describe, palette
from imgen.editor.state.desk import GONE
from imgen.editor.state.export import save_result
from imgen.editor.state.recipes import STARTERS, starters
from imgen.editor.state.revision import revision_of
from imgen.editor.state.runs import Runs
from imgen.editor.state.saving import Saving
from imgen.editor.state.words import EXPERIMENTS, LAB, PLAIN, SYNONYMS
from imgen.editor.state.workspace import Workspace
from imgen.engine.pipeline import Pipeline

PAGE: Any = SimpleNamespace(session_hash="one")
GREY = {"steps": [{"tool": "saturation", "parameters": {"amount": 0.0}, "enabled": True}]}


@pytest.fixture
def desk(cat_file: Path) -> Any:
    """A desk with one page, on which the cat is open."""
    handlers = new_handlers()
    event: Any = SimpleNamespace(path=str(uploaded(handlers.desk, cat_file)), name="cat.jpg")
    handlers.open_upload(event, PAGE)
    yield handlers.desk
    handlers.desk.workspaces.close_all()


def answers(made: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [tuple(one.get("shown", {}) if isinstance(one, dict) else {} for one in pair) for pair in made]


def test_a_revision_is_that_of_the_values_themselves():
    assert revision_of({"steps": [], "revision": 3}, {"photo": 1, "revision": 7}) == "3.7"
    for odd in (None, {}, {"revision": -1}, {"revision": "x"}, 5):
        assert revision_of(odd, odd) == "0.0"


def test_a_result_comes_back_with_its_revision_and_is_saved_only_at_that(desk: Any):
    event: Any = SimpleNamespace(run="1")
    told = answers(Runs(desk).run({**GREY, "revision": 4}, {"photo": 1, "strokes": [], "revision": 2}, event, PAGE))
    result, message = told[-1]
    assert (message["state"], message["revision"]) == ("done", "4.2")
    assert result["result"]["revision"] == "4.2"
    saving = Saving(desk)
    ask: Any = SimpleNamespace(options="{}", revision="5.2")
    refused = saving.download(ask, PAGE)["shown"]
    assert refused["state"] == "error"
    assert "changed since this result was made" in refused["text"]
    ask.revision = "4.2"
    assert saving.download(ask, PAGE)["shown"]["state"] == "saved"


def test_the_end_is_told_also_where_another_photo_was_opened(desk: Any, monkeypatch: pytest.MonkeyPatch):
    opened = threading.Event()
    run = Pipeline.run

    def held(pipeline: Pipeline, *given: Any, progress: Any, **more: Any) -> Any:
        progress(0.0, "saturation")
        opened.wait(60)
        return run(pipeline, *given, progress=progress, **more)

    monkeypatch.setattr(Pipeline, "run", held)
    event: Any = SimpleNamespace(run="1")
    reports = Runs(desk).preview({**GREY, "revision": 1}, {"photo": 1, "strokes": []}, event, PAGE)
    first = next(reports)
    desk.workspace(PAGE).serial += 1  # as when a photo is opened
    opened.set()
    told = [*answers([first]), *answers(reports)]
    assert not any("result" in result for result, _ in told)
    assert told[-1][1]["state"] == "cancelled"
    assert told[-1][1]["run"] == "1"


def test_what_a_lost_connection_took_is_said_or_made_again(desk: Any):
    event: Any = SimpleNamespace(run="1", revision="1.1", options="{}")
    desk.workspace(PAGE).finish(desk.workspace(PAGE).photo)
    desk.workspaces.close(PAGE.session_hash)
    assert Saving(desk).download(event, PAGE)["shown"]["state"] == "lost"
    assert answers(Runs(desk).run(GREY, {"photo": 1, "strokes": []}, event, PAGE))[-1][1]["state"] == "done"
    desk.workspaces.close(PAGE.session_hash)
    desk.workspaces.forget(time.monotonic() + 1)
    told = answers(Runs(desk).run(GREY, {"photo": 1, "strokes": []}, event, PAGE))[-1][1]
    assert (told["state"], told["text"]) == ("failed", GONE)


def test_a_transparent_result_of_a_jpeg_is_saved_as_png(tmp_path: Path, photo: imgen.Photo):
    workspace = Workspace(tmp_path)
    workspace.begin(photo, "cat.JPG")
    workspace.result = photo.replace(alpha=np.zeros(photo.pixels.shape[:2], np.float32))
    notes: list[str] = []
    assert save_result(workspace, '{"format": "same"}', notes).name == "cat-imgen.png"
    assert notes[0] == "saved as PNG, as JPEG has no transparency"
    workspace.result = photo
    notes = []
    assert save_result(workspace, '{"format": "same"}', notes).name == "cat-imgen.jpg"
    assert notes == []


def test_every_starter_is_there_and_shows_what_its_tools_have():
    tools = imgen.tools()
    listed = starters(tools)
    assert [one["title"] for one in listed][: len(STARTERS)] == [starter.title for starter in STARTERS]
    json.dumps(listed)
    assert [one["task"] for one in listed if one["task"]] == [
        "restore", "remove", "cut", "blur", "colour", "enhance", "light", "style", "face",
    ]  # fmt: skip
    for one in listed:
        steps = [tools[card["tool"]] for card in one["steps"]]
        for part, name, *_ in (*one["shows"], *one["picks"]):
            assert name in [control["name"] for control in controls(steps[part])]
        assert len(one["shows"]) <= 2
    restore = listed[0]["steps"]
    assert [card["tool"] for card in restore] == ["select_damage", "inpaint", "clear_selection", "denoise", "colorize"]
    assert [card["combine"] for card in restore] == ["add"] + 4 * ["replace"]  # it adds to what is brushed


def test_experiments_are_in_the_lab_and_words_belong_to_tools_that_exist():
    tools = imgen.tools()
    assert tools.keys() >= EXPERIMENTS
    assert tools.keys() >= SYNONYMS.keys()
    assert all(name in describe(tools[tool])["controls"].__repr__() for tool, name in PLAIN)
    listed = palette(tools.values())
    groups = [tool["group"] for tool in listed]
    assert groups[-1] == LAB
    assert {tool["name"] for tool in listed if tool["group"] == LAB} == EXPERIMENTS
    surface = json.dumps([[tool["summary"], *(c["label"] + c.get("help", "") for c in tool["controls"])]
                          for tool in listed if tool["group"] != LAB])  # fmt: skip
    assert "tandard deviation" not in surface


def test_mcp_without_its_package_is_explained():
    code = """
import importlib.util, os
os.environ["GRADIO_MCP_SERVER"] = "True"
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "mcp" else found(name, *more)
from imgen.editor.server.serve import check_mcp
check_mcp()
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert "pip install 'gradio[mcp]'" in told.stderr


def test_a_cancelled_preview_is_over(desk: Any):
    workspace = desk.workspace(PAGE)
    workspace.stop("7")
    event: Any = SimpleNamespace(run="7")
    told = answers(Runs(desk).preview(GREY, {"photo": 1, "strokes": []}, event, PAGE))
    assert told[-1][1]["state"] == "cancelled"
    assert threading.active_count() < 50
