"""Everything stays on this machine, and nothing is written but what was asked for: a run, and an editor's session."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from security.servers import Session, environment, file_data, serving, text

import imgen

SAMPLE = Path(imgen.__file__).parent / "editor" / "web" / "samples" / "cat.jpg"
LIFE = 8  # seconds; ONNX Runtime looks up its host after some
STRACE = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"]


def traced(folder: Path) -> tuple[str, ...]:
    """What writes down the connections of compiled code too; nothing where there is no strace."""
    return (*STRACE, str(folder / "strace.txt")) if shutil.which("strace") else ()


def check(folder: Path) -> None:
    """Nothing was written into the home or temporary folder, and nobody but this machine was spoken to."""
    written = [str(path.relative_to(folder)) for name in ("home", "tmp") for path in (folder / name).rglob("*")]
    assert written == []
    guard = folder / "guard.txt"
    assert [line for line in guard.read_text().splitlines() if line.startswith("socket")] == [] if guard.exists() else 1
    trace = folder / "strace.txt"
    if trace.exists():
        addresses = set(re.findall(r'(?:inet_addr|inet_pton)\((?:AF_INET6, )?"([^"]+)"', trace.read_text()))
        assert addresses <= {"127.0.0.1", "::1"}


def test_a_run_writes_its_result_and_nothing_else(tmp_path: Path):
    shutil.copy(SAMPLE, tmp_path / "cat.jpg")
    code = f"""
import sys, time
from imgen.cli import main
assert main(["run", "cat.jpg", "-s", "denoise:noise=20", "-o", "clean.png", "--device", "cpu"]) == 0
time.sleep({LIFE if traced(tmp_path) else 0})
"""
    command = [*traced(tmp_path), sys.executable, "-c", code]
    subprocess.run(command, env=environment(tmp_path), cwd=tmp_path, check=True, timeout=300, capture_output=True)
    check(tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert made - {"strace.txt", "guard.txt"} == {"cat.jpg", "clean.png", "home", "tmp"}


def test_python_is_as_quiet(tmp_path: Path):
    code = "import imgen; imgen.model('autoencoder/denoise').verify(); import onnxruntime"
    subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), check=True, timeout=300)
    check(tmp_path)


def test_no_model_is_fetched_but_by_the_command_for_it(tmp_path: Path):
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    card = {"task": "glow", "sha256": "a" * 64, "bytes": 9, "licence": "MIT", "url": "https://models.example.org/x"}
    (plugin / "glow.json").write_text(json.dumps(card))
    code = f"""
import sys
from pathlib import Path
import imgen
from imgen.cli.entry import main
from imgen.engine.plugins import installed
installed().models.folders["glow"] = Path({str(plugin)!r})
assert main(["models"]) == 0 and main(["tools"]) == 0 and main(["doctor", "--device", "cpu"]) == 0
try:
    imgen.model("glow/glow")(image=None)
except imgen.ImgenError as error:
    assert "run imgen models get glow/glow" in str(error)
else:
    raise AssertionError
assert "requests" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), check=True, timeout=300)
    check(tmp_path)


def test_a_session_in_the_editor_leaves_nothing(tmp_path: Path):
    with serving(tmp_path, before=traced(tmp_path)) as editor, Session(editor, "private") as page:
        with httpx.Client(base_url=editor.address, timeout=60) as web:
            shown = web.get("/").text
            config = web.get("/config").json()
            assert web.get("/gradio_api/info").status_code == 200
            assert web.get("/theme.css").status_code == 200
        assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", shown)  # scripts, styles, fonts
        assert config["analytics_enabled"] is False
        assert config["run_history"] is False  # the browser would keep what people edited
        page.open("cat.jpg", SAMPLE.read_bytes())
        steps = page.steps(("denoise", {"noise": 20.0}))
        assert "Done" in text(page.ask("run", [steps, {"photo": 1, "strokes": []}], run="1"))
        upload = page.upload("cat.jpg", SAMPLE.read_bytes())
        assert page.call("denoise", file_data(upload), {"noise": 20.0}, "png")[0] == "complete"
        assert list((tmp_path / "home").rglob("*")) == []
        assert {path.name for path in (tmp_path / "tmp").iterdir()} == {editor.private.name}
        assert editor.private.stat().st_mode & 0o777 == 0o700
    check(tmp_path)


@pytest.mark.parametrize(
    "module", ["imgen.image.photo", "imgen.editor", "imgen.cli.entry", "imgen_plugins.unet", "imgen.training"]
)
def test_every_way_in_sets_the_variables_before_onnx_runtime(module: str, tmp_path: Path):
    code = f"""
import os, sys
class Look:
    def find_spec(self, name, *_):
        assert name != "onnxruntime" or os.environ["ORT_DISABLE_TELEMETRY"] == "1"
sys.meta_path.insert(0, Look())
import {module}, onnxruntime
assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False" and os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"
"""
    subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), check=True, timeout=120)
