"""The photos of a job as a stream: files, folders, wildcards, lists, tables, addresses. No list is held whole."""

from __future__ import annotations

import glob
import itertools
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..engine.pipeline import Pipeline
from ..errors import PhotoError
from ..io.formats import SUFFIXES
from ..io.streams import is_stream
from .kinds import NEAREST, WILD, is_picture
from .store import Stamp, base, is_url, join, opened, stamp, stamp_at, stamp_of
from .tables import TABLES, Columns, rows

SORTED = 10_000  # entries of one folder that come in the order of their names; of larger ones, the rest as they lie


class Found(NamedTuple):
    """A photo to read.

    Attributes:
        source: its path or address.
        below: where its result goes below the output, with "/" between folders, in the photo's own file type.
        stamp: its state, where listing told it.
        parameters: of its own, by column, from a table.
        problem: why it cannot be read, where that is known already.
    """

    source: str
    below: str
    stamp: Stamp = Stamp("")
    parameters: dict[str, Any] | None = None
    problem: str = ""


def is_many(name: str) -> bool:
    """Whether a name stands for photos as only a job takes them: an address, a list, a table, or a "**"."""
    return is_url(name) or "**" in name or os.path.splitext(name)[1].lower() in TABLES


def found_in(inputs: Sequence[str | Found], *, recursive: bool = False, output: str = "") -> Iterator[Found]:
    """The photos of all inputs, one after another.

    A folder's photos keep their places below it; among several inputs they go into a folder of its name. Those of
    wildcards keep their places below the part before the first one. Those of lists and addresses keep the whole of
    their paths, as two folders may hold photos of one name.

    Args:
        inputs: paths, addresses, folders, wildcards, lists (.txt) and tables (.csv, .tsv, .parquet);
            what is found already comes as it is.
        recursive: also what lies in the folders of a folder.
        output: a folder that is not searched, as it holds results.
    """
    for name in inputs:
        if isinstance(name, Found):
            yield name
        elif os.path.splitext(base(name))[1].lower() in TABLES:
            yield from listed(name)
        elif WILD.search(name) and not (not is_url(name) and os.path.exists(name)) and not name.startswith("http"):
            yield from matching(name)
        elif is_url(name):
            yield from at_address(name, recursive, output)
        elif os.path.isdir(name):
            if len(inputs) > 1 and os.path.realpath(name) == os.path.realpath(output or "-"):
                continue
            inside = Path(name).resolve().name if len(inputs) > 1 else ""
            yield from checked_folder(name, inside, recursive, output)
        else:
            yield one(name, os.path.basename(name))


def with_columns_of(found: Iterable[Found], pipeline: Pipeline) -> Iterator[Found]:
    """The same; columns of tables are looked at on the way.

    Raises:
        ParameterError: one names a parameter that its step has not, or fits two steps.
    """
    columns = Columns(pipeline)
    for photo in found:
        for column in photo.parameters or ():
            columns.place(column)
        yield photo


def one(name: str, below: str, parameters: dict[str, Any] | None = None) -> Found:
    """A photo by its path."""
    if is_url(name):
        return Found(name, below, parameters=parameters)
    found = stamp(name)
    if found and not found.inode and is_stream(name):
        return Found(name, below, problem=f"{name} is no file; a job can come back to files only")
    return Found(name, below, found or Stamp(""), parameters)


def listed(name: str) -> Iterator[Found]:
    """The photos that a list or table names, relative to this folder or, where that holds none such, to its own."""
    beside: str | None = None
    for path, result, parameters in rows(name):
        if beside is None:
            near = posixpath.dirname(name)
            beside = near if is_url(name) or (not os.path.exists(path) and os.path.exists(join(near, path))) else ""
        whole = path if is_url(path) or os.path.isabs(path) or not beside else join(beside, path)
        yield one(whole, safe(result) if result else below_of(path), parameters)


def below_of(path: str) -> str:
    """Where the result of a listed photo goes: its own path, less what would lead out of the output."""
    if is_url(path):
        address = path.split("://", 1)[1]
        return safe(posixpath.join(posixpath.dirname(address.split("?")[0]), base(path)))
    return safe(path.replace(os.sep, "/"))


