"""Files are written whole or not at all, and never over what was read."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ImgenError, PhotoError
from .overlap import read_only, resolved

STALE = 3600.0  # seconds without a change after which the part of a process that is gone is swept
PART = re.compile(r"\.imgen-(\d+)-[0-9a-f]+(\.part)?")
_swept: dict[Path, float] = {}  # when each folder was looked through
UNNAMED = getattr(os, "O_TMPFILE", 0)  # Linux: a file that has no name until it is complete


def read_umask() -> int:
    """The permissions that new files don't get. It can only be read by setting it, which the whole process sees."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("Umask:")[1].split()[0], 8)
    except (OSError, IndexError, ValueError):
        mask = os.umask(0o077)
        os.umask(mask)
        return mask


UMASK = read_umask()  # once, while no other thread is likely to make files


@contextmanager
def replacing(path: Path, kind: type[ImgenError] = PhotoError) -> Iterator[Path]:
    """A place to write to; what is written there becomes `path` at the end of the block, at once and as a whole.

    An error inside leaves everything as it was. A new file gets the usual permissions, one that is replaced keeps its
    own. Where the system can do it, the unfinished file has no name, so that not even a killed process leaves one.

    Raises:
        ImgenError: of class `kind`: `path` is read-only, no regular file, a link to nowhere, or its folder cannot be
            written to.
    """
    target, mode = check_target(path, kind)
    sweep(target.parent)
    part = target.parent / f".imgen-{os.getpid()}-{secrets.token_hex(6)}"
    try:
        handle = unnamed(target.parent)
        if handle is None:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise kind(f"cannot write to {target.parent}: {error.strerror}; choose another output folder") from error
    try:
        yield part if handle is None else Path(f"/proc/self/fd/{handle}")
        if handle is None:
            part.chmod(mode)
        else:
            os.fchmod(handle, mode)
            name_it(handle, part)
        part.replace(target)
    finally:
        if handle is not None:
            os.close(handle)
        part.unlink(missing_ok=True)


def check_target(path: Path, kind: type[ImgenError]) -> tuple[Path, int]:
    """The file that a path stands for, through links, and the permissions that it has or will have."""
    target = resolved(path)
    try:
        about = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise kind(f"{path} is a link to {os.readlink(path)}, which does not exist; remove the link") from None
        return target, 0o666 & ~UMASK
    except (OSError, ValueError) as error:
        raise kind(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISDIR(about.st_mode):
        raise kind(f"{path} is a folder; name a file in it")
    if not stat.S_ISREG(about.st_mode):
        raise kind(f"{path} is not a regular file and cannot be replaced; save under another name")
    if read_only(target):
        raise kind(f"{path} is read-only; change its permissions or save under another name")
    return target, stat.S_IMODE(about.st_mode) & 0o777


def unnamed(folder: Path) -> int | None:
    """A handle of a new file without a name in that folder; None where the system has no such thing."""
    if not UNNAMED or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(folder, UNNAMED | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:  # some file systems cannot; if it is the folder's fault, the ordinary way says so
        return None


def name_it(handle: int, part: Path) -> None:
    """Give a file without a name the name `part`: nothing may be there yet, as only renaming replaces a file."""
    folder = os.open(part.parent, os.O_RDONLY)
    try:  # only with a folder's handle does Python follow /proc's link to the file (linkat with AT_SYMLINK_FOLLOW)
        os.link(f"/proc/self/fd/{handle}", part.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    except OSError:  # a file system that has such files and cannot name them
        shutil.copyfile(f"/proc/self/fd/{handle}", part)
        part.chmod(stat.S_IMODE(os.fstat(handle).st_mode))
    finally:
        os.close(folder)


def sweep(folder: Path) -> None:
    """Remove unfinished files that processes which are gone left in a folder; looks there once an hour."""
    if time.monotonic() - _swept.get(folder, -STALE) < STALE:
        return
    _swept[folder] = time.monotonic()
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = PART.fullmatch(entry.name)
            if found is None or running(int(found[1])):
                continue
            with suppress(OSError):  # another process was quicker
                # the number may be of another machine that shares the folder: what is being written changes
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE:
                    os.unlink(entry.path)


def running(process: int) -> bool:
    """Whether there is a process of that number on this machine; where that cannot be asked, it counts as there not."""
    if os.name == "nt" or process <= 0:
        return False  # os.kill would end it there; age alone decides
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
