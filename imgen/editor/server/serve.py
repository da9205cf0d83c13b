"""Serve the editor."""

from __future__ import annotations

import importlib
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from ...errors import ImgenError
from ...inference.session import choose
from ..state.budget import LIMIT
from ..state.heap import keep_small
from .names import LOOPBACK

if TYPE_CHECKING:
    from .page import Page


def build(device: str = "auto", limit: int = LIMIT) -> Page:
    """The editor as Gradio blocks; launch it with the options of `launch_options()`.

    Without these options it answers nothing: they hold the rules of who may use it.

    Args:
        device: where models run: "auto", "cpu" or "cuda".
        limit: bytes of all open work, in memory and on disk together.
    """
    from ..state.folder import private_folder

    private_folder()  # before Gradio is imported, which makes folders then
    from .page import build as build_page  # Gradio takes seconds to import, `imgen edit --help` should not

    return build_page(device, limit)


def launch(
    host: str | None = None,
    port: int | None = None,
    device: str = "auto",
    open_browser: bool = False,
    password: str | None = None,
    allow_hosts: Sequence[str] = (),
    work_limit: int = LIMIT,
) -> None:
    """Serve the editor until Ctrl-C. See docs/security.md for who can reach it.

    Args:
        host: address to listen on; None takes $GRADIO_SERVER_NAME, else 127.0.0.1, which only this machine reaches.
        port: None takes $GRADIO_SERVER_PORT, else the first free one from 7860 on.
        device: where models run: "auto", "cpu" or "cuda".
        open_browser: show the page in the default browser.
        password: who wants in must know it; None lets in everyone who reaches the address.
        allow_hosts: further names under which the editor is reached, such as that of a reverse proxy.
        work_limit: bytes that all open work may take, in memory and on disk together.

    Raises:
        DeviceError: the device does not work here.
        ImgenError: the port is taken, the address is not this machine's, or the password is empty.
    """
    choose(device)
    keep_small()
    check_mcp()
    host = host or os.environ.get("GRADIO_SERVER_NAME") or None
    page = build(device, work_limit)
    url = listen(page, host, port, open_browser, launch_options(host, allow_hosts, password))
    if (host or "localhost").strip("[]") not in LOOPBACK and password is None:
        print("Everyone who reaches this address can use the editor; --password lets in only who knows it", flush=True)
    print(f"The imgen editor is at {url} (Ctrl-C stops it)", flush=True)
    threading.Thread(target=prepare, daemon=True).start()
    wait(page)


def listen(page: Page, host: str | None, port: int | None, open_browser: bool, options: dict[str, Any]) -> str:
    """Open the address; returns its URL.

    Raises:
        ImgenError: the port is taken, or the address is not this machine's.
    """
    try:
        _, url, _ = page.queue(max_size=100).launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            **options,
        )
    except OSError as error:
        where = f"{host or '127.0.0.1'}, port {port or 'any from 7860 on'}"
        raise ImgenError(f"cannot serve on {where}: {error}; try another --port") from error
    return url


def prepare() -> None:
    """Import what the first photo needs, while nobody waits for it: SciPy's filters take a quarter of a second."""
    importlib.import_module("scipy.ndimage")


def wait(page: Page) -> None:
    """Serve until a signal ends it, then close what is open."""
    from .outgoing import shut

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    try:
        with shut():
            page.block_thread()
    finally:
        page.desk.close()


def check_mcp() -> None:
    """Gradio leaves out the tools for language models in silence where it cannot offer them.

    Raises:
        ImgenError: they were asked for, and their package is missing.
    """
    asked = os.environ.get("GRADIO_MCP_SERVER", "").lower() in ("1", "true")
    if asked and importlib.util.find_spec("mcp") is None:
        raise ImgenError("GRADIO_MCP_SERVER asks for MCP, whose package is missing: pip install 'gradio[mcp]'")


def stop(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does on a plain `kill`, so that temporary files are deleted."""
    signal.signal(number, signal.SIG_IGN)  # a second one would come in between
    sys.exit(0)


def launch_options(
    host: str | None = None, allow_hosts: Sequence[str] = (), password: str | None = None
) -> dict[str, Any]:
    """What `gr.Blocks.launch` needs for the editor's look and safety, for those who launch `build()` themselves.

    Args:
        host: the address that it will listen on, if not this machine's own.
        allow_hosts: see `launch`.
        password: see `launch`.

    Raises:
        ImgenError: the password is empty.
    """
    from ..web.assets import FOLDER, styles
    from ..web.theme import theme
    from .door import app_options

    return {
        "theme": theme(),
        "css": styles(),
        "favicon_path": FOLDER / "favicon.svg",
        "app_kwargs": app_options(host, allow_hosts, password),
        "footer_links": [],
        "share": False,
        "_frontend": False,  # else Gradio asks itself for the page first, and gives up where a busy machine takes 3 s
        "ssr_mode": False,
        "max_threads": 80,  # those who wait in a line hold one
        "num_workers": 0,  # they would serve files on ports of their own
        "enable_monitoring": False,
        "run_history": False,  # the browser would keep what people edited
        "quiet": True,
        "prevent_thread_lock": True,
        "show_error": True,
    }
