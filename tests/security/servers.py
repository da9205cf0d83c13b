"""The editor's real server in a process of its own, watched, and spoken to as pages and programs do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

GUARD = Path(__file__).with_name("guard")
START = 180  # seconds after which a server hangs
SERVE = """
import json, os, sys
from imgen.editor.state.folder import private_folder
private_folder()  # as `launch` does before it imports Gradio
from gradio.blocks import Blocks
from imgen.editor import launch
wait = Blocks.block_thread
def tell(page):
    routes = list(page.app.routes)
    for router in [r for r in routes if hasattr(r, "original_router")]:
        routes += router.original_router.routes
    routes = [[sorted(r.methods or []), r.path] for r in routes if hasattr(r, "methods")]
    events = {t[1]: number for number, f in page.fns.items() for t in f.targets}
    names = {f.api_name: number for number, f in page.fns.items()}
    with open(os.environ["TOLD"], "w") as file:
        json.dump({"routes": routes, "events": events, "names": names}, file)
    print("told", flush=True)
    wait(page)
Blocks.block_thread = tell
launch(**json.loads(sys.argv[1]))
"""


@dataclass
class Editor:
    """A running editor.

    Attributes:
        address: such as http://127.0.0.1:7860.
        folder: what its temporary folder and its log lie in.
        process: the server.
        routes: of the application, as (methods, path).
        events: the page's events, by name.
    """

    address: str
    folder: Path
    process: subprocess.Popen[bytes]
    routes: list[tuple[list[str], str]]
    events: dict[str, int]

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    @property
    def left(self) -> str:
        """What left the process: connections, look-ups, processes."""
        guard = self.folder / "guard.txt"
        return guard.read_text() if guard.exists() else ""

    @property
    def private(self) -> Path:
        (found,) = (self.folder / "tmp").glob("imgen-editor-*")
        return found

    def memory(self) -> int:
        """The most bytes that the server ever held in memory (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024

    def paths(self) -> list[str]:
        """An address of every route."""
        return sorted({re.sub(r"\{[^}]*\}", "x", path) for _, path in self.routes})


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the person who runs the tests is found."""
    paths = [str(GUARD), os.environ.get("PYTHONPATH", ""), os.getcwd()]
    hidden = ("CI", "ORT_DISABLE_TELEMETRY", "GRADIO_ANALYTICS_ENABLED", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK")
    kept = {k: v for k, v in os.environ.items() if k not in hidden and not k.startswith(("XDG_", "IMGEN_", "GRADIO_"))}
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    return kept | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "GUARD": str(folder / "guard.txt"),
        "TOLD": str(folder / "told.json"),
        "OMP_NUM_THREADS": "1",
        "IMGEN_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }


@contextmanager
def serving(folder: Path, before: tuple[str, ...] = (), **options: Any) -> Iterator[Editor]:
    """A running editor; at the end it is stopped as by `kill`, and must have left nothing.

    Args:
        folder: an empty one.
        before: a command that runs the server, such as strace.
        options: of `imgen.editor.launch`.
    """
    env = environment(folder, GRADIO_SERVER_PORT=str(free_port()), GRADIO_HEARTBEAT_INTERVAL="1")
    arguments = json.dumps({"device": "cpu", **options})
    with (folder / "server.log").open("w") as log:
        command = [*before, sys.executable, "-c", SERVE, arguments]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
        try:
            end = time.monotonic() + START
            while "told" not in (text := (folder / "server.log").read_text()):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the editor did not start:\n{text}")
                time.sleep(0.05)
            told = json.loads((folder / "told.json").read_text())
            address = re.search(r"The imgen editor is at (\S+)/ ", text)[1]
            yield Editor(address, folder, process, told["routes"], told["events"])
        finally:
            stop(process)
    text = (folder / "server.log").read_text()
    assert "Traceback" not in text, text
    left = [str(path.relative_to(folder)) for path in (folder / "tmp").rglob("*")]
    assert not left, f"the editor left temporary files behind: {left}"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server itself, also behind strace."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    own = [int(number) for number in children.read_text().split()] if children.exists() else []
    if process.args[0] == sys.executable or not own:  # pyright: ignore
        process.terminate()
    else:
        os.kill(own[0], signal.SIGTERM)
    process.wait(START)


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Session:
    """One page, as its script talks to the server."""

    def __init__(self, editor: Editor, name: str) -> None:
        self.web = httpx.Client(base_url=f"{editor.address}/gradio_api", timeout=600)
        self.name, self.events = name, editor.events

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def upload(self, name: str, data: bytes) -> str:
        answer = self.web.post("/upload", files={"files": (name, data)})
        assert answer.status_code == 200, answer.text
        return answer.json()[0]

    def ask(self, event: str, data: list[Any] | None = None, **said: Any) -> list[Any]:
        """Send an event of the page; the last answer's properties, one dictionary for each component."""
        joined = self.send(event, data, **said)
        if joined.status_code != 200:
            assert joined.status_code == 400, joined.text
            return [{"props": {"shown": {"text": joined.json()["detail"]}}}]
        heard = self.answers()
        return heard[-1] if heard else []

    def send(self, event: str, data: list[Any] | None = None, **said: Any) -> httpx.Response:
        body = {
            "data": data or [],
            "fn_index": self.events[event],
            "session_hash": self.name,
            "event_data": said,
            "trigger_id": 1,
        }
        return self.web.post("/queue/join", json=body)

    def answers(self) -> list[Any]:
        """Until one event is over."""
        heard: list[Any] = []
        with self.web.stream("GET", "/queue/data", params={"session_hash": self.name}) as lines:
            for line in lines.iter_lines():
                news = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if news.get("msg") in ("process_generating", "process_completed"):
                    if data := news["output"].get("data"):
                        heard.append(data)
                    if "error" in news["output"]:
                        heard.append([{"props": {"shown": {"text": news["output"]["error"]}}}])
                if news.get("msg") == "process_completed":
                    return heard
        raise RuntimeError("no answer")

    def open(self, name: str, data: bytes) -> str:
        """Upload and open a photo; what the bar says."""
        return text(self.ask("upload_done", path=self.upload(name, data), name=name))

    def steps(self, *steps: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        return {"steps": [{"tool": tool, "parameters": given, "enabled": True} for tool, given in steps]}

    def call(self, name: str, *data: Any) -> tuple[str, Any]:
        """Call an endpoint for programs; ("complete" or "error", what came)."""
        joined = self.web.post(f"/call/{name}", json={"data": list(data)})
        if joined.status_code == 400:
            return "error", {"error": joined.json()["detail"]}
        assert joined.status_code == 200, joined.text
        answer = self.web.get(f"/call/{name}/{joined.json()['event_id']}").text
        event, _, rest = answer.rpartition("event: ")[2].partition("\ndata: ")
        return event, json.loads(rest)


def file_data(path: str, name: str = "photo.jpg") -> dict[str, Any]:
    """A file as programs name it."""
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


def shown(part: Any) -> dict[str, Any]:
    """What one component is told."""
    return part.get("props", {}).get("shown", {}) if isinstance(part, dict) else {}


def text(answer: list[Any]) -> str:
    """What the components say, one after another."""
    return " ".join(str(part.get("text", "")) for part in map(shown, answer)).strip()
