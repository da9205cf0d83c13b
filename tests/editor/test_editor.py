"""The editor without a browser: what its server side makes of what a page sends."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from PIL import Image as Pillow
from pydantic import Field

import imgen
from imgen.contract.tool import tool_from
from imgen.editor.state.controls import controls, describe, palette
from imgen.editor.state.export import save_result
from imgen.editor.state.proxy import LONGEST, save_overlay, save_proxy
from imgen.editor.state.running import Report, Run
from imgen.editor.state.workspace import Workspace
from imgen.editor.web.assets import asset
from imgen.errors import ImgenError


class Blend(Enum):
    NORMAL = "normal"
    SCREEN = "screen"


def example(
    image: imgen.Image,
    other: imgen.Image,
    mask: imgen.Mask | None = None,
    *,
    strength: Annotated[float, Field(ge=0, le=1, description="How much")] = 0.5,
    noise: Annotated[float | None, Field(ge=0, le=60)] = None,
    levels: Annotated[int, Field(gt=1, lt=17)] = 4,
    blend: Blend = Blend.NORMAL,
    corner: Literal["left", "right"] = "left",
    fast: bool = False,
    caption: str = "",
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0),
    seed: int = 0,
    points: Annotated[imgen.Points, Field(description="Where")] = [],  # noqa: B006
    other_points: imgen.Points = [],  # noqa: B006
    dots: imgen.Dots | None = None,
    box: imgen.Box | None = None,
) -> imgen.Image:
    """Try every kind of control."""
    return image


def test_a_control_for_every_parameter():
    found = {c["name"]: c for c in controls(tool_from(example))}
    assert {name: c["kind"] for name, c in found.items()} == {
        "other": "picture", "strength": "number", "noise": "number", "levels": "integer", "blend": "choice",
        "corner": "choice", "fast": "flag", "caption": "text", "colour": "json", "seed": "integer",
        "points": "points", "other_points": "points", "dots": "dots", "box": "box",
    }  # fmt: skip
    assert (found["strength"]["min"], found["strength"]["max"], found["strength"]["step"]) == (0, 1, 0.01)
    assert found["strength"]["help"] == "How much"
    assert found["noise"]["optional"]
    assert found["noise"]["default"] is None
    assert (found["levels"]["min"], found["levels"]["max"]) == (2, 16)
    assert found["blend"]["choices"] == ["normal", "screen"]
    assert "step" not in found["seed"]  # an open range gets no slider
    assert found["other"]["required"]
    assert (found["points"]["default"], found["points"]["optional"], found["points"]["help"]) == ([], False, "Where")
    assert (found["box"]["default"], found["box"]["optional"]) == (None, True)
    assert (found["points"]["on"], found["other_points"]["on"]) == ("", "other")
    assert not describe(tool_from(example))["needs"]  # its mask is optional
    assert describe(imgen.tools()["inpaint"])["needs"]


def test_the_palette_lists_every_installed_tool_and_can_be_sent():
    listed = palette(imgen.tools().values())
    assert {tool["name"] for tool in listed} == set(imgen.tools())
    groups = [tool["group"] for tool in listed]
    assert groups == sorted(groups, key=groups.index)  # each group in one piece
    json.dumps(listed)
    assert [c["kind"] for c in describe(imgen.tools()["load_selection"])["controls"]] == ["picture"]
    assert "mask" not in [c["name"] for c in describe(imgen.tools()["inpaint"])["controls"]]


def test_the_palette_tells_the_terms_of_the_models():
    names = ("autoencoder/denoise", "autoencoder/denoise-best")  # one for each quality
    wanted = [{"name": name, "terms": imgen.model(name).card["terms"]} for name in names]
    assert describe(imgen.tools()["denoise"])["models"] == wanted
    assert describe(imgen.tools()["crop"])["models"] == []


def test_a_run_reports_its_steps_and_its_result(photo: imgen.Photo):
    pipeline = imgen.Pipeline().add("select_rectangle", width=0.5).add("invert_selection")
    reports = list(Run(pipeline, photo, "cpu", imgen.Cache(), threading.Event()).reports())
    assert reports[-1].result is not None
    assert all(isinstance(r, Report) and not r.ended for r in reports[:-1])


def test_a_cancelled_run_says_so(photo: imgen.Photo):
    cancel = threading.Event()
    cancel.set()
    reports = list(Run(imgen.Pipeline().add("invert_selection"), photo, "cpu", imgen.Cache(), cancel).reports())
    assert [r.cancelled for r in reports] == [True]


def test_an_error_in_a_run_is_reported(photo: imgen.Photo):
    reports = list(
        Run(imgen.Pipeline().add("invert_selection"), photo, "cpu", imgen.Cache(), threading.Event()).reports()
    )
    assert "needs a selection" in reports[-1].error


def test_an_error_names_the_step_that_it_comes_from():
    grey = imgen.Photo.from_array(np.full((64, 64, 3), 0.5, np.float32))
    pipeline = imgen.Pipeline().add("blur").add("edit_face", smile=1.0)
    reports = list(Run(pipeline, grey, "cpu", imgen.Cache(), threading.Event()).reports())
    assert reports[-1].error.startswith("edit_face: no face found")


def test_gradio_can_prefix_the_selectors():
    """It cuts them at commas, also at those inside :is() and :not()."""
    css = re.sub(r"/\*.*?\*/", "", asset("editor.css"), flags=re.DOTALL)
    assert not re.findall(r":(?:is|not|has|where)\([^()]*,", css)


def test_a_closed_page_stops_its_run(photo: imgen.Photo):
    cancel = threading.Event()
    reports = Run(imgen.Pipeline().add("select_rectangle"), photo, "cpu", imgen.Cache(), cancel).reports()
    next(reports)
    reports.close()
    assert cancel.is_set()


def test_the_page_gets_a_small_picture_with_the_photos_profile(tmp_path: Path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = imgen.Photo.from_array(np.zeros((100, 2 * LONGEST, 3), np.uint8), icc=profile)
    with Pillow.open(save_proxy(wide, tmp_path)) as proxy:
        assert proxy.size == (LONGEST, 50)
        assert proxy.info["icc_profile"] == profile
    clear = imgen.Photo.from_array(np.zeros((10, 10, 4), np.uint8))
    with Pillow.open(save_proxy(clear, tmp_path)) as proxy:
        assert (proxy.format, proxy.mode) == ("PNG", "RGBA")
    with Pillow.open(save_overlay(np.eye(8, dtype=np.float32), tmp_path / "overlay.png")) as overlay:
        assert overlay.size == (8, 8)
        colours = overlay.convert("RGBA")
    assert [band.getextrema() for band in colours.split()] == [(255, 255), (92, 92), (138, 138), (0, 255)]
    assert np.array_equal(np.asarray(colours.getchannel("A")) > 0, np.eye(8) > 0)


def test_the_result_is_saved_under_the_photos_name(workspace: Workspace, photo: imgen.Photo):
    with pytest.raises(ImgenError, match="run the steps first"):
        save_result(workspace, "", [])
    with pytest.raises(ImgenError, match=r"this quality: .* less than or equal to 100"):
        save_result(workspace, '{"quality": 900}', [])
    workspace.begin(photo, "my cat.tiff")
    workspace.result = photo
    for choice, name in (("same", "my_cat-imgen.tiff"), ("png", "my_cat-imgen.png"), ("jpeg", "my_cat-imgen.jpg")):
        assert save_result(workspace, json.dumps({"format": choice}), []).name == name
    assert len(list(workspace.folder.glob("download-*"))) == 1  # the one before is deleted
    workspace.result = photo.replace(alpha=np.zeros(photo.pixels.shape[:2], np.float32))
    with pytest.raises(ImgenError, match=r"^my_cat-imgen.jpg: JPEG has no transparency"):
        save_result(workspace, '{"format": "jpeg"}', [])


def test_the_page_may_only_open_what_it_uploaded(cat_file: Path):
    handlers = new_handlers()
    request: Any = SimpleNamespace(session_hash="one")
    event: Any = SimpleNamespace(path=str(cat_file), name="cat.png")
    assert "upload got lost" in handlers.open_upload(event, request)[1]["shown"]["text"]
    event.path = str(uploaded(handlers.desk, cat_file))
    shown = handlers.open_upload(event, request)[0]["shown"]["picture"]
    assert (shown["name"], shown["width"], shown["height"]) == ("cat.png", 226, 150)
    assert not Path(event.path).parents[1].exists()  # an upload that was read is needed no more
    handlers.close(request)
    assert not Path(shown["path"]).exists()
    handlers.desk.workspaces.close_all()


def uploaded(desk: Any, file: Path) -> Path:
    """The file as an upload."""
    place = desk.files.root / "uploads" / "a-secret" / "another" / file.name
    place.parent.mkdir(parents=True)
    return shutil.copy(file, place)


def in_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own: Gradio's blocks make event loops that they never close."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


def test_the_page_names_no_other_host():
    code = """
import json
from imgen.editor import build
from imgen.editor.server.serve import launch_options
page = build("cpu")
assert not page.analytics_enabled
print(json.dumps(page.get_config_file(), default=str), launch_options()["css"])
"""
    told = in_python(code)
    assert told.returncode == 0, told.stderr
    hosts = set(re.findall(r"https?://([\w.-]+)", told.stdout))
    assert hosts <= {"www.w3.org", "127.0.0.1", "localhost"}


def test_a_taken_port_is_explained():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = in_python(f"from imgen.editor import launch; launch(port={taken.getsockname()[1]}, device='cpu')")
    assert told.returncode != 0
    assert "ImgenError: cannot serve on 127.0.0.1" in told.stderr
    assert "try another --port" in told.stderr


def new_handlers() -> Any:
    from imgen.editor.state.desk import Desk
    from imgen.editor.state.opening import Opening

    return Opening(Desk("cpu"))


def test_a_run_at_full_size_stops_the_preview(workspace: Workspace):
    preview = workspace.start("preview", "1")
    workspace.start("run", "2")
    assert preview.is_set()
    workspace.end("preview", preview)
    assert set(workspace.running) == {"run"}
