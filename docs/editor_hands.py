"""What a hand does in the editor, for the pictures of its page and the study."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

IMAGES = Path(__file__).parent / "images"
SAMPLES = Path(__file__).parents[1] / "imgen" / "editor" / "web" / "samples"

READY = "['.tile', '.samples button', '#bar [data-state]'].every((one) => document.querySelector(one))"
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
    for _ in range(1500):
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
    page.locator("#bar .text", has_text="Preview; press Run").wait_for(timeout=300_000)


def begun(page: Any, photo: str) -> None:
    """The tasks, once a photo is open."""
    sample(page, photo)
    page.wait_for_timeout(500)


def face(page: Any) -> None:
    """Sliders on a face, before and after."""
    sample(page, "astronaut.jpg")
    page.locator(".tile[data-task=face]").click()
    for label, amount in (("Smile", "-2.5"), ("Age", "1.5")):
        page.locator(".task").get_by_label(label, exact=True).and_(page.locator("input[type=range]")).fill(amount)
    previewed(page)
    page.locator("[data-view=compare]").click()
    picture(page, "editor")


def opened(page: Any, name: str, folder: Path) -> None:
    """A photo is open: a sample, or, where the name is empty, one of six megapixels with noise."""
    if name:
        sample(page, name)
        return
    path = folder / "noisy.jpg"
    whole = Image.open(SAMPLES / "coffee.jpg").convert("RGB").resize((3000, 2000), Image.Resampling.LANCZOS)
    pixels = np.asarray(whole) + np.random.default_rng(0).normal(0, 15, (2000, 3000, 3))
    Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8)).save(path, quality=95)
    with page.expect_file_chooser() as chooser:
        page.locator("[data-do=open]:visible").first.click()
    chooser.value.set_files(path)
    page.locator("#stage .about", has_text=path.name).wait_for()