def safe(path: str) -> str:
    """A path without a root and without "..".

    Raises:
        PhotoError: nothing is left.
    """
    parts = [part.replace(":", "_") for part in path.split("/") if part not in ("", ".", "..")]
    if not parts:
        raise PhotoError(f"{path!r} is not the name of a photo")
    return "/".join(parts)


def matching(pattern: str) -> Iterator[Found]:
    """The pictures that wildcards find, "**" in any depth."""
    head = pattern[: WILD.search(pattern).start()]  # pyright: ignore[reportOptionalMemberAccess]: the caller looked
    root = head.rpartition("/")[0]
    empty = True
    if is_url(pattern):
        fs, path = opened(pattern)
        start = fs._strip_protocol(root)
        for place, info in sorted(fs.glob(path, detail=True).items()):
            if info.get("type") == "file" and pictured(place):
                empty = False
                yield Found(fs.unstrip_protocol(place), place.removeprefix(start).lstrip("/"), stamp_of(info))
    else:
        for path in glob.iglob(pattern, recursive=True):
            if not os.path.isdir(path) and not is_stream(path) and is_picture(Path(path)):
                empty = False
                yield one(path, Path(os.path.relpath(path, root or ".")).as_posix())
    if empty:
        yield Found(pattern, safe(WILD.sub("_", pattern)), problem=f"no picture matches {pattern}")


def pictured(name: str) -> bool:
    """Whether an object's name is a picture's; its bytes are not looked at."""
    suffix = posixpath.splitext(name)[1].lower()
    return suffix in SUFFIXES or suffix in NEAREST


def at_address(url: str, recursive: bool, output: str) -> Iterator[Found]:
    """The object of an address, or the pictures in that folder of a store."""
    if pictured(base(url)) or (url.lower().startswith("http") and not url.endswith("/")):
        yield Found(url, base(url) or "photo")
        return
    fs, root = opened(url)
    avoided = fs._strip_protocol(output) if is_url(output) else None
    empty = True
    for folder, below, files in fs.walk(root, maxdepth=None if recursive else 1, detail=True):
        below.pop(".imgen", None)
        if folder.rstrip("/") == avoided:
            below.clear()
            continue
        for name, info in sorted(files.items()):
            if pictured(name) and not name.startswith("."):
                empty = False
                inside = folder.removeprefix(root).strip("/")
                yield Found(fs.unstrip_protocol(info["name"]), posixpath.join(inside, name), stamp_of(info))
    if empty:
        yield Found(url, safe(base(url) or "folder"), problem=f"there are no pictures in {url}{hint(recursive)}")


def hint(recursive: bool) -> str:
    """What one may have forgotten."""
    return "" if recursive else "; -r takes those in its folders, too"


def checked_folder(folder: str, inside: str, recursive: bool, output: str) -> Iterator[Found]:
    """The pictures in a folder; where there are none, the folder with that problem."""
    empty = True
    avoided = os.path.realpath(output) if output and not is_url(output) else ""
    for found in in_folder(folder, inside, recursive, avoided):
        empty = False
        yield found
    if empty:
        text = f"there are no pictures in {folder}{hint(recursive)}"
        yield Found(folder, inside or safe(os.path.basename(os.path.realpath(folder)) or "folder"), problem=text)


def in_folder(folder: str, inside: str, recursive: bool, avoided: str) -> Iterator[Found]:
    """The pictures in a folder by name; hidden files, links to folders and the results' own folder are left out."""
    try:
        with os.scandir(folder) as scan:
            some = list(itertools.islice((e for e in scan if not e.name.startswith(".")), SORTED))
            some.sort(key=lambda entry: entry.name)
            yield from in_entries(itertools.chain(some, scan), inside, recursive, avoided)
    except OSError as error:
        yield Found(folder, inside or "folder", problem=f"the folder {folder} cannot be read: {error.strerror}")


def in_entries(entries: Iterable[os.DirEntry[str]], inside: str, recursive: bool, avoided: str) -> Iterator[Found]:
    """The pictures among a folder's entries."""
    for entry in entries:
        name = entry.name
        if name[0] == ".":
            continue
        below = f"{inside}/{name}" if inside else name
        if entry.is_dir():
            if recursive and not entry.is_symlink() and not (avoided and os.path.realpath(entry.path) == avoided):
                yield from in_folder(entry.path, below, True, avoided)
        elif entry.is_file() and is_picture(entry.path):
            yield Found(entry.path, below, stamp_at(entry.path) or Stamp(""))
