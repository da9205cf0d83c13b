"""The editor's real server in a process of its own, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
# Limits end a test that hangs; they are far above what a busy machine needs, and cost nothing where it works.
START = 180  # seconds: the server or Chromium
PATIENCE = 120_000  # milliseconds: anything that a page does
# each component is begun by a script of its own
READY = "['.tile', '.samples button', '#bar [data-state]'].every((one) => document.querySelector(one))"
SAMPLE = Path(__file__).parents[2] / "imgen/editor/web/samples/cat.jpg"


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two installed plugins: one whose tools take places on the photo, and a broken one."""
    folder = tmp_path_factory.mktemp("plugin")
    for name in ("paint_places.py", "paint_dial.js"):
        shutil.copy(Path(__file__).with_name(name), folder)
    about = folder / "paint_places-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: paint-places\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imgen.plugins]\npaint = paint_places\n")
    (folder / "no_plugin.py").write_text("import a_package_that_is_missing\n")
    broken = folder / "no_plugin-0.3.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: no-plugin\nVersion: 0.3\n")
    (broken / "entry_points.txt").write_text("[imgen.plugins]\nbroken = no_plugin\n")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, plugin: Path) -> Iterator[str]:
    """The address of a running editor."""
    folder = tmp_path_factory.mktemp("editor")
    log = (folder / "server.log").open("w")
    env = {
        **os.environ,
        "TMPDIR": str(folder),
        "GRADIO_HEARTBEAT_INTERVAL": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(plugin), os.environ.get("PYTHONPATH")])),
        "GRADIO_SERVER_PORT": str(free_port()),  # the server takes a later one where another process is faster
    }
    command = [sys.executable, "-c", "from imgen.editor import launch; launch(device='cpu')"]
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=env)
    try:
        yield address_of(process, folder / "server.log")
    finally:
        process.terminate()
        process.wait(START)
        log.close()
    assert "Traceback" not in (folder / "server.log").read_text()
    assert not list(folder.glob("imgen-editor-*")), "the editor left temporary files behind"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address_of(process: subprocess.Popen[bytes], log: Path) -> str:
    """What the server says once it serves."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        if told := re.search(r"The imgen editor is at (\S+) ", log.read_text()):
            return told[1]
        time.sleep(0.1)
    raise RuntimeError(f"the editor did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed; apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=1000 * START)
        yield chromium
        chromium.close()


@pytest.fixture
def hosts() -> set[str]:
    """Every host that a page asked for anything."""
    return set()


@pytest.fixture(scope="session")
def profile(browser):
    """What the tabs of all tests share: the cache, without which every page takes twice as long to load."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(profile, server: str, hosts: set[str]):
    """The editor in a window of a small laptop; fails the test on an error in the page's scripts."""
    errors: list[str] = []
    page = profile.new_page()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or urlsplit(request.url).scheme))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server)
    page.wait_for_function(READY)
    yield page
    page.evaluate("localStorage.clear()")  # light or dark; the rest is forgotten with the tab
    page.close()
    assert errors == []


@pytest.fixture
def another(browser, server: str) -> Callable[[], object]:
    """Opens the editor a second time, in a window that knows nothing of the first."""

    def opened():
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(server)
        page.wait_for_function(READY)
        return page

    return opened


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo larger than what the page shows of it: noisy, with a white scratch and EXIF."""
    picture = np.asarray(Image.open(SAMPLE).convert("RGB").resize((1504, 1000), Image.Resampling.BICUBIC), np.float32)
    picture = picture + np.random.default_rng(1).normal(0, 15, picture.shape)
    picture[498:503, 300:1200] = 255
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif[0x9286] = "kept"
    path = tmp_path_factory.mktemp("photo") / "holiday cat.jpg"
    Image.fromarray(picture.clip(0, 255).round().astype(np.uint8)).save(path, quality=95, exif=exif)
    return path


SCREENS = {"1366x768": False, "1920x1080": False, "820x1180": True, "390x844": True}  # and whether it is touched


@pytest.fixture
def screen(request, browser, server: str):
    """The editor on a screen of that size."""
    width, height = (int(side) for side in request.param.split("x"))
    touch = SCREENS.get(request.param, True)
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, accept_downloads=True
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server)
    page.wait_for_function(READY)
    yield page
    context.close()
    assert errors == []
