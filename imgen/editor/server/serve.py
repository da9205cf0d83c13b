"""Serve the editor."""

from __future__ import annotations

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
    host = host or os.environ.get("GRADIO_SERVER_NAME") or None
    page = build(device, work_limit)
    from .outgoing import shut

    try:
        _, url, _ = page.queue(max_size=100).launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            **launch_options(host, allow_hosts, password),
        )
    except OSError as error:
        where = f"{host or '127.0.0.1'}, port {port or 'any from 7860 on'}"
        raise ImgenError(f"cannot serve on {where}: {error}; try another --port") from error
    if (host or "localhost").strip("[]") not in LOOPBACK and password is None:
        print("Everyone who reaches this address can use the editor; --password lets in only who knows it", flush=True)
    print(f"The imgen editor is at {url} (Ctrl-C stops it)", flush=True)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    with shut():
        page.block_thread()


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
    from ..web.assets import FOLDER, asset
    from ..web.theme import theme
    from .door import app_options

    return {
        "theme": theme(),
        "css": asset("editor.css"),
        "favicon_path": FOLDER / "favicon.svg",
        "app_kwargs": app_options(host, allow_hosts, password),
        "footer_links": [],
        "share": False,
        "ssr_mode": False,
        "num_workers": 0,  # they would serve files on ports of their own
        "enable_monitoring": False,
        "run_history": False,  # the browser would keep what people edited
        "quiet": True,
        "prevent_thread_lock": True,
        "show_error": True,
    }
