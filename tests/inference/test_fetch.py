"""Models at a URL, from a server on this machine."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.cli.entry import main
from imgen.engine.plugins import available, installed
from imgen.errors import ModelError
from imgen.inference.fetch import fetch
from imgen.inference.registry import user_folder

DATA = (Path(__file__).parents[2] / "exports" / "vae" / "directions.onnx").read_bytes()
CODE = np.ones((1, 10), np.float32)


class Answers(BaseHTTPRequestHandler):
    """/whole has the model, /half stops in the middle, /slow waits there, the others are as they are called."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        where = {"/moved": "/whole", "/away": "http://models.example.org/x", "/odd": "ftp://127.0.0.1/x"}.get(self.path)
        if where:
            self.send_response(302)
            self.send_header("Location", where)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/gone":
            self.send_error(404)
            return
        data = {"/other": DATA[::-1], "/more": DATA + b"more"}.get(self.path, DATA)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        half = len(data) // 2
        self.wfile.write(data[:half])
        if self.path == "/slow":
            self.server.waiting.set()
            self.server.go_on.wait(60)
        if self.path != "/half":
            self.wfile.write(data[half:])

    def log_message(self, *args: object) -> None:
        """Silence."""


@pytest.fixture
def server(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    made.asked, made.waiting, made.go_on = [], threading.Event(), threading.Event()
    made.address = f"http://127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.go_on.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def card(tmp_path, server, monkeypatch):
    """Writes the card of glow/glow, in a plugin's folder; returns the model."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    monkeypatch.setitem(installed().models.folders, "glow", folder)

    def write(path: str, **changes: object) -> imgen.inference.registry.Model:
        checksum = hashlib.sha256(DATA).hexdigest()
        fields = {"task": "glow", "sha256": checksum, "bytes": len(DATA), "licence": "CC BY 4.0"}
        (folder / "glow.json").write_text(json.dumps(fields | {"url": server.address + path} | changes))
        return imgen.model("glow/glow")

    return write


def kept() -> list[Path]:
    """All files in the user's folder."""
    return [path for path in user_folder().rglob("*") if path.is_file()]


def test_a_model_is_fetched_when_told_and_not_before(card, server, capsys):
    model = card("/whole")
    host = server.address.removeprefix("http://")
    assert not model.here
    with pytest.raises(ModelError) as caught:
        model(amounts=CODE)
    offer = f"0.0 MB, licence CC BY 4.0, from {host}"
    assert str(caught.value) == f"glow/glow is not on this machine; run imgen models get glow/glow ({offer})"
    assert main(["models"]) == 0
    assert "not fetched  glow  " in next(x for x in capsys.readouterr().out.splitlines() if x.startswith("glow/glow"))
    assert (server.asked, kept()) == ([], [])

    assert main(["models", "get", "glow/glow"]) == 0
    told = capsys.readouterr()
    assert told.err == f"glow/glow: {offer}\n"
    assert str(model.path) in told.out
    assert server.asked == ["/whole"]
    assert kept() == [model.path]
    assert model.path.is_relative_to(user_folder())
    assert model.path.read_bytes() == DATA
    assert [name for name in available() if "glow" in name] == ["glow/glow"]  # what was fetched is none of its own
    assert np.array_equal(model(amounts=CODE), imgen.model("vae/directions")(amounts=CODE))
    assert main(["models", "get", "glow/glow"]) == 0
    assert "here already" in capsys.readouterr().out
    assert server.asked == ["/whole"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/other", "what {host} sent is not the file that the card describes (its SHA-256 differs); nothing of it"),
        ("/more", "more was sent than the card says; nothing of it was kept"),
        ("/half", "{host} stopped in the middle; nothing of it was kept, try again"),
        ("/gone", "{host} answered 404 Not Found; tell the plugin's author"),
        ("/away", "{host} sends one on to http://models.example.org/x, which is not as safe; nothing was fetched"),
        ("/odd", "{host} sends one on to ftp://127.0.0.1/x, which is not as safe"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_leaves_nothing(card, server, capsys, path, message):
    model = card(path)
    assert main(["models", "get", "glow/glow"]) == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("imgen: ")
    assert message.format(host=server.address.removeprefix("http://")) in told
    assert kept() == []
    assert not model.here


def test_a_redirection_here_is_followed(card, server):
    assert fetch(card("/moved"), progress=False).read_bytes() == DATA
    assert server.asked == ["/moved", "/whole"]


def test_without_a_network_or_with_a_wrong_proxy_it_says_so(card, server, monkeypatch):
    model = card("/whole")
    server.shutdown()
    server.server_close()
    with pytest.raises(ModelError, match=r"cannot be reached; is this machine online\? behind a proxy, set"):
        fetch(model, progress=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"the proxy in \$HTTP_PROXY does not let it through"):
        fetch(model, progress=False)
    assert kept() == []


def test_a_damaged_file_is_refused_and_fetched_again(card, capsys):
    model = card("/whole")
    fetch(model, progress=False).write_bytes(DATA[:-1])
    with pytest.raises(ModelError, match="run imgen models get glow/glow"):
        model.verify()
    assert main(["models", "get", "glow/glow"]) == 0
    model.verify()


def test_a_new_card_means_a_new_file(card):
    old = card("/whole")
    fetch(old, progress=False)
    assert old.here
    assert not card("/whole", sha256="b" * 64).here


def test_names_are_checked_before_anything_is_fetched(card, server, capsys):
    card("/whole")
    assert main(["models", "get", "glow/glow", "glow/glob"]) == 1
    assert "did you mean 'glow/glow'?" in capsys.readouterr().err
    assert main(["models", "get", "vae/faces"]) == 1
    assert "vae/faces comes with vae and has no url; there is nothing to fetch" in capsys.readouterr().err
    assert server.asked == []


def test_what_is_sent_names_nobody(card, server, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen = {}

    def keep(self):
        seen.update(self.headers)
        return answer(self)

    answer = Answers.do_GET
    monkeypatch.setattr(Answers, "do_GET", keep)
    fetch(card("/whole"), progress=False)
    assert set(seen) == {"Host", "User-Agent", "Accept-Encoding", "Accept", "Connection"}
    assert seen["User-Agent"].startswith("python-requests/")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_in_the_middle_leaves_nothing(card, server, tmp_path):
    model = card("/slow")
    code = f"""
import sys
from pathlib import Path
from imgen.cli.entry import main
from imgen.engine.plugins import installed
installed().models.folders["glow"] = Path({str(model.card_file.parent)!r})
sys.exit(main(["models", "get", "glow/glow"]))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert server.waiting.wait(60)
    until = time.monotonic() + 30
    while not kept() and time.monotonic() < until:
        time.sleep(0.05)  # the first half arrives
    assert len(kept()) == 1
    assert not model.here
    process.send_signal(signal.SIGINT)
    assert "cancelled" in process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert kept() == []
