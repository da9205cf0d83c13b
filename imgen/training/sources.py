"""What --data may be: folders, files, and packs of them on this machine or elsewhere."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import PhotoError
from ..io.address import is_url, opened
from .data import cache_folder
from .decoding import DataError
from .lines import say
from .packed import roots
from .packfile import SUFFIX, Pack, PackError

KEEP = "packs"  # the folder in the cache


def local(name: str) -> Path:
    """A path of --data as it is; a pack elsewhere is fetched into the cache once, which is said.

    Raises:
        DataError: it cannot be had, or is no pack.
        PackError: it came damaged.
    """
    if not is_url(name):
        return Path(name)
    if not name.endswith(SUFFIX):
        raise DataError(f"{name}: from elsewhere only packs are read; imgen pack FOLDER -o {name.rstrip('/')}{SUFFIX}")
    system, path = reached(name)
    try:
        info = system.info(path)
    except FileNotFoundError as error:
        raise DataError(f"there is no {name}") from error
    state = [name, *(str(info.get(key)) for key in ("size", "ETag", "etag", "LastModified", "mtime", "created"))]
    target = cache_folder() / KEEP / hashlib.sha256("\0".join(state).encode()).hexdigest()[:16] / path.split("/")[-1]
    if not target.exists():
        say(f"fetching {name} ({(info.get('size') or 0) / 2**20:,.1f} MiB), once, into {target}")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        with system.open(path, "rb") as source, part.open("wb") as file:
            shutil.copyfileobj(source, file, 2**22)
        try:
            Pack(part).verify()
        except PackError as error:
            part.unlink()
            raise PackError(str(error).replace(str(part), name)) from error
        part.replace(target)
    return target


def folders(paths: Sequence[Path]) -> list[Path]:
    """What trainers are given: a pack becomes all that was packed into it.

    Raises:
        PackError: there is no such pack, or it is none.
    """
    found: list[Path] = []
    for path in paths:
        if path.suffix == SUFFIX and not path.is_dir():
            if not path.exists():
                raise PackError(f"there is no {path}; make it with: imgen pack FOLDER -o {path}")
            found += roots(path)
        else:
            found.append(path)
    return found


def reached(url: str) -> tuple[Any, str]:
    """The file system of an address, and its path there.

    Raises:
        DataError: nothing that is installed can reach it.
    """
    try:
        return opened(url)
    except PhotoError as error:
        raise DataError(str(error)) from error


def send(path: Path, url: str) -> None:
    """Put a pack where an address says."""
    system, target = reached(url)
    say(f"sending {path.stat().st_size / 2**20:,.1f} MiB to {url}")
    parent = target.rpartition("/")[0]
    if parent:
        system.makedirs(parent, exist_ok=True)
    system.put_file(str(path), target)


def there(name: str) -> bool:
    """Whether a file or object is there already."""
    if not is_url(name):
        return Path(name).exists()
    system, path = reached(name)
    return system.exists(path)
