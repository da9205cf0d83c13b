"""imgen edit: the editor in the browser."""

from __future__ import annotations

import argparse

from ..editor import launch


def edit(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    launch(options.host, options.port, device=options.device, open_browser=options.open)
    return 0
