"""The lines of the editor as pages see them: runs one at a time with their place told, the latest preview of each."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import imgen
from imgen.editor.state.running import THREAD
from imgen.engine.toolbox import tools
from imgen.io.embedded import encode

STEPS = [("saturation", {"amount": 0.5})]


@pytest.fixture
def desk(photo: imgen.Photo) -> Any:
    from imgen.editor.state.desk import Desk

    made = Desk("cpu")
    for page in ("a", "b"):
        made.workspaces.of(page).begin(photo, f"{page}.png")
    yield made
    made.workspaces.close_all()


def chain(steps: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return {"steps": [{"tool": tool, "parameters": given, "enabled": True} for tool, given in steps]}


def asked(desk: Any, kind: str, page: str, run: str = "1", steps: list[tuple[str, dict[str, Any]]] = STEPS) -> Any:
    """The answers to a page's run or preview, as they come."""
    from imgen.editor.state.runs import Runs

    event: Any = SimpleNamespace(run=run)
    request: Any = SimpleNamespace(session_hash=page)
    return getattr(Runs(desk), kind)(chain(steps), {"photo": 1, "strokes": []}, event, request)


def bar(answer: Any) -> dict[str, Any]:
    """What the bar was told."""
    return answer[1].get("shown", {})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgen.editor.state.runs.PAUSE", 0.01)
    monkeypatch.setattr("imgen.editor.state.hosting.PAUSE", 0.01)


def test_a_run_waits_for_the_one_before_and_tells_its_place(desk: Any):
    with desk.runs.turn():
        run = asked(desk, "run", "a")
        first = bar(next(run))
        assert (first["state"], first["text"]) == ("running", "Waiting for its turn: 1 before this one")
        assert bar(next(run)) == {}  # nothing new
        with desk.runs.place() as later:
            assert later.ahead == 2
    *_, last = run
    assert bar(last)["state"] == "done"
    with desk.runs.place() as free:
        assert free.wait(0)


def test_previews_do_not_wait_for_runs_nor_runs_for_previews(desk: Any):
    with desk.runs.turn():
        *_, last = asked(desk, "preview", "b")
        assert bar(last)["state"] == "previewed"
    with desk.previews.turn(desk.previews.room):
        *_, last = asked(desk, "run", "b")
        assert bar(last)["state"] == "done"


def test_a_newer_preview_of_a_page_takes_the_place_of_the_older_one_that_waits(desk: Any):
    with desk.previews.turn(desk.previews.room):
        older, newer = asked(desk, "preview", "a", "1"), asked(desk, "preview", "a", "2")
        other = asked(desk, "preview", "b", "3")
        assert bar(next(older))["text"].endswith("1 before this one")
        next(newer)
        *_, last = older
        assert bar(last)["state"] == "cancelled"
        next(other)
    for waiting in (newer, other):
        *_, last = waiting
        assert bar(last)["state"] == "previewed"


def test_a_page_that_goes_leaves_the_line(desk: Any):
    with desk.runs.turn():
        run, closed = asked(desk, "run", "a"), asked(desk, "run", "b")
        next(run)
        next(closed)
        closed.close()  # as Gradio does it
        desk.workspaces.close("a")
        *_, last = run
        assert bar(last)["state"] == "cancelled"
    with desk.runs.place() as free:
        assert free.wait(0)


def test_a_run_that_was_cancelled_while_it_waited_does_nothing(desk: Any):
    with desk.runs.turn():
        run = asked(desk, "run", "a", "7")
        next(run)
        desk.workspaces.of("a").stop("7")
        *_, last = run
    assert bar(last)["state"] == "cancelled"
    assert desk.workspaces.of("a").result is None


@pytest.fixture
def batch(desk: Any, cat: np.ndarray) -> Any:
    """Starts a batch of two uploads: the answers to the page."""
    from imgen.editor.state.batches import Batches

    def begin(names: tuple[str, ...] = ("0.png", "1.png"), steps: list[tuple[str, dict[str, Any]]] = STEPS) -> Any:
        listed = []
        for number, name in enumerate(names):
            place = desk.files.root / "uploads" / f"folder{number}" / "secret" / name
            place.parent.mkdir(parents=True)
            Image.fromarray(cat).save(place)
            listed.append({"path": str(place), "name": place.name})
        event: Any = SimpleNamespace(run="1", files=json.dumps(listed), options="{}")
        request: Any = SimpleNamespace(session_hash="a")
        return Batches(desk).batch(chain(steps), event, request)

    yield begin
    assert not list(desk.files.root.glob("batch-*"))
    assert not list((desk.files.root / "uploads").iterdir())


