"""A password is one: nothing is answered without it, guessing is slow, and an empty one starts nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from imgen.editor.server.login import FREE, FREE_FOR_ALL, LONGEST, Locks, Login, network
from imgen.editor.server.routes import OPEN
from imgen.errors import ImgenError

from .conftest import PASSWORD
from .servers import Editor, environment


def test_every_route_is_closed_without_the_password(locked: Editor):
    with httpx.Client(base_url=locked.address) as web:
        for path in [*locked.paths(), "/gradio_api/file=/etc/passwd", "/gradio_api/upload", "/assets/index.js"]:
            for method in ("GET", "POST", "HEAD"):
                if path in OPEN or (path == "/" and method != "POST"):
                    continue
                answer = web.request(method, path)
                assert answer.status_code == 401, (method, path, answer.status_code)
    assert not any(path.is_file() for path in (locked.private / "uploads").rglob("*"))


def test_the_login_page_says_nothing_of_the_editor(locked: Editor):
    with httpx.Client(base_url=locked.address) as web:
        page = web.get("/")
        assert 'type="password"' in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        for told in ("gradio", "denoise", "endpoint", "config"):
            assert told not in page.text
        assert web.get("/login").status_code == 404


def test_the_password_lets_in_a_person_and_a_program_and_guessing_is_locked(locked: Editor):
    with httpx.Client(base_url=locked.address) as web:
        form = {"username": "imgen", "password": PASSWORD}
        welcome = web.post("/login", data=form, headers={"Accept": "text/html"})
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
        cookie = welcome.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie  # http
        assert web.get("/config").status_code == 200
        assert web.post("/gradio_api/upload", files={"files": ("a.txt", b"x")}).status_code == 200
        tls = web.post("/login", data=form, headers={"X-Forwarded-Proto": "https"})
        assert tls.json() == {"success": True}
        assert "secure" in tls.headers["set-cookie"].lower()
    with httpx.Client(base_url=locked.address) as web:
        wrong = [web.post("/login", data={"password": "a" * n}).status_code for n in range(FREE + 1)]
        assert wrong == [400] * (FREE + 1)
        late = web.post("/login", data=form)
        assert late.status_code == 429  # also the right one
        assert int(late.headers["retry-after"]) >= 1
        assert "try again in" in late.text
        assert web.get("/config").status_code == 401
        for junk in (b"", b"password", b"password=" + b"x" * 10**6, b"\xff\xfe", b"password=%00"):
            assert web.post("/login", content=junk).status_code in (400, 429)


def test_a_forged_cookie_is_no_login(locked: Editor):
    with httpx.Client(base_url=locked.address) as web:
        for cookie in ("imgen=x", "imgen-00000000=", "a=b; ; =", '"', "imgen-ffffffff=" + "x" * 5000):
            assert web.get("/config", headers={"Cookie": cookie}).status_code == 401


@pytest.mark.parametrize("given", ["", "   "])
def test_an_empty_password_starts_nothing(given: str, tmp_path: Path):
    env = environment(tmp_path, IMGEN_PASSWORD=given)
    told = subprocess.run(
        [sys.executable, "-m", "imgen", "edit", "--password"],
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert told.returncode == 1
    assert told.stderr.strip() == (
        "imgen: the password is empty; the editor does not start without one when it is asked for"
    )


def test_without_anybody_to_ask_nothing_starts(tmp_path: Path):
    told = subprocess.run(
        [sys.executable, "-m", "imgen", "edit", "--password"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,  # getpass would ask the terminal of the tests
        timeout=300,
    )
    assert told.returncode == 1
    assert "set IMGEN_PASSWORD" in told.stderr


def test_failures_lock_an_address_longer_and_longer():
    now = 0.0
    locks = Locks(lambda: now)
    waits: list[float] = []
    for _ in range(FREE + 12):
        locks.failed("10.0.0.1")
        waits.append(locks.wait("10.0.0.1"))
    assert waits[:FREE] == [0] * FREE
    assert waits[FREE : FREE + 5] == [1, 2, 4, 8, 16]
    assert waits[-1] == LONGEST
    assert locks.wait("10.0.0.2") == 0  # others may try
    now = LONGEST
    assert locks.wait("10.0.0.1") == 0
    locks.passed("10.0.0.1")
    locks.failed("10.0.0.1")
    assert locks.wait("10.0.0.1") == 0


def test_many_addresses_together_are_slow_too():
    locks = Locks(lambda: 0.0)
    for number in range(FREE_FOR_ALL + 10):
        locks.failed(f"10.0.0.{number}")
    assert 0 < locks.wait("10.9.9.9") <= 30
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")


def test_no_login_without_a_password():
    for empty in ("", " \t\n"):
        with pytest.raises(ImgenError, match="password is empty"):
            Login(empty)
