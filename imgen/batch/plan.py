"""Which photos a batch has, and where each result goes; decided before anything is done."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import NamedTuple

from ..errors import PhotoError
from ..io.streams import OUTPUT, Spool, check_output, is_stream, shown_input, shown_output
from ..io.write import SUFFIXES
from .kinds import NEAREST, WILD, content, is_picture, with_suffix, writable_name

WRITTEN = ".jpg, .png, .tif, .webp or .gif"


class Source(NamedTuple):
    """A photo to read.

    Attributes:
        path: the file.
        name: what its user calls it.
        below: where its result goes below the output folder.
        problem: why it cannot be read, where that is known already.
    """

    path: Path
    name: str
    below: Path
    problem: str = ""


class Job(NamedTuple):
    """One photo and where its result goes.

    Attributes:
        photo: the file to read; None for a picture from nothing.
        output: the file to write; for a stream one whose suffix says the type.
        name: what the user calls the photo.
        stream: what to write to in place of a file: "-", a pipe or a device.
        note: what the user should know of the result's name.
        problem: why it cannot be done, where that is known already.
    """

    photo: Path | None
    output: Path
    name: str = ""
    stream: str = ""
    note: str = ""
    problem: str = ""

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return self.name or self.stream or str(self.output)


def sources(names: Sequence[str], spool: Spool, *, recursive: bool = False, output: str = "") -> list[Source]:
    """The photos that are named: files, streams, and folders, which stand for the pictures in them.

    One folder's pictures go into the output folder itself, those of one among several into a folder of its name.

    Args:
        names: as given on the command line; "-" is standard input.
        spool: takes in what comes from streams.
        recursive: also take the pictures of all folders below a folder.
        output: a folder that is not searched, as it holds results.
    """
    found: list[Source] = []
    for name in names:
        path = Path(name)
        if len(names) > 1 and path.is_dir() and os.path.realpath(path) == os.path.realpath(output or "-"):
            continue  # as in: imgen run * -o out, for the second time
        if is_stream(name):
            path = spool.take(name)
            found.append(Source(path, shown_input(name), Path(path.name)))
        elif path.is_dir():
            below = Path(path.resolve().name) if len(names) > 1 else Path()
            found += in_folder(path, below, recursive, output)
        else:
            nothing = WILD.search(name) is not None and not path.exists()
            found.append(Source(path, name, Path(path.name), f"no picture matches {name}" if nothing else ""))
    return found


def expanded(names: Sequence[str]) -> list[str]:
    """The names with wildcards filled in, which the shells of Windows leave to programs.

    Raises:
        PhotoError: a name is empty.
    """
    if not all(names):
        raise PhotoError("a photo's name is empty; is a variable not set?")
    found: list[str] = []
    for name in names:
        matching = [] if os.path.exists(name) or not WILD.search(name) else sorted(glob(name))
        found += matching or [name]
    return found


def in_folder(folder: Path, below: Path, recursive: bool, output: str) -> list[Source]:
    """The pictures in a folder by name; where there are none, the folder with that problem."""
    found = list(pictures_in(folder, below, recursive, output))
    if not found:
        hint = "" if recursive else "; -r takes those in its folders, too"
        found.append(Source(folder, str(folder), below, f"there are no pictures in {folder}{hint}"))
    return found


def pictures_in(folder: Path, below: Path, recursive: bool, output: str) -> Iterator[Source]:
    """The same; hidden files, links to folders and the folder of the results are left out."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        yield Source(folder, str(folder), below, f"the folder {folder} cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.is_dir():
            if recursive and not entry.is_symlink() and os.path.realpath(output or "-") != str(entry.resolve()):
                yield from pictures_in(entry, below / entry.name, True, output)
        elif not is_stream(str(entry)) and is_picture(entry):
            yield Source(entry, str(entry), below / entry.name)


def plan(photos: Sequence[Source], output: str, *, one: bool, suffix: str = "") -> list[Job]:
    """Where each photo's result goes: `output` itself for one photo, else a file of its name in that folder.

    Args:
        photos: what to read; none for a picture from nothing.
        output: a file, a folder, "-" for standard output, a pipe or a device.
        one: one file was named, not several and no folder.
        suffix: the type of all results, such as ".png"; empty takes each photo's own, or the nearest.

    Raises:
        PhotoError: two photos would share a result, `output` doesn't fit, or a file type that is not written.
    """
    if not output:
        raise PhotoError("-o is empty; name a file or a folder")
    if is_stream(output):
        return [streamed(photos, output, suffix)]
    if output.endswith((os.sep, os.altsep or os.sep)) or os.path.isdir(output) or (photos and not one):
        return into_folder(photos, output, suffix)
    path = Path(output)
    if photos and not path.suffix:
        return into_folder(photos, output, suffix)
    return [into_file(photos[0] if photos else None, path, suffix)]


