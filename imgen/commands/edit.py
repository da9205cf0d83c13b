"""imgen edit: the editor in the browser."""

from __future__ import annotations

import argparse
import getpass
import os

from ..editor import launch


def edit(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    password = None
    if options.password:  # never as an argument, which every user of the machine could read
        password = os.environ.get("IMGEN_PASSWORD") or getpass.getpass("Password for the editor: ")
    launch(options.host, options.port, device=options.device, open_browser=options.open, password=password)
    return 0
