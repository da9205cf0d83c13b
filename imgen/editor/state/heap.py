"""What the program has freed goes back to the system, where the C library lets one say so (glibc)."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

ARENAS = 2  # of the C library; by default eight for each core, and each keeps what it once had
MAPPED = 4 * 2**20  # bytes from which on an array is given back as soon as it is freed; by default that grows to 32 MiB
KEPT = 16 * 2**20  # bytes that each arena keeps for the next arrays: pages that are got anew cost as much as a tool
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h


@cache
def library() -> Any:
    """The C library, if it is glibc; else None."""
    if not sys.platform.startswith("linux"):
        return None
    found = ctypes.CDLL(None)
    return found if hasattr(found, "malloc_trim") and hasattr(found, "mallopt") else None


def keep_small() -> None:
    """Tell the C library to hold on to little. Once, before there are threads."""
    if library() is not None:
        library().mallopt(M_ARENA_MAX, ARENAS)
        library().mallopt(M_MMAP_THRESHOLD, MAPPED)
        library().mallopt(M_TRIM_THRESHOLD, KEPT)


def trim() -> None:
    """Give back what is free now; call it after large work."""
    if library() is not None:
        library().malloc_trim(0)
