"""Pages of the editor without a browser: what their scripts send to the real server, and what it says of its memory."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx


class Page:
    """One open page, as its scripts talk to the server.

    Args:
        address: of the editor, ending in a slash.
        name: of the session.
        events: the numbers of the page's events by name; see `serve`.
    """

    def __init__(self, address: str, name: str, events: dict[str, int]) -> None:
        self.web = httpx.Client(base_url=f"{address}gradio_api", timeout=1800)
        self.hash, self.events = name, events
        self.serial = 0
        self.token = ""

    def send(self, event: str, data: list[Any], **said: Any) -> None:
        """Send an event of the page and wait for no answer."""
        body = {"data": data, "fn_index": self.events[event], "session_hash": self.hash, "event_data": said}
        self.web.post("/queue/join", json=body).raise_for_status()

    def trigger(self, event: str, data: list[Any], **said: Any) -> list[Any]:
        """Send an event of the page; the last answer's data."""
        self.send(event, data, **said)
        with self.web.stream("GET", "/queue/data", params={"session_hash": self.hash}) as lines:
            last: list[Any] = []
            for line in lines.iter_lines():
                news = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if news.get("msg") in ("process_generating", "process_completed"):
                    last = patched(last, news["output"].get("data"))
                if news.get("msg") == "process_completed":
                    assert news["success"], news
                    return last
        raise RuntimeError(f"no answer to {event}")

    def upload(self, file: Path) -> str:
        """Send a file; its place on the server."""
        with file.open("rb") as stream:
            answer = self.web.post("/upload", files={"files": (file.name, stream)})
        return answer.raise_for_status().json()[0]

    def open(self, file: Path) -> None:
        """Open a photo, and fetch what is shown of it."""
        self._opened(self.trigger("upload_done", [], path=self.upload(file), name=file.name))

    def restore(self, old: Page) -> None:
        """Go on with the work of a page that was loaded again."""
        self._opened(self.trigger("restore", [], token=old.token))

    def _opened(self, answer: list[Any]) -> None:
        shown = part(answer, "picture")
        self.serial, self.token = shown["photo"], shown["token"]
        self.fetch(shown["path"])

    def attach(self, file: Path, tool: str, parameter: str) -> str:
        """Choose a second picture for a step; what the step's parameter is to be."""
        said = {"path": self.upload(file), "name": file.name, "tool": tool, "parameter": parameter, "step": "1"}
        return part(self.trigger("attach", [], **said), "attached")["token"]

    def look(self, event: str, steps: list[dict[str, Any]], strokes: list[dict[str, Any]] | None = None) -> bytes:
        """Run or preview the steps; the picture that the page would show."""
        stage = {"photo": self.serial, "strokes": strokes or []}
        answer = self.trigger(event, [{"steps": steps}, stage], run=f"{self.hash}{time.monotonic_ns()}")
        return self.fetch(part(answer, "result")["path"])

    def download(self, form: str = "jpeg") -> int:
        """Save the last result and fetch it; its bytes."""
        answer = self.trigger("download", [], options=json.dumps({"format": form}), revision="0.0")  # it counts nothing
        return len(self.fetch(part(answer, "file")["path"]))

    def fetch(self, path: str) -> bytes:
        """A file that the page was told of."""
        return self.web.get(f"/file={path}").raise_for_status().content

    def stay(self) -> threading.Event:
        """Keep the page open, as a browser does, until the event is set; then it is closed."""
        left, there = threading.Event(), threading.Event()

        def beat() -> None:
            address = f"{self.web.base_url}heartbeat/{self.hash}"
            # the server may be stopped before the page is closed
            with suppress(httpx.HTTPError), httpx.Client(timeout=None) as web, web.stream("GET", address) as s:
                for _ in s.iter_raw():
                    there.set()
                    if left.is_set():
                        return

        threading.Thread(target=beat, daemon=True).start()
        there.wait(60)
        return left


def step(tool: str, **parameters: Any) -> dict[str, Any]:
    """A card of the page."""
    return {"tool": tool, "parameters": parameters, "enabled": True}


def patched(before: list[Any], news: list[Any] | None) -> list[Any]:
    """An answer after the next part of it, which Gradio sends as differences where it streams."""
    if not news:
        return before
    made = list(before) or [None] * len(news)
    for i, value in enumerate(news):
        differences = isinstance(value, list) and all(isinstance(d, list) and len(d) == 3 for d in value)
        if not differences:
            made[i] = value
        for action, path, new in value if differences else ():
            made[i] = changed(made[i], action, path, new)
    return made


def changed(value: Any, action: str, path: list[Any], new: Any) -> Any:
    """A value after one of Gradio's differences."""
    if not path:
        return value + new if action == "append" else new
    value = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and action == "delete":
        del value[path[0]]
    elif len(path) == 1 and action == "add" and isinstance(value, list):
        value.insert(path[0], new)
    else:
        old = value.get(path[0]) if isinstance(value, dict) else value[path[0]]
        value[path[0]] = changed(old, action, path[1:], new)
    return value


def part(answer: list[Any], name: str) -> dict[str, Any]:
    """What the page was told under that name.

    Raises:
        RuntimeError: it was told something else, such as an error; the text says what.
    """
    shown = [p["props"]["shown"] for p in answer if isinstance(p, dict) and "shown" in p.get("props", {})]
    for told in shown:
        if name in told:
            return told[name]
    raise RuntimeError("; ".join(str(told.get("text")) for told in shown) or str(answer))


def serve(folder: str) -> tuple[subprocess.Popen[bytes], str, dict[str, int]]:
    """Start the editor with its temporary files in that folder; the process, its address, its events' numbers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "imgen.cli", "edit", "--port", str(port), "--device", "cpu"]
    env = {k: v for k, v in os.environ.items() if k != "GRADIO_TEMP_DIR"} | {"TMPDIR": folder}
    server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    for _ in range(600):
        try:
            config = httpx.get(f"{address}config").json()
            return server, address, {target[1]: d["id"] for d in config["dependencies"] for target in d["targets"]}
        except httpx.HTTPError:
            assert server.poll() is None, "the editor does not start"
            time.sleep(0.2)
    raise RuntimeError("the editor does not answer")


def memory(process: int) -> dict[str, float]:
    """What Linux says of a process's memory, in MiB: VmRSS now, VmHWM the most of it ever, RssAnon, RssFile."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    wanted = ("VmRSS", "VmHWM", "RssAnon", "RssFile", "RssShmem")
    values = {name: rest for name, _, rest in (line.partition(":") for line in lines) if name in wanted}
    return {name: int(text.split()[0]) / 1024 for name, text in values.items()}


def waiting_on_disk(process: int) -> float:
    """MiB of the photos that the process has as files, deleted ones among them."""
    total = 0
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        if "imgen-editor-" in line:
            low, high = (int(n, 16) for n in line.split()[0].split("-"))
            total += high - low
    return total / 2**20