def streamed(photos: Sequence[Source], output: str, suffix: str) -> Job:
    """One result for standard output, a pipe or a device, in the photo's own file type."""
    if len(photos) > 1:
        raise PhotoError(f"{len(photos)} photos cannot all be written to {shown_output(output)}; give a folder")
    check_output(output)
    name = "stdout" if output in OUTPUT else Path(output).name
    if not photos:
        return Job(None, Path(name + (suffix or ".png")), stream=output)
    photo = photos[0]
    own = photo.path.suffix.lower()
    suffix = suffix or content(photo.path) or (own if own in SUFFIXES else NEAREST.get(own, ".png"))
    return Job(photo.path, Path(name + suffix), photo.name, output, problem=photo.problem)


def into_file(photo: Source | None, path: Path, suffix: str) -> Job:
    """One result under the name that was given."""
    own, note = path.suffix.lower(), ""
    if own in NEAREST:
        path = with_suffix(path, suffix or NEAREST[own])
        note = why_changed(own)
    elif own not in SUFFIXES:
        raise PhotoError(
            f"{path}: cannot save {own or 'without a suffix'}; use {WRITTEN}, or name a folder: {path}{os.sep}"
        )
    elif suffix and SUFFIXES[own] != SUFFIXES[suffix]:
        raise PhotoError(f"{path} is not the name of a {SUFFIXES[suffix]} file; leave out --format, or change the name")
    if photo is None:
        return Job(None, path, note=note)
    return Job(photo.path, path, photo.name, note=note, problem=photo.problem)


def into_folder(photos: Sequence[Source], output: str, suffix: str) -> list[Job]:
    """One result for each photo, of its name."""
    folder = Path(output)
    if not photos:
        raise PhotoError(f"{output} is a folder; name the picture, such as {folder / 'picture.png'}")
    if folder.suffix.lower() in (*SUFFIXES, *NEAREST) and not folder.is_dir() and not output.endswith(("/", os.sep)):
        raise PhotoError(
            f"{output} is the name of one file; give a folder for the results: {folder.with_suffix('')}{os.sep}"
        )
    return list(unique(photos, [result_name(photo, suffix) for photo in photos], folder, suffix))


def result_name(photo: Source, suffix: str) -> Path:
    """Where a photo's result goes below the output folder; what cannot be read has none, and keeps its own name."""
    if photo.problem:
        return photo.below
    return with_suffix(photo.below, suffix) if suffix else writable_name(photo.below, photo.path)


def unique(photos: Sequence[Source], names: Sequence[Path], folder: Path, suffix: str) -> Iterator[Job]:
    """Jobs whose results have names of their own; of two that would share one, a changed one keeps its whole name.

    So IMG_1.HEIC beside IMG_1.jpg becomes IMG_1.HEIC.jpg.

    Raises:
        PhotoError: two photos have one name.
    """
    kept = {caseless(folder / name) for photo, name in zip(photos, names, strict=True) if name == photo.below}
    taken: dict[str, str] = {}
    for photo, name in zip(photos, names, strict=True):
        if photo.problem:
            yield Job(photo.path, folder / photo.below, photo.name, problem=photo.problem)
            continue
        changed = name != photo.below
        if changed and (caseless(folder / name) in kept or caseless(folder / name) in taken):
            name = photo.below.with_name(photo.below.name + name.suffix)
        path = folder / name
        if caseless(path) in taken:
            raise PhotoError(f"{taken[caseless(path)]} and {photo.name} would both be saved as {path}; rename one")
        taken[caseless(path)] = photo.name
        plain = not changed or suffix or photo.name != str(photo.path)  # of a stream no name is expected
        note = "" if plain else why_changed(photo.below.suffix)
        yield Job(photo.path, path, photo.name, note=note)


def why_changed(suffix: str) -> str:
    """The note on a result that has another suffix than its photo."""
    return f"imgen writes no {suffix} files" if suffix else "the photo's name doesn't say what type it is"


def caseless(path: Path) -> str:
    """A result's name for comparing: some file systems ignore case."""
    return os.path.realpath(path).casefold()


def is_one_file(names: Sequence[str]) -> bool:
    """Whether one file is named, and not several or a folder."""
    return len(names) == 1 and not os.path.isdir(names[0])
