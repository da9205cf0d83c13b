"""imgen edit: the editor in the browser."""

from __future__ import annotations

import argparse
import getpass
import os

from ..editor import launch
from ..errors import ImgenError


def edit(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    launch(
        options.host,
        options.port,
        device=options.device,
        open_browser=options.open,
        password=password() if options.password else None,
        allow_hosts=options.allow_host,
        work_limit=int(options.work_limit * 2**30),
    )
    return 0


def password() -> str:
    """The one in $IMGEN_PASSWORD, or asked for: as an argument, every user of the machine could read it.

    Raises:
        ImgenError: there is nobody to ask.
    """
    if "IMGEN_PASSWORD" in os.environ:  # also where it is empty, which `launch` refuses
        return os.environ["IMGEN_PASSWORD"]
    try:
        return getpass.getpass("Password for the editor: ")
    except EOFError as error:
        raise ImgenError("there is no terminal to ask for the password; set IMGEN_PASSWORD") from error
