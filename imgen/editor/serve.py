"""Serve the editor."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

from ..errors import ImgenError
from ..runtime import choose

LARGEST_UPLOAD = "500mb"


USER = "imgen"  # Gradio's login asks for a name as well


def launch(
    host: str | None = None,
    port: int | None = None,
    device: str = "auto",
    open_browser: bool = False,
    password: str | None = None,
) -> None:
    """Serve the editor until Ctrl-C.

    Args:
        host: address to listen on; None takes $GRADIO_SERVER_NAME, else 127.0.0.1, which only this machine reaches.
        port: None takes $GRADIO_SERVER_PORT, else the first free one from 7860 on.
        device: where models run: "auto", "cpu" or "cuda".
        open_browser: show the page in the default browser.
        password: who wants in must know it (the user name is "imgen"); None lets in everyone who reaches the address.

    Raises:
        DeviceError: the device does not work here.
        ImgenError: the port is taken, or the address is not this machine's.
    """
    choose(device)
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported
    from .page import build

    page = build(device)
    try:
        _, url, _ = page.queue(max_size=100).launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            auth=(USER, password) if password else None,
            auth_message=f"The user name is {USER}" if password else None,
            **launch_options(),
        )
    except OSError as error:
        where = f"{host or '127.0.0.1'}, port {port or 'any from 7860 on'}"
        raise ImgenError(f"cannot serve on {where}: {error}; try another --port") from error
    print(f"The imgen editor is at {url} (Ctrl-C stops it)", flush=True)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    page.block_thread()


def stop(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does on a plain `kill`, so that temporary files are deleted."""
    sys.exit(0)


def launch_options() -> dict[str, Any]:
    """What `gr.Blocks.launch` needs for the editor's look and privacy, for those who launch `build()` themselves."""
    from .assets import FOLDER, asset
    from .privacy import app_options
    from .theme import theme

    return {
        "theme": theme(),
        "css": asset("editor.css"),
        "favicon_path": FOLDER / "favicon.svg",
        "app_kwargs": app_options(),
        "max_file_size": LARGEST_UPLOAD,
        "footer_links": [],
        "share": False,
        "ssr_mode": False,
        "quiet": True,
        "prevent_thread_lock": True,
        "show_error": True,
    }
