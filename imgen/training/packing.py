"""`imgen pack`: write folders of pictures into one file, decoded."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image as Pillow

from .data import SUFFIXES
from .decoding import FORMATS, Damaged, DataError, decoded, shrunk, upright
from .lines import counted
from .packfile import CHANNELS, END, MAGIC, TAIL, VERSION

BESIDE = {".csv", ".json", ".txt", ".gz"}  # what trainers read besides pictures
GREY = {"L", "P", "1"}
Named = Sequence[tuple[str, Path]]  # names in the pack, and files


class Packing(NamedTuple):
    """What went into a pack, in numbers.

    Attributes:
        pictures: that were decoded.
        files: others that were taken as they are.
        damaged: why pictures could not be read.
        left: files that are neither and were left out.
        size: bytes of the pack.
    """

    pictures: int
    files: int
    damaged: list[str]
    left: int
    size: int


class Read(NamedTuple):
    """A picture as it is packed.

    Attributes:
        mode: "RGB", or what Pillow calls a grey one.
        pixels: (H, W, 3) or (H, W).
        size: bytes of its file.
        palette: red, green and blue of each number; empty where there is none.
    """

    mode: str
    pixels: np.ndarray[Any, np.dtype[np.uint8]]
    size: int
    palette: bytes


def write_pack(sources: Sequence[Path], out: Path, size: int | None = None) -> Packing:
    """Write folders, and single files, into a pack. Their order and names are kept, and what cannot be read is noted.

    Args:
        sources: each becomes one `--data` of a trainer.
        out: the file, replaced when all is written.
        size: shrink pictures whose shorter side is longer than this; None keeps every size.

    Raises:
        DataError: nothing is there, or `size` would blend masks or numbers of classes.
    """
    named = [
        (place(own_name(i, sources), source, path), path)
        for i, source in enumerate(sources)
        for path in files_of(source)
    ]
    pictures = [(name, path) for name, path in named if path.suffix.lower() in SUFFIXES]
    beside = [(name, path) for name, path in named if path.suffix.lower() in BESIDE]
    if not pictures and not beside:
        raise DataError(f"no pictures below {', '.join(map(str, sources))}; put some there")
    grey = grey_folders([path for _, path in pictures])
    if size and grey:
        raise DataError(
            f"{next(iter(grey))} holds grey pictures alone, which may be masks or numbers of classes that --size would "
            "blend; leave out --size, or pack the photos by themselves"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            writer = Writer(file)
            writer.fill(pictures, beside, lambda path: read(path, path.parent in grey, size))
            writer.finish({"roots": [own_name(i, sources) for i in range(len(sources))], "size": size})
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    damaged = [f"{name}: {reason}" for name, reason in writer.unreadable]
    left = len(named) - len(pictures) - len(beside)
    return Packing(len(writer.pictures), len(beside), damaged, left, out.stat().st_size)


class Writer:
    """Appends pictures and files, and at last the index."""

    def __init__(self, file: BinaryIO) -> None:
        self.out, self.offset, self.crc = file, len(MAGIC), 0
        self.pictures: list[list[Any]] = []
        self.files: list[list[Any]] = []
        self.unreadable: list[list[str]] = []
        self.palettes: dict[bytes, int] = {}
        file.write(MAGIC)

    def fill(self, pictures: Named, beside: Named, read: Callable[[Path], Read]) -> None:
        """All pictures, then all files beside them."""
        reads = decoded([path for _, path in pictures], read)
        for (name, path), one in zip(pictures, counted(reads, len(pictures), "pictures packed"), strict=True):
            self.picture(name, path, one)
        for name, path in beside:
            data = path.read_bytes()
            self.files.append([name, self.append(data), len(data)])

    def append(self, data: bytes) -> int:
        """Returns where it went."""
        begun = self.offset
        self.out.write(data)
        self.crc, self.offset = zlib.crc32(data, self.crc), begun + len(data)
        return begun

    def picture(self, name: str, path: Path, one: Read | Damaged) -> None:
        """A picture, or why it cannot be read."""
        if isinstance(one, Damaged):
            self.unreadable.append([name, str(one).removeprefix(f"{path}: ")])
            return
        row = [name, one.mode, self.append(one.pixels.tobytes()), *one.pixels.shape[:2], one.size]
        palette = [self.palettes.setdefault(one.palette, len(self.palettes))] if one.palette else []
        self.pictures.append(row + palette)

    def finish(self, index: dict[str, Any]) -> None:
        """The index, and where it begins."""
        index |= {"version": VERSION, "pictures": self.pictures, "files": self.files, "unreadable": self.unreadable}
        index |= {"palettes": [palette.hex() for palette in self.palettes], "end": self.offset, "crc": self.crc}
        text = json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()
        self.out.write(text + TAIL.pack(len(text), zlib.crc32(text), END))


def read(path: Path, grey: bool, size: int | None) -> Read:
    """A picture as its trainers will ask for it: in colour, or grey or with a palette as it is where all are so.

    Raises:
        Damaged: it cannot be read.
    """
    picture = upright(path)
    mode = picture.mode if grey and picture.mode in GREY else "RGB"
    picture = picture if picture.mode == mode else picture.convert(mode)
    palette = bytes(picture.getpalette("RGB") or ()) if mode == "P" else b""
    picture = shrunk(picture, size, smooth=True) if size else picture
    pixels = np.asarray(picture, np.uint8) * np.uint8(255 if mode == "1" else 1)
    assert CHANNELS[mode] == (3 if pixels.ndim == 3 else 1)
    return Read(mode, pixels, path.stat().st_size, palette)


def grey_folders(pictures: Sequence[Path]) -> set[Path]:
    """The folders of masks and numbers of classes: those in which no picture is in colour.

    A grey photo among colour ones is wanted in colour, as they are.
    """
    modes: dict[Path, set[str]] = {}
    for path, mode in zip(pictures, decoded(pictures, mode_of), strict=True):
        modes.setdefault(path.parent, set()).update({mode} if isinstance(mode, str) else ())
    return {folder for folder, found in modes.items() if found and found <= GREY}


def mode_of(path: Path) -> str:
    """What Pillow calls the kind of pixels of a file; only its head is read."""
    try:
        with Pillow.open(path, formats=FORMATS) as picture:
            return picture.mode
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise Damaged(f"{path}: {error}") from error


def own_name(number: int, sources: Sequence[Path]) -> str:
    """What a source is called in the pack: its own name, with its number where others are called so, too."""
    names = [source.resolve().name for source in sources]
    return names[number] if names.count(names[number]) == 1 else f"{names[number]}~{number + 1}"


def files_of(source: Path) -> list[Path]:
    """All files of a folder in a fixed order; a file itself.

    Raises:
        DataError: there is nothing.
    """
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise DataError(f"there is no {source}; give folders of pictures")
    return sorted(path for path in source.rglob("*") if path.is_file())


def place(name: str, source: Path, path: Path) -> str:
    """What a file is called in the pack."""
    return name if path == source else f"{name}/{path.relative_to(source).as_posix()}"
