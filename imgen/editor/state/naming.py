"""Names that files get, and when they were last changed."""

from __future__ import annotations

import re
from pathlib import Path


def changed(path: Path) -> int:
    """When a file or folder was last changed; 0 for one that is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def safe_name(name: str) -> str:
    """A file name without characters that some system refuses."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[-150:] or "photo"


def free_name(name: str, taken: list[str]) -> str:
    """The name, or name-2 and so on where another photo has taken it."""
    path, number = Path(name), 2
    while name in taken:
        name = f"{path.stem}-{number}{path.suffix}"
        number += 1
    return name
