"""Files: only those of the asker go out, as what they are, and none but uploads are opened."""

from __future__ import annotations

import json
import os
import re
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

import imgen

from .servers import Editor, Session, file_data, text


@pytest.fixture
def page(editor: Editor, sample: bytes):
    with Session(editor, "files") as page:
        page.open("cat.jpg", sample)
        yield page


def address(answer: list) -> str:
    """The path of the picture or file in an answer."""
    return re.search(r'"path": "([^"]*)"', json.dumps(answer))[1]


def test_a_picture_is_shown_to_its_page_and_never_kept(editor: Editor, sample: bytes):
    with Session(editor, "shown") as page:
        path = address(page.ask("upload_done", path=page.upload("cat.jpg", sample), name="cat.jpg"))
        answer = page.web.get(f"/file={path}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline")
        assert answer.headers["cache-control"] == "no-store"
        assert int(answer.headers["content-length"]) == len(answer.content)
        head = page.web.head(f"/file={path}")
        assert (head.content, head.headers["content-length"]) == (b"", answer.headers["content-length"])
        Path(path).unlink()
        gone = page.web.get(f"/file={path}")
        assert (gone.status_code, "no longer here" in gone.text) == (404, True)
    assert "Traceback" not in editor.log


def test_no_other_file_goes_out(editor: Editor, page: Session, sample: bytes):
    private = editor.private
    upload = page.upload("secret.jpg", sample)
    inside = address(page.ask("sample", name="cat.jpg"))
    (private / "pages" / "short").mkdir()
    (private / "pages" / "short" / "x.jpg").write_bytes(b"x")
    links = private / "pages" / ("l" * 22)
    links.mkdir()
    os.symlink("/etc/passwd", links / "passwd.jpg")
    os.symlink("/etc", links / "etc")
    for path in (
        "/etc/passwd", "etc/passwd", "/etc/../etc/passwd", upload, f"{private}/in-use", f"{private}/uploads",
        f"{private}/pages", f"{Path(inside).parent}", f"{Path(inside).parents[1]}", f"{links}/passwd.jpg",
        f"{links}/etc/passwd", f"{Path(inside).parent}/../../../in-use", f"{inside}/../../../../../../etc/passwd",
        f"{private}/pages/short/x.jpg", f"{inside}%00.jpg", f"{inside}\\..\\..", "C:\\Windows\\win.ini", "~/.bashrc",
        str(Path(imgen.__file__)), os.getcwd() + "/pyproject.toml", f"{inside}/", f"/{inside}", f"{inside}%0a",
    ):  # fmt: skip
        for spelling in (f"/file={path}", f"/file/{path}"):
            assert page.web.get(spelling).status_code == 404, path
    assert page.web.get(f"/file={inside}").status_code == 200


def test_addresses_cannot_be_guessed(editor: Editor, sample: bytes):
    with Session(editor, "guess") as page:
        pairs = [[page.upload("same.jpg", sample) for _ in range(2)]]
        pairs.append([address(page.ask("sample", name="cat.jpg")) for _ in range(2)])
        data = [file_data(page.upload("same.jpg", sample)) for _ in range(2)]
        pairs.append([address(page.call("crop", given, {"width": 0.5}, "png")[1]) for given in data])
    for first, second in pairs:
        assert first != second
        secrets = Path(first).relative_to(editor.private).parts[1]
        assert len(secrets) >= 22  # 128 bits


def test_what_could_run_in_a_browser_is_only_saved(editor: Editor):
    folder = editor.private / "results" / ("r" * 22)
    folder.mkdir()
    with httpx.Client(base_url=editor.address) as web:
        for name in ("x.html", "x.svg", "x.js", "x.xhtml", "x.pdf", "x.json", "x", "x.tif", "x.zip", "x.swf", "x.css"):
            (folder / name).write_text("<script>alert(1)</script>")
            answer = web.get(f"/gradio_api/file={folder / name}")
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("attachment"), name
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_uploads_lose_their_folders_and_are_deleted_once_read(editor: Editor, sample: bytes):
    with Session(editor, "upload") as page:
        for name in (
            "../../x.jpg",
            "/etc/x.jpg",
            "a\\..\\b.jpg",
            "..",
            "x" * 1000 + ".jpg",
            "\u202egpj.exe",
            ".htaccess",
        ):
            path = Path(page.upload(name, sample))
            assert path.is_relative_to(editor.private / "uploads")
            assert len(path.relative_to(editor.private).parts) == 4
            assert re.fullmatch(r"[\w.-]+", path.name)
            assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
            page.ask("upload_done", path=str(path), name=name)
            assert not path.exists()
        assert "upload got lost" in text(page.ask("upload_done", path=str(path), name="again"))


def test_uploads_are_bounded(editor: Editor, sample: bytes):
    with httpx.Client(base_url=f"{editor.address}/gradio_api") as web:
        huge = HTTPConnection(urlsplit(editor.address).netloc)
        huge.putrequest("POST", "/gradio_api/upload")
        huge.putheader("Content-Length", str(10**12))
        huge.endheaders()
        assert huge.getresponse().status == 413
        huge.close()
        assert web.post("/upload", content=iter([b"x"])).status_code == 411
        assert web.post("/upload", content=b"x").status_code == 400
        assert web.post("/upload", content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 400
        assert web.post("/upload", files={"other": ("a", b"x")}).status_code == 400
        many = [("files", (f"{n}.txt", b"x")) for n in range(200)]
        assert web.post("/upload", files=many).status_code == 400
    assert not any((editor.private / "uploads").iterdir()) or "Traceback" not in editor.log


def test_one_session_cannot_open_what_is_not_an_upload(page: Session, editor: Editor):
    for path in ("/etc/passwd", address(page.ask("sample", name="cat.jpg")), f"{editor.private}/uploads", "\x00", ""):
        for event in ("upload_done", "load_recipe", "attach"):
            assert "upload got lost" in text(page.ask(event, path=path, name="x", tool="load_selection"))
        assert page.call("crop", file_data(path), {"width": 0.5}, "png")[0] == "error"
        files = json.dumps([{"path": path, "name": "x"}])
        batch = page.ask("batch", [page.steps(("blur", {}))], run="1", files=files, options="{}")
        assert "upload got lost" in text(batch)


def test_the_names_of_results_hold_no_folders(page: Session, editor: Editor, sample: bytes):
    for name in (
        "../../../evil.png",
        "/etc/evil",
        "a\x00b.png",
        "CON",
        "x" * 5000 + ".png",
        "<b>.png",
        "a\r\nX: y.png",
    ):
        path = page.upload("x.jpg", sample)
        how, told = page.call("crop", file_data(path, name), {"width": 0.5}, "png")
        assert how == "complete"
        result = Path(told[0][0]["path"] if isinstance(told[0], list) else told[0]["path"])
        assert result.is_relative_to(editor.private / "results")
        assert len(result.relative_to(editor.private).parts) == 3
        assert page.web.get(f"/file={result}").status_code == 200


def test_the_page_makes_no_markup_from_text():
    for file in (Path(imgen.__file__).parent / "editor").glob("*.js"):
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser"):
            assert way not in file.read_text(encoding="utf-8"), file.name
