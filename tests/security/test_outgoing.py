"""The server connects nowhere, whatever it is asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx
import pytest

import imgen

from .servers import Editor, Session, file_data, text

ADDRESS = "http://pictures.example/photo.png"


def test_no_request_makes_the_server_fetch_anything(editor: Editor):
    with httpx.Client(base_url=editor.address) as web:
        for path in (
            f"/gradio_api/file={ADDRESS}",
            f"/gradio_api/file/{ADDRESS}",
            "/gradio_api/file=http:/pictures.example/photo.png",
            "/gradio_api/file=//pictures.example/photo.png",
            "/gradio_api/file=HTTPS://pictures.example/photo.png",
            "/gradio_api/file=file:///etc/passwd",
            "/gradio_api/proxy=https://x.hf.space/photo.png",
            f"/gradio_api/proxy={ADDRESS}",
        ):
            for method in ("GET", "HEAD"):
                assert web.request(method, path).status_code == 404, path
    with Session(editor, "fetching") as page:
        for address in (ADDRESS, "https://192.0.2.7/x.png", "ftp://pictures.example/x", "file:///etc/passwd"):
            for given in (file_data(address), {**file_data(address), "url": address}):
                how, told = page.call("crop", given, {"width": 0.5}, "png")
                assert how == "error"
                assert "\n" not in str(told)
            assert "never addresses" in text(page.ask("upload_done", path=address, name="x.png"))
            assert "never addresses" in text(page.ask("load_recipe", path=address, name="x.json"))
            assert "never addresses" in text(page.ask("attach", path=address, name="x.png", tool="morph_faces"))
            recipe = json.dumps({"imgen": 1, "steps": [{"tool": "load_selection", "parameters": {"file": address}}]})
            assert page.call("run_recipe", None, recipe, "png")[0] == "error"
            assert "names a file" in text(page.ask("load_recipe", text=recipe))
        told = page.call("crop", file_data(ADDRESS), {"width": 0.5}, "png")[1]
        assert "never addresses" in told["error"]
    assert editor.left == ""


def test_the_work_of_a_page_starts_no_process_and_connects_nowhere(editor: Editor, sample: bytes):
    with Session(editor, "working") as page:
        page.open("cat.jpg", sample)
        steps = page.steps(("denoise", {"noise": 20.0}))
        assert "Done" in text(page.ask("run", [steps, {"photo": 1, "strokes": []}], run="1"))
        assert "Saved" in text(page.ask("download", options="{}", revision="0.0"))
    assert editor.left == ""


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('192.0.2.1', 80), 1)",
        "socket.create_connection(('pictures.example', 80), 1)",
        "socket.getaddrinfo('pictures.example', 80)",
        "socket.gethostbyname('pictures.example')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "__import__('urllib.request').request.urlopen('http://pictures.example')",
        "__import__('httpx').get('http://pictures.example')",
    ],
)
def test_the_second_wall_stops_what_libraries_try(code: str):
    program = f"""
import socket
from imgen.editor.server.outgoing import shut
with shut():
    try:
        {code}
    except PermissionError as error:
        print(error)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert "connects to no other machine" in told.stdout + told.stderr


def test_this_machine_is_reached_and_afterwards_the_wall_is_gone():
    program = """
import socket
from imgen.editor.server import outgoing
with socket.create_server(("127.0.0.1", 0)) as server:
    with outgoing.shut():
        socket.create_connection(("localhost", server.getsockname()[1])).close()
        socket.getaddrinfo("::1", 80)
outgoing.watch("socket.connect", (None, ("192.0.2.1", 80)))
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_importing_imgen_tells_the_libraries_to_be_quiet():
    import os

    assert imgen.__version__
    for name, value in (
        ("ORT_DISABLE_TELEMETRY", "1"),
        ("GRADIO_ANALYTICS_ENABLED", "False"),
        ("HF_HUB_DISABLE_TELEMETRY", "1"),
    ):
        assert os.environ[name] == value