def told(answer: Any, name: str = "state") -> list[Any]:
    """A column of the page's table."""
    return [row[name] for row in answer["shown"]["rows"]]


def names_in(answer: Any) -> list[str]:
    """What is in the zip."""
    with zipfile.ZipFile(io.BytesIO(Path(answer["shown"]["file"]["path"]).read_bytes())) as bundle:
        return bundle.namelist()


def test_a_batch_lets_others_in_between_two_files(desk: Any, batch: Any):
    answers = batch()
    assert told(next(answers))[1] == "waiting"
    with desk.runs.place() as mine:
        assert mine.wait(60)
        answer = next(answer for answer in answers if told(answer)[0] == "done")
        assert told(answer) == ["done", "waiting"]
    *_, last = answers
    assert told(last) == ["done", "done"]
    assert names_in(last) == ["0-imgen.png", "1-imgen.png"]


def test_photos_of_a_batch_tell_their_places_in_the_line(desk: Any, batch: Any):
    with desk.runs.turn(), desk.runs.place():
        answers = batch()
        answer = next(answer for answer in answers if told(answer, "ahead")[0])
        assert (told(answer), told(answer, "ahead")) == (["waiting", "waiting"], [2, 3])
    *_, last = answers
    assert (told(last), told(last, "ahead")) == (["done", "done"], [0, 0])


def test_a_batch_that_is_cancelled_while_it_waits_does_nothing(desk: Any, batch: Any):
    with desk.runs.turn():
        answers = batch()
        next(answers)
        desk.workspaces.of("a").stop("1")
        *_, last = answers
    assert told(last) == ["cancelled", "cancelled"]
    assert "file" not in last["shown"]
    with desk.runs.place() as free:
        assert free.wait(0)


def test_results_of_a_batch_have_the_names_and_kinds_that_downloads_have(batch: Any):
    *_, last = batch(("a.jpg", "b.jpg"), [("crop", {"width": 0.5}), ("blur", {"radius": 2})])
    assert names_in(last) == ["a-imgen.jpg", "b-imgen.jpg"]
    *_, last = batch(("a.jpg",), [("select_rectangle", {"width": 0.5}), ("selection_to_alpha", {})])
    assert names_in(last) == ["a-imgen.png"]
    assert told(last, "text") == ["saved as PNG, as JPEG has no transparency"]


@pytest.mark.parametrize("carried", [False, True])
def test_a_mask_of_the_photos_size_fits_its_preview(desk: Any, carried: bool):
    from imgen.editor.state.chain import MARK
    from imgen.editor.state.workspace import Carried

    workspace = desk.workspaces.of("a")
    large = imgen.Photo.from_array(np.full((1200, 2048, 3), 0.5, np.float32))
    workspace.begin(large, "large.png")
    mask = np.zeros((1200, 2048), np.float32)
    mask[:, :1024] = 1
    tool = tools()["load_selection"]
    token = workspace.keep(Carried(tool, "file", encode(mask)) if carried else mask)
    steps = [("load_selection", {"file": MARK + token}), ("saturation", {"amount": 0.5})]
    *_, last = asked(desk, "preview", "a", steps=steps)
    assert bar(last)["state"] == "previewed", bar(last)
    with Image.open(last[0]["shown"]["result"]["selection"]) as shown:
        strength = np.asarray(shown.convert("RGBA"))[..., 3]
    assert strength.shape == (600, 1024)
    assert (strength[:, :511] == 255).all()
    assert (strength[:, 513:] == 0).all()


def test_the_end_of_the_editor_waits_for_what_is_at_work(desk: Any):
    cancel, ended = desk.workspaces.of("a").start("run", "1"), threading.Event()

    def work() -> None:
        assert cancel.wait(10)
        ended.set()

    threading.Thread(target=work, name=THREAD, daemon=True).start()
    desk.close()
    assert ended.is_set()
