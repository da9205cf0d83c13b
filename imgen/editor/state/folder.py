"""One private folder for all files of this process: uploads, results, what pages show, and work that rests on disk.

It lies below the system's temporary folder, only its user may look into it, and it goes when the process ends. What a
killed process left behind is deleted by the next one: a living owner holds a lock on a file in its folder.
"""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

PREFIX = "imgen-editor-"
LOCK = "in-use"
YOUNG = 60.0  # seconds that a folder may exist before its owner has locked it


@cache
def private_folder() -> Path:
    """The folder of this process, made on first use, with `uploads` and `results` in it; its name cannot be guessed."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=temporary_folder())).resolve()  # mode 0700
    held = (folder / LOCK).open("w")
    lock(held)
    atexit.register(remove, folder, held)
    for name in ("uploads", "results"):
        (folder / name).mkdir(mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")  # for Gradio's own files; it looks when it is imported, too
    return folder


def remove(folder: Path, held: IO[str]) -> None:
    """Delete the folder; the lock goes last, so that no other process sweeps at the same time."""
    shutil.rmtree(folder, ignore_errors=True)
    held.close()
    shutil.rmtree(folder, ignore_errors=True)  # where open files cannot be deleted


def temporary_folder(mounts: Path = Path("/proc/self/mounts")) -> Path:
    """The folder for temporary files; /var/tmp in place of a /tmp that is itself in memory, as large photos go there.

    Args:
        mounts: where Linux lists what is mounted; elsewhere there is no such file.
    """
    # /var/tmp is on disk by the Filesystem Hierarchy Standard; what is made there is private all the same
    found, usual, disk = Path(tempfile.gettempdir()), "/tmp", Path("/var/tmp")  # noqa: S108
    if found != Path(usual) or "TMPDIR" in os.environ or not os.access(disk, os.W_OK):
        return found
    try:
        in_memory = any(line.split()[1:3] == [usual, "tmpfs"] for line in mounts.read_text().splitlines())
    except OSError:
        return found
    return disk if in_memory else found


def sweep() -> None:
    """Delete the folders of this user's dead processes."""
    for folder in temporary_folder().glob(PREFIX + "*"):
        with suppress(OSError):  # another process was faster
            about = folder.lstat()
            mine = not hasattr(os, "getuid") or about.st_uid == os.getuid()
            if stat.S_ISDIR(about.st_mode) and mine and abandoned(folder, about.st_mtime):
                shutil.rmtree(folder, ignore_errors=True)


def abandoned(folder: Path, changed: float) -> bool:
    """Whether no process holds the folder's lock."""
    try:
        with (folder / LOCK).open("r+") as held:
            lock(held)
    except FileNotFoundError:  # just being made, or left by imgen 0.1, which had no locks
        return time.time() - changed > YOUNG
    except OSError:
        return False
    return True


if sys.platform == "win32":
    import msvcrt

    def lock(file: IO[str]) -> None:
        """Lock a file until it is closed, or its process ends.

        Raises:
            OSError: another process holds it.
        """
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock(file: IO[str]) -> None:
        """Lock a file until it is closed, or its process ends.

        Raises:
            OSError: another process holds it.
        """
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
