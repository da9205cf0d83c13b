"""Files of this machine and objects in a store (s3://, gs://, http://, memory://), by the few things that a batch does.

A path is one of this machine; a name with "://" is fsspec's, whose package for that kind of store must be installed.
"""

from __future__ import annotations

import os
import posixpath
import stat
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import PhotoError
from ..io.address import is_url as is_url
from ..io.address import opened as opened
from ..io.saving import replacing

MASK = (1 << 64) - 1
KEY = "imgen-key"  # the name under which a store keeps a result's key beside its bytes
METADATA = {  # how each store's put is told what else to keep; those that are not here keep nothing
    "s3": "Metadata", "s3a": "Metadata", "gs": "metadata", "gcs": "metadata", "abfs": "metadata", "az": "metadata",
}  # fmt: skip
LASTING = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)  # no second try would help


class Stamp(NamedTuple):
    """What tells one state of a file from another without reading it.

    Attributes:
        etag: the store's own mark, or size and time of change; "" where there is no such thing.
        size: in bytes; -1 where it is not known.
        inode: device and number of a file on this machine in 64 bits; 0 elsewhere.
    """

    etag: str
    size: int = -1
    inode: int = 0


def base(name: str) -> str:
    """The file's own name: "a.jpg" of "https://host/in/a.jpg?width=5"."""
    if is_url(name):
        parts = urlsplit(name)
        return posixpath.basename(parts.path if parts.scheme.startswith("http") else name.rstrip("/"))
    return os.path.basename(name)


def stamp(name: str) -> Stamp | None:
    """The state of a file or object; None if there is none.

    Raises:
        OSError: it cannot be asked for.
    """
    if is_url(name):
        fs, path = opened(name)
        try:
            return stamp_of(fs.info(path))
        except FileNotFoundError:
            return None
    return stamp_at(name)


def stamp_at(path: str) -> Stamp | None:
    """The state of a file of this machine; None if there is none.

    Raises:
        OSError: it cannot be asked for.
    """
    try:
        about = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(about.st_mode):
        return Stamp("")
    return Stamp(f"{about.st_size}-{about.st_mtime_ns}", about.st_size, (about.st_dev << 40 ^ about.st_ino) & MASK)


def stamp_of(info: dict[str, Any]) -> Stamp:
    """The state of an object by what its store tells of it."""
    mark = next((info[k] for k in ("ETag", "etag", "md5Hash", "crc32c") if info.get(k)), None)
    changed = next((info[k] for k in ("LastModified", "mtime", "updated", "created") if info.get(k)), None)
    size = info.get("size")
    known = mark if mark is not None else f"{size}-{changed}" if changed is not None else ""
    return Stamp(str(known).strip('"'), -1 if size is None else int(size))


def protocol_of(fs: Any) -> str:
    """The name of a kind of store."""
    return fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]


def put(file: Path, name: str, key: str) -> None:
    """Make a whole file the object of that name in one step, with its key beside it where the store can keep one."""
    fs, path = opened(name)
    protocol = protocol_of(fs)
    more = {METADATA[protocol]: {KEY: key}} if protocol in METADATA and key else {}
    fs.pipe_file(path, file.read_bytes(), **more)


def key_of(name: str) -> str | None:
    """The key that a store keeps beside an object; None where there is none."""
    fs, path = opened(name)
    protocol = protocol_of(fs)
    if protocol not in METADATA:
        return None
    told = fs.metadata(path) if hasattr(fs, "metadata") else fs.info(path).get("metadata") or {}
    return next((value for name, value in told.items() if name.replace("_", "-").lower() == KEY), None)


def join(root: str, name: str) -> str:
    """The place of `name` (with "/" between its parts) below a folder or an address."""
    if is_url(root):
        return f"{root.rstrip('/')}/{name}"
    return os.path.join(root, *name.split("/"))


class Home:
    """The folder in which a job keeps its state: on this machine, or in a store.

    Attributes:
        root: the folder's path or address.
        url: whether it is an address.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.url = is_url(root)

    def names(self, folder: str = "") -> list[str]:
        """What lies in a folder of it, by name; nothing where there is no such folder."""
        place = join(self.root, folder) if folder else self.root
        try:
            if not self.url:
                return sorted(os.listdir(place))
            fs, path = opened(place)
            fs.invalidate_cache(path)
            return sorted(base(str(found).rstrip("/")) for found in fs.ls(path, detail=False))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def text(self, name: str) -> str | None:
        """A file's text; None if there is none."""
        data = self.bytes(name)
        return None if data is None else data.decode("utf-8")

    def bytes(self, name: str) -> bytes | None:
        """A file's bytes; None if there is none."""
        place = join(self.root, name)
        try:
            if not self.url:
                return Path(place).read_bytes()
            fs, path = opened(place)
            return fs.cat_file(path)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file, whole or not at all."""
        place = join(self.root, name)
        data = content.encode("utf-8") if isinstance(content, str) else content
        if self.url:
            fs, path = opened(place)
            fs.pipe_file(path, data)
            return
        make_folder(os.path.dirname(place))
        with replacing(Path(place)) as part:
            part.write_bytes(data)

    def rename(self, name: str, new: str) -> None:
        """Give a file or folder of it another name; what had that name goes."""
        old, place = join(self.root, name), join(self.root, new)
        fs, path = opened(place if self.url else Path(place).absolute().as_uri())
        if fs.exists(path):
            fs.rm(path, recursive=True)
        fs.mv(opened(old)[1] if self.url else os.path.abspath(old), path, recursive=True)


def make_folder(folder: str) -> None:
    """Create a folder of this machine.

    Raises:
        PhotoError: it cannot be made.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise PhotoError(f"cannot make the folder {folder}: {error.strerror}; choose another -o") from error
