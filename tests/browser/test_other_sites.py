"""A page of another site, in a real browser, gets nothing from the editor, whatever name it uses for this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser

TRY = """async (editor) => {
    const got = {};
    const attempt = async (name, action) => {
        try { got[name] = String(await action()); } catch { got[name] = "nothing"; }
    };
    const form = () => { const data = new FormData(); data.append("files", new File(["x"], "x.png")); return data; };
    await attempt("config", async () => (await fetch(`${editor}/config`)).status);
    await attempt("page", async () => (await fetch(`${editor}/`)).text());
    const upload = `${editor}/gradio_api/upload`;
    await attempt("upload", async () => (await fetch(upload, { method: "POST", body: form() })).text());
    await attempt("run", async () => (await fetch(`${editor}/gradio_api/call/crop`, { method: "POST", body: "{}",
        headers: { "Content-Type": "application/json" } })).text());
    await attempt("blind", async () => (await fetch(upload, { method: "POST", mode: "no-cors", body: form() })).status);
    await attempt("script", () => new Promise((done, failed) => {
        const script = document.createElement("script");
        script.onload = () => done("loaded"); script.onerror = failed;
        script.src = `${editor}/theme.css`; document.head.append(script); }));
    await attempt("picture", () => new Promise((done, failed) => {
        const image = new Image(); image.onload = () => done("loaded"); image.onerror = failed;
        image.src = `${editor}/favicon.ico`; }));
    const frame = document.createElement("iframe");
    await new Promise((done) => { frame.onload = done; frame.src = `${editor}/`; document.body.append(frame); });
    return got;
}"""


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of a site of somebody else."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Another site</title><body>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("name", ["evil.localhost", "localhost", "127.0.0.1"])
def test_a_page_of_another_site_gets_nothing(
    browser, server: str, site: int, name: str, tmp_path_factory: pytest.TempPathFactory
):
    """The last two are other programs of this machine, to a browser of the same site but not the same origin."""
    page = browser.new_page()
    statuses: list[int] = []
    port = urlsplit(server).port
    page.on("response", lambda answer: urlsplit(answer.url).port == port and statuses.append(answer.status))
    page.goto(f"http://{name}:{site}/")
    got = page.evaluate(TRY, server.rstrip("/"))
    assert got.pop("blind") in ("0", "nothing")  # such an answer cannot be read; it was sent all the same
    assert set(got.values()) == {"nothing"}, got
    assert set(statuses) == {403}  # of those that the browser tells of
    (private,) = tmp_path_factory.getbasetemp().glob("editor[0-9]*/imgen-editor-*")
    assert not list(private.rglob("x.png"))
    page.close()


@pytest.mark.parametrize("name", ["localhost.", "evil.localhost"])
def test_a_name_that_leads_here_is_not_enough(browser, server: str, name: str):
    """As when the name of another site is made to lead to this machine after its page was loaded."""
    page = browser.new_page()
    answer = page.goto(f"http://{name}:{urlsplit(server).port}/")
    assert answer.status == 403
    assert "--allow-host" in page.inner_text("body")
    told = page.evaluate("async () => (await fetch('/config')).status")
    assert told == 403
    page.close()


def test_a_link_from_elsewhere_opens_the_editor(browser, server: str, site: int):
    page = browser.new_page()
    page.goto(f"http://evil.localhost:{site}/")
    page.evaluate("(editor) => { document.body.innerHTML = `<a href='${editor}'>a link</a>` }", server)
    page.get_by_text("a link").click()
    page.get_by_role("button", name="choose a photo").wait_for()
    page.close()
