"""No other site drives the editor: known names only, and only its own pages, on every route and method."""

from __future__ import annotations

import socket
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from imgen.editor.server.names import Names

from .servers import Editor

FOREIGN = [
    {"Host": "localhost.:{port}"},
    {"Host": "evil.example:{port}"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "0.0.0.0:{port}"},
    {"Host": "192.168.1.5:{port}"},
    {"Host": "[::2]:{port}"},
    {"Host": "evil@localhost:{port}"},
    {"Host": "localhost:{port}", "X-Forwarded-Host": "evil.example"},
    {"Host": "localhost:{port}", "Origin": "http://evil.example"},
    {"Host": "localhost:{port}", "Origin": "http://localhost:1"},
    {"Host": "localhost:{port}", "Origin": "http://localhost.:{port}"},
    {"Host": "[::1]:{port}", "Origin": "http://127.0.0.1:{port}"},
    {"Host": "127.0.0.1:{port}", "Origin": "null"},
    {"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "cross-site"},
    {"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "same-site"},
    {"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "whatever"},
]
OWN = [
    {"Host": "localhost:{port}"},
    {"Host": "LocalHost:{port}", "Origin": "http://localhost:{port}"},
    {"Host": "[::1]:{port}", "Origin": "http://[::1]:{port}", "Sec-Fetch-Site": "same-origin"},
    {"Host": "127.0.0.1:{port}", "Sec-Fetch-Site": "none"},
    {"Host": "photos.example.org", "Origin": "https://photos.example.org"},
    {"Host": "127.0.0.1:{port}", "Origin": "https://photos.example.org"},  # a proxy that does not pass on the name
    {"Host": "127.0.0.1:{port}", "X-Forwarded-Host": "photos.example.org", "Origin": "https://photos.example.org"},
]


def filled(headers: dict[str, str], editor: Editor) -> dict[str, str]:
    return {name: value.replace("{port}", str(urlsplit(editor.address).port)) for name, value in headers.items()}


def test_every_route_refuses_foreign_names_and_pages(editor: Editor):
    paths = editor.paths()
    assert len(paths) > 60  # Gradio's, and those that imgen closes
    foreign = cycle([filled(headers, editor) for headers in FOREIGN])  # 16 of them, and 5 methods: every pair comes
    with httpx.Client(base_url=editor.address) as web:
        for path in [*paths, "/gradio_api/file=/etc/passwd", "/nothing/here", "/gradio_api/upload"]:
            for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
                headers = next(foreign)
                answer = web.request(method, path, headers=headers)
                assert answer.status_code == 403, (method, path, headers)
                assert "access-control-allow-origin" not in answer.headers
        for headers in FOREIGN:
            for method, path in (
                ("GET", "/"),
                ("GET", "/config"),
                ("POST", "/gradio_api/upload"),
                ("GET", "/theme.css"),
            ):
                answer = web.request(method, path, headers=filled(headers, editor))
                assert answer.status_code == 403, (method, path, headers)
                assert "\n" not in answer.text  # one sentence


def test_its_own_pages_and_programs_are_answered(editor: Editor):
    with httpx.Client(base_url=editor.address) as web:
        assert web.get("/config").status_code == 200  # a program: no Origin at all
        for headers in OWN:
            assert web.get("/config", headers=filled(headers, editor)).status_code == 200, headers
            form = {"files": ("a.txt", b"text")}
            assert web.post("/gradio_api/upload", files=form, headers=filled(headers, editor)).status_code == 200


def test_a_request_without_a_host_and_one_with_two_are_refused(editor: Editor):
    for hosts in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
        with socket.create_connection(("127.0.0.1", urlsplit(editor.address).port)) as web:
            web.sendall(b"GET /config HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
            answer = b"".join(iter(lambda: web.recv(4096), b""))
        assert answer.split()[1] in (b"400", b"403")


def test_a_link_leads_to_the_page_and_to_nothing_else(editor: Editor):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    with httpx.Client(base_url=editor.address) as web:
        page = web.get("/", headers=link)
        assert page.status_code == 200
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert web.get("/", headers={**link, "Sec-Fetch-Dest": "iframe"}).status_code == 403
        assert web.get("/", headers={**link, "Origin": "http://evil.example"}).status_code == 403
        assert web.post("/", headers=link).status_code == 403
        for path in ("/?deep_link=x", "/config", "/gradio_api/info", "/gradio_api/file=/etc/passwd"):
            assert web.get(path, headers=link).status_code == 403


def test_what_is_not_listed_does_not_exist(editor: Editor):
    with httpx.Client(base_url=editor.address) as web:
        for path in (
            "/monitoring", "/monitoring/summary", "/monitoring/x", "/gradio_api/vibe-code", "/gradio_api/vibe-edit",
            "/gradio_api/process_recording", "/gradio_api/proxy=https://x.hf.space/", "/gradio_api/token",
            "/gradio_api/dev/reload", "/gradio_api/deep_link", "/gradio_api/runs", "/gradio_api/run-history/connect",
            "/gradio_api/component_server", "/gradio_api/stream/x", "/logout", "/pwa_icon/5", "/docs",
            "/gradio_api/custom_component/x/client/component/x", "/gradio_api/user", "/gradio_api/upload_progress",
        ):  # fmt: skip
            for method in ("GET", "POST"):
                assert web.request(method, path).status_code == 404, path
    assert "onitoring URL" not in editor.log


def test_the_headers_of_every_answer(editor: Editor):
    with httpx.Client(base_url=editor.address) as web:
        for path in ("/", "/config", "/nothing", "/theme.css", "/favicon.ico"):
            headers = web.get(path).headers
            for rule in ("frame-ancestors 'none'", "base-uri 'self'", "form-action 'self'", "default-src 'self'"):
                assert rule in headers["content-security-policy"], path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers.get("cache-control") == "no-store" or path == "/favicon.ico"


def scope(host: str, server: str = "127.0.0.1", **more: Any) -> Any:
    headers = [(b"host", host.encode()), *((k.replace("_", "-").encode(), v.encode()) for k, v in more.items())]
    return {"type": "http", "method": "GET", "path": "/config", "headers": headers, "server": (server, 7860)}


@pytest.mark.parametrize(
    ("listens", "host", "arrives", "answered"),
    [
        ("192.168.1.5", "192.168.1.5:7860", "192.168.1.5", True),
        ("0.0.0.0", "192.168.1.5:7860", "192.168.1.5", True),
        ("0.0.0.0", "192.168.1.6:7860", "192.168.1.5", False),
        ("0.0.0.0", "0.0.0.0:7860", "127.0.0.1", False),
        ("0.0.0.0", "box.lan:7860", "192.168.1.5", False),
        ("box.lan", "Box.lan:7860", "192.168.1.5", True),
        ("::", "[fe80::1]:7860", "fe80::1", True),
        ("::", "[fe80::2]:7860", "fe80::1", False),
        (None, "", "127.0.0.1", False),
        (None, "localhost:port", "127.0.0.1", False),
        (None, "local\x00host", "127.0.0.1", False),
    ],
)
def test_the_names_of_a_machine_in_a_network(listens: str | None, host: str, arrives: str, answered: bool):
    trouble = Names(listens).trouble(scope(host, arrives))
    assert (trouble == "") is answered
    if not answered and host:
        assert "--allow-host" in trouble


def test_a_websocket_is_closed():
    import anyio

    from imgen.editor.server.door import Door

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> None:
        raise AssertionError

    door = Door(never, None, Names())  # pyright: ignore
    anyio.run(door, {**scope("localhost"), "type": "websocket"}, never, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_without_its_door_the_editor_answers_nothing():
    import anyio

    from imgen.editor.server.door import Closed

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> None:
        raise AssertionError

    anyio.run(Closed(never), scope("localhost"), never, send)
    assert sent[0]["status"] == 503
