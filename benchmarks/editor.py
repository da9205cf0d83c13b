"""Many people in the editor at once: sessions that open photos, change sliders and run, through the real server.

python benchmarks/editor.py [--sessions 20] [--seconds 120]

Every session works on a plain picture of its own colour, so a picture that went to the wrong one is noticed. Prints
answers a second, their times, and the server's memory at the start and at the end; and first, how long one person
alone waits for the preview of a changed slider, and how many times as long for the same at full size.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

import httpx
import numpy as np
from PIL import Image

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--sessions", type=int, default=20)
parser.add_argument("--seconds", type=float, default=120)
options = parser.parse_args()
SIZE = (1500, 1000)


class Session:
    """One page, as its script would talk to the server."""

    def __init__(self, address: str, number: int, events: dict[str, int]) -> None:
        self.web = httpx.Client(base_url=f"{address}gradio_api", timeout=600)
        self.hash, self.events = f"session{number}", events
        self.colour = np.array([40 + 9 * (number % 20), 250 - 9 * (number % 20), 30 + 5 * (number % 20)])
        self.name = f"{number}.png"

    def trigger(self, event: str, data: list[Any], **said: Any) -> list[Any]:
        """Send an event of the page; the last answer's data."""
        body = {"data": data, "fn_index": self.events[event], "session_hash": self.hash, "event_data": said}
        self.web.post("/queue/join", json=body).raise_for_status()
        with self.web.stream("GET", "/queue/data", params={"session_hash": self.hash}) as lines:
            last: list[Any] = []
            for line in lines.iter_lines():
                news = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if news.get("msg") in ("process_generating", "process_completed"):
                    last = news["output"].get("data") or last
                if news.get("msg") == "process_completed":
                    assert news["success"], news
                    return last
        raise RuntimeError(f"no answer to {event}")

    def open(self) -> None:
        """Upload the picture of this session's colour and open it."""
        file = io.BytesIO()
        Image.fromarray(np.broadcast_to(self.colour, (SIZE[1], SIZE[0], 3)).astype(np.uint8)).save(file, "PNG")
        path = self.web.post("/upload", files={"files": (self.name, file.getvalue())}).json()[0]
        self.trigger("upload_done", [], path=path, name=self.name)

    def look(self, event: str, amount: float, tool: str = "blur", parameter: str = "radius") -> None:
        """Run or preview the steps, fetch what the page would show, and check whose it is."""
        steps = [{"tool": tool, "parameters": {parameter: amount}, "enabled": True}]
        answer = self.trigger(event, [{"steps": steps}, {"photo": 1, "strokes": []}], run=f"{self.hash}{amount}")
        shown = str(answer[0])
        path = shown[shown.index("'path': '") + 9 :].split("'")[0]
        picture = self.web.get(f"/file={path}").raise_for_status().content
        seen = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), float).mean((0, 1))
        assert np.abs(seen - self.colour).max() < 4, f"{self.hash} sees {seen}, not {self.colour}"


def work(session: Session, end: float, times: list[float], errors: list[str]) -> None:
    """Open, then change and look until the time is over; every fifth look is a run at full size."""
    try:
        session.open()
        count = 0
        while time.monotonic() < end:
            began = time.monotonic()
            session.look("run" if count % 5 == 4 else "preview", 1.0 + 0.37 * count)
            times.append(time.monotonic() - began)
            count += 1
    except Exception as error:  # whatever goes wrong in one session is a result
        errors.append(f"{session.hash}: {error!r}")


def alone(session: Session) -> tuple[float, float]:
    """Median seconds from a change of the denoiser's slider to its preview, and to the result at full size."""
    taken: dict[str, list[float]] = {"preview": [], "run": []}
    session.open()
    for count in range(7):
        for event, times in taken.items():
            began = time.monotonic()
            session.look(event, 10.0 + count, "denoise", "noise")
            times.append(time.monotonic() - began)
    return float(np.median(taken["preview"][1:])), float(np.median(taken["run"][1:]))  # the first loads the model


def memory(process: int) -> float:
    """Resident memory of the server in MiB (Linux)."""
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def serve(folder: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the editor; returns when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from imgen.editor import launch; launch(port={port}, device='cpu')"
    env = {**os.environ, "GRADIO_TEMP_DIR": folder, "TMPDIR": folder}
    server = subprocess.Popen([sys.executable, "-c", code], env=env)
    address = f"http://127.0.0.1:{port}/"
    for _ in range(300):
        try:
            httpx.get(address)
            break
        except httpx.HTTPError:
            time.sleep(0.2)
    return server, address


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        server, address = serve(folder)
        try:
            config = httpx.get(f"{address}config").json()
            events = {target[1]: d["id"] for d in config["dependencies"] for target in d["targets"]}
            preview, full = alone(Session(address, 19, events))
            print(f"denoise, a changed slider: preview after {preview:.2f} s, full size {full / preview:.1f}x as long")
            times: list[float] = []
            errors: list[str] = []
            before, end = memory(server.pid), time.monotonic() + options.seconds
            sessions = [Session(address, 20 + n, events) for n in range(options.sessions)]
            threads = [threading.Thread(target=work, args=(s, end, times, errors)) for s in sessions]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            after = memory(server.pid)
        finally:
            server.terminate()
            server.wait(20)
    low, high = np.percentile(times, [50, 95])
    print(
        f"{options.sessions} sessions, {options.seconds:.0f} s: {len(times)} answers, "
        f"{len(times) / options.seconds:.1f} a second"
    )
    print(f"time of an answer: median {low:.2f} s, 95th percentile {high:.2f} s")
    print(f"memory of the server: {before:.0f} MiB at the start, {after:.0f} MiB at the end (cache limit 512)")
    print("errors:", errors or "none")


main()
