"""Junk is answered in one sentence, recipes reach no files, and bombs stay within the editor's budget."""

from __future__ import annotations

import base64
import io
import json
import struct
import time
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

import imgen

from .servers import Editor, Session, file_data, serving, shown, text

MIB = 2**20
NUMBERS = count()
NOTHING = {"photo": 1, "strokes": []}


def one_bit(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel, all black: kilobytes for millions of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def page(editor: Editor, sample: bytes) -> Iterator[Session]:
    with Session(editor, f"junk{next(NUMBERS)}") as page:
        page.open("cat.jpg", sample)
        yield page


DIGITS = "9" * 5000
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("event", "data", "said"),
    [
        ("batch", [{"steps": []}], {"files": DEEP}),
        ("batch", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}], {"files": "x"}),
        ("batch", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}], {"files": "[1, null]"}),
        ("batch", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}], {"files": DEEP}),
        ("batch", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}], {"files": f"[{DIGITS}]"}),
        ("batch", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}], {"files": "{}"}),
        ("run", [{"steps": "x"}, NOTHING], {}),
        ("run", [{"steps": [1, 2]}, NOTHING], {}),
        ("run", [[], NOTHING], {}),
        ("run", ["x", NOTHING], {}),
        ("run", [{"steps": [{"tool": 5, "parameters": {}, "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": [], "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur\x00", "parameters": {}, "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": {"radius": DIGITS}, "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": {"radius": {}}, "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "colorize", "parameters": {"hints": DEEP}, "enabled": True}]}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}] * 1000}, NOTHING], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}, {"photo": DIGITS}], {}),
        ("run", [{"steps": [{"tool": "blur", "parameters": {}, "enabled": True}]}, {"strokes": [{"radius": "x"}]}], {}),
        ("upload_done", [], {"path": "\x00", "name": "\x00"}),
        ("upload_done", [], {"path": {"a": 1}, "name": [1]}),
        ("sample", [], {"name": "../cat.jpg"}),
        ("sample", [], {"name": "\x00" * 1000}),
        ("second", [], {"token": "\x00"}),
        ("restore", [], {"token": DIGITS}),
        ("load_recipe", [], {"text": "{}"}),
        ("load_recipe", [], {"text": "\x00"}),
        ("download", [], {"options": DEEP}),
        ("download", [], {"options": f'{{"quality": {DIGITS}}}'}),
    ],
)
def test_junk_gets_one_sentence(page: Session, editor: Editor, event: str, data: list[Any], said: dict[str, Any]):
    told = text(page.ask(event, data, **{"run": "1", **said}))
    assert told
    assert "\n" not in told
    assert len(told) < 600
    for inner in ("Traceback", "object at 0x", "Error(", "imgen failed", "validation error"):
        assert inner not in told
    assert "Traceback" not in editor.log


def test_requests_of_another_kind_are_refused(editor: Editor):
    with httpx.Client(base_url=f"{editor.address}/gradio_api") as web:
        body = json.dumps({"data": [None, {}, "png"], "fn_index": 0, "session_hash": "x"})
        for path in ("/queue/join", "/call/crop", "/run/crop", "/api/crop"):
            plain = web.post(path, content=body, headers={"content-type": "text/plain"})
            assert plain.status_code == 422, path  # what a page of another site can send without being asked first
        for junk in (b"", b"{", b"[]", DEEP.encode(), f'{{"data": [{DIGITS}]}}'.encode()):
            answer = web.post("/queue/join", content=junk, headers={"content-type": "application/json"})
            assert answer.status_code in (400, 413, 422), junk[:20]
            assert "0x" not in answer.text
    assert "Traceback" not in editor.log


@pytest.mark.parametrize(
    "file", ["../../etc/passwd", "/etc/passwd", "\\\\server\\x.png", "mask.png", "file:///etc/passwd"]
)
def test_recipes_open_no_files_and_find_no_models_by_path(page: Session, file: str):
    recipe = json.dumps({"imgen": 1, "steps": [{"tool": "load_selection", "parameters": {"file": file}}]})
    assert "names a file" in text(page.ask("load_recipe", text=recipe))
    assert "names a file" in page.call("run_recipe", None, recipe, "png")[1]["error"]
    assert "names a file" in page.call("load_selection", None, {"file": file}, "png")[1]["error"]
    steps = page.steps(("load_selection", {"file": file}))
    assert "choose the picture" in text(page.ask("run", [steps, NOTHING], run="1"))


@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil", "unet/../../evil", "unet\x00", "C:\\evil"])
def test_models_are_found_by_name_only(name: str):
    with pytest.raises(imgen.ImgenError):
        imgen.model(name)


def test_the_endpoints_of_the_page_are_no_endpoints_for_programs(editor: Editor):
    with httpx.Client(base_url=f"{editor.address}/gradio_api") as web:
        listed = web.get("/info").json()["named_endpoints"]
        assert "/run_recipe" in listed
        assert not [name for name in listed if name.strip("/") in editor.events]


def test_strokes_are_bounded_and_can_be_cancelled(page: Session):
    steps = page.steps(("grow_selection", {"pixels": 2}))
    far = [[(n * 7919) % 4000, (n * 104729) % 3000] for n in range(20_000)]
    heavy = {"photo": 1, "strokes": [{"mode": "paint", "radius": 20000, "points": far}]}
    began = time.monotonic()
    assert "too many strokes" in text(page.ask("run", [steps, heavy], run="2"))
    assert time.monotonic() - began < 30
    page.ask("cancel", run="3")
    assert "Cancelled" in text(page.ask("run", [steps, heavy], run="3"))
    for points in ([[1e300, 0]], [[float(10**9), 0]], []):
        strokes = {"photo": 1, "strokes": [{"radius": 5, "points": points}]}
        assert "selection cannot be read" in text(page.ask("run", [steps, strokes], run="4"))


def test_bombs_stay_within_the_budget_and_the_first_users_work_survives(tmp_path, sample: bytes):
    limit = 256 * MIB
    bomb = one_bit(6000, 6000)
    assert len(bomb) < 10_000
    data = "data:image/png;base64," + base64.b64encode(bomb).decode()
    steps = [{"tool": "load_selection", "parameters": {"file": data}} for _ in range(6)]
    recipe = json.dumps({"imgen": 1, "steps": [*steps, {"tool": "invert_selection", "parameters": {}}]})
    photo = imgen.Photo.from_array(np.zeros((40, 60, 3), np.uint8)).replace(recipe=recipe)
    carrying = photo.save(tmp_path / "carrying.png").read_bytes()
    assert len(carrying) < 60_000
    with serving(tmp_path, work_limit=limit) as editor, Session(editor, "victim") as victim:
        victim.open("cat.jpg", sample)
        crop = victim.steps(("crop", {"width": 0.5}))
        assert "Done" in text(victim.ask("run", [crop, NOTHING], run="1"))
        before = editor.memory()
        for number in range(3):
            with Session(editor, f"stranger{number}") as stranger:
                assert "--work-limit" in stranger.open("bomb.png", bomb)
                tiff = io.BytesIO()
                Image.new("1", (6000, 6000)).save(tiff, "TIFF", compression="group4")
                assert "--work-limit" in stranger.open("bomb.tif", tiff.getvalue())
                stranger.open("carrying.png", carrying)  # its pictures are not decoded
                cards = shown(stranger.ask("load_recipe", text=recipe)[0])["steps"]
                assert len(cards) == 7
                for event in ("run", "preview"):
                    told = text(stranger.ask(event, [{"steps": cards}, NOTHING], run=event))
                    assert "--work-limit" in told, told
                how, told = stranger.call("run_recipe", file_data(stranger.upload("c.png", carrying)), recipe, "png")
                assert (how, "--work-limit" in told["error"]) == ("error", True)
                how, told = stranger.call("blur", file_data(stranger.upload("b.png", bomb)), {}, "png")
                assert (how, "--work-limit" in told["error"]) == ("error", True)
        for number in range(100):
            with httpx.Client(base_url=f"{editor.address}/gradio_api") as web:
                body = {"data": [], "fn_index": editor.events["cancel"], "session_hash": f"invented{number}"}
                web.post("/queue/join", json={**body, "event_data": {"run": "1"}})
        assert editor.memory() - before < limit
        assert "Saved" in text(victim.ask("download", options="{}", revision="0.0"))
        assert "Done" in text(victim.ask("run", [crop, NOTHING], run="2"))


def test_a_batch_reports_each_file_and_leaves_no_upload(page: Session, editor: Editor, sample: bytes):
    given = {"a.jpg": sample, "b.jpg": b"no picture", "c.jpg": sample}
    files = [{"path": page.upload(name, data), "name": name} for name, data in given.items()]
    steps = page.steps(("saturation", {"amount": 0.0}))
    told = page.ask("batch", [steps], run="1", files=json.dumps(files), options="{}")
    assert [row["state"] for row in shown(told[0])["rows"]] == ["done", "failed", "done"]
    assert "2 of 3 photos saved" in text(told)
    assert (
        page.web.get(f"/file={shown(told[0])['file']['path']}").headers["content-disposition"].startswith("attachment")
    )
    assert not any(Path(file["path"]).exists() for file in files)
