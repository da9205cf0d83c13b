"""Pictures of the editor's main states for the documentation, from the running editor in a headless Chromium.

python docs/editor_pictures.py          # writes docs/images/editor*.jpg
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def start(folder: str) -> tuple[subprocess.Popen[bytes], str]:
    """The editor in a process of its own, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from imgen.editor import launch; launch(port={port}, device='cpu')"
    server = subprocess.Popen(  # noqa: S603  # this Python, and a text of ours
        [sys.executable, "-c", code], env={**os.environ, "GRADIO_TEMP_DIR": folder}
    )
    address = f"http://127.0.0.1:{port}/"
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            break
        except OSError:
            time.sleep(0.2)
    return server, address


def picture(page: Any, name: str) -> None:
    """Save what the window shows."""
    page.mouse.move(5, 400)
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=86)


def sample(page: Any, name: str) -> None:
    """Open a sample."""
    page.locator(f"[data-sample='{name}']").click()
    page.locator("#stage .about", has_text=name).wait_for()


def add(page: Any, tool: str) -> None:
    """Add a step."""
    if not page.locator(".palette .tool").first.is_visible():
        page.get_by_role("button", name="+ Add a step").click()
    page.locator(f".palette [data-tool={tool}]").click()


def previewed(page: Any) -> None:
    """Wait for the preview of the last change."""
    page.wait_for_timeout(600)
    page.locator("#bar .text", has_text="Preview; press Run").wait_for(timeout=120_000)


def face(page: Any) -> None:
    """Sliders on a face, before and after."""
    sample(page, "astronaut.jpg")
    add(page, "edit_face")
    for label, amount in (("Smile", "-2.5"), ("Age", "1.5"), ("Glasses", "3")):
        page.get_by_label(label, exact=True).and_(page.locator("input[type=range]")).fill(amount)
    previewed(page)
    page.locator("[data-view=compare]").click()
    picture(page, "editor")


def cut(page: Any) -> None:
    """A starter recipe, and the menu that it came from."""
    sample(page, "coffee.jpg")
    page.get_by_role("button", name="Recipes").click()
    picture(page, "editor-recipes")
    page.get_by_role("button", name="Only the subject in colour").click()
    previewed(page)
    picture(page, "editor-subject")


def repair(page: Any) -> None:
    """A brushed selection on the light theme, zoomed in."""
    page.get_by_role("button", name="Light or dark").click()
    sample(page, "cat-damaged.jpg")
    box = page.locator("canvas.strokes").bounding_box()
    for top, bottom in ((0.1, 0.3), (0.45, 0.6)):
        page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + top * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + bottom * box["height"], steps=10)
        page.mouse.up()
    page.get_by_role("button", name="Export options").click()
    picture(page, "editor-selection")


def lists(page: Any) -> None:
    """What is installed, and the batch."""
    page.get_by_role("button", name="Plugins and models").click()
    picture(page, "editor-installed")
    page.keyboard.press("Escape")
    sample(page, "cat.jpg")
    add(page, "saturation")
    page.get_by_role("button", name="Batch…").click()
    samples = sorted((Path(__file__).parents[1] / "imgen/editor/web/samples").glob("*.jpg"))
    with page.expect_file_chooser() as chooser, page.expect_download():
        page.get_by_role("button", name="Choose photos").click()
        chooser.value.set_files(samples)
    picture(page, "editor-batch")


def main() -> None:
    """Take all pictures, each on a fresh page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server, address = start(folder)
        try:
            chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for scene in (lambda page: picture(page, "editor-start"), face, cut, repair, lists):
                size: Any = {"width": 1366, "height": 768}
                page = chromium.new_context(viewport=size, color_scheme="dark").new_page()
                page.goto(address)
                page.get_by_role("button", name="choose a photo").wait_for()
                scene(page)
                page.context.close()
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    main()
