"""imgen pack: folders of pictures as one file that training reads."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from ..errors import ParameterError
from .training import need_training


def pack(options: argparse.Namespace) -> int:
    """Decode the pictures of some folders once, into a file on this machine or elsewhere."""
    need_training()
    from ..io.address import is_url
    from ..training.packfile import SUFFIX
    from ..training.packing import write_pack
    from ..training.sources import send, there

    name: str = options.output
    if not name.endswith(SUFFIX):
        raise ParameterError(f"-o {name}: write a name that ends with {SUFFIX}")
    if there(name) and not options.overwrite:
        raise ParameterError(f"{name} is there already; --overwrite replaces it")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / Path(name).name if is_url(name) else Path(name)
        made = write_pack(options.folders, out, options.size)
        if is_url(name):
            send(out, name)
    for text in made.damaged:
        print(f"warning: skipped {text}", file=sys.stderr)
    if made.left:
        print(f"note: {made.left:,} files are neither pictures nor tables and were left out", file=sys.stderr)
    beside = f" and {made.files:,} tables" if made.files else ""
    print(f"{name}: {made.pictures:,} pictures{beside}, {made.size / 2**20:,.1f} MiB; use it as --data {name}")
    return 0
