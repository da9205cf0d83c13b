"""Folders of pictures for training, decoded once into one flat file of bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..contract.context import note
from .decoding import Crop as Crop
from .decoding import Damaged as Damaged
from .decoding import DataError as DataError
from .decoding import Decoding as Decoding
from .decoding import compressed, decoded
from .decoding import decode as decode
from .lines import counted
from .packed import Packed
from .packfile import CHANNELS, Picture, Unreadable

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
UNLIKE = {("1", "mask"), ("1", "labels"), ("P", "mask")}  # packed otherwise than the pixels that these kinds are


class Entry(NamedTuple):
    """Where one picture lies in the flat file."""

    offset: int
    height: int
    width: int


def find_pictures(folder: Path) -> list[Path]:
    """Every picture below `folder`, in a fixed order.

    Raises:
        DataError: there is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; give --data a folder of pictures")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"no pictures below {folder}; put some {', '.join(sorted(SUFFIXES))} files there")
    return found


class Pictures:
    """Many pictures as one memory-mapped array of bytes. Files that cannot be read are left out, with a note for each.

    From a pack that holds them as they are asked for, they are taken where they lie.

    Attributes:
        files: all that were found.
        paths: those that can be read, in the same order.
        index: where each of these lies.

    Args:
        folders: where the pictures are; all of them together are one set.
        decoding: how they are decoded.
        cache: where the decoded bytes are kept; a second run with the same files decodes nothing.

    Raises:
        DataError: a folder holds no picture, or none that can be read; or a label picture that is none.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        decoding: Decoding = Decoding(),  # a tuple, never changed  # noqa: B008
        *,
        cache: Path | None = None,
    ) -> None:
        self.files = files = [p for folder in folders for p in find_pictures(folder)]
        self.channels = 3 if decoding.kind == "rgb" else 1
        self.bytes, found = in_pack(files, decoding) or in_cache(files, decoding, cache or cache_folder())
        damaged = {path: reason for path, reason in zip(files, found, strict=True) if isinstance(reason, str)}
        if len(damaged) == len(files):
            raise DataError(f"none of the {len(files)} pictures can be read: {next(iter(damaged.values()))}")
        for reason in damaged.values():
            note(f"skipped {reason}")
        self.entries = {path: Entry(*e) for path, e in zip(files, found, strict=True) if not isinstance(e, str)}
        self.keep(self.entries)

    def keep(self, paths: Collection[Path]) -> None:
        """Make these all that there is."""
        entries = {path: entry for path, entry in self.entries.items() if path in paths}
        self.paths, self.index = list(entries), list(entries.values())
        area = np.array([e.height * e.width for e in self.index], dtype=np.float64)
        self._chance = np.cumsum(area / area.sum())

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, i: int) -> Crop:
        """Picture `i` as (H, W, 3) bytes, or (H, W, 1) for masks and labels."""
        e = self.index[i]
        end = e.offset + e.height * e.width * self.channels
        return self.bytes[e.offset : end].reshape(e.height, e.width, self.channels)

    def crops(self, rng: np.random.Generator, count: int, size: int) -> Crop:
        """`count` random crops (count, size, size, 3), flipped and turned; each pixel is equally likely."""
        chosen = np.searchsorted(self._chance, rng.random(count)).clip(max=len(self) - 1)
        return np.stack([turn(cut(self[int(i)], rng, size), rng) for i in chosen])


def cut(picture: Crop, rng: np.random.Generator, size: int) -> Crop:
    """A random (size, size, 3) part; a smaller picture is continued by reflection."""
    short = [max(0, size - n) for n in picture.shape[:2]]
    if any(short):
        picture = np.pad(picture, ((0, short[0]), (0, short[1]), (0, 0)), mode="symmetric")
    top = int(rng.integers(picture.shape[0] - size + 1))
    left = int(rng.integers(picture.shape[1] - size + 1))
    return picture[top : top + size, left : left + size]


def turn(crop: Crop, rng: np.random.Generator) -> Crop:
    """One of the eight ways to lay a square."""
    way = int(rng.integers(8))
    crop = np.rot90(crop, way % 4)
    return crop[:, ::-1] if way >= 4 else crop


def cache_folder() -> Path:
    """Where decoded pictures are kept: $IMGEN_CACHE, or the user's cache folder."""
    base = os.environ.get("IMGEN_CACHE")
    return Path(base) if base else Path.home() / ".cache" / "imgen" / "data"


def in_cache(files: Sequence[Path], decoding: Decoding, cache: Path) -> tuple[Crop, list[Any]]:
    """The decoded bytes, and for each file its `Entry` or why it cannot be read."""
    stem = cache / fingerprint(files, decoding)
    if not stem.with_suffix(".json").exists():
        decode_all(files, stem, decoding)
    found = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
    data = stem.with_suffix(".bin")
    return np.memmap(data, np.uint8, "r") if data.stat().st_size else np.empty(0, np.uint8), found


def in_pack(files: Sequence[Path], decoding: Decoding) -> tuple[Crop, list[Any]] | None:
    """The same without decoding anything, if one pack holds all of them just so; else None."""
    if not isinstance(files[0], Packed):
        return None
    home, channels = files[0].place()[0], 3 if decoding.kind == "rgb" else 1
    above = f"{home.path}{os.sep}"
    found: list[Entry | str] = []
    for path in files:
        name = str(path).removeprefix(above).replace(os.sep, "/")  # Path's own ways take longer, and there may be many
        entry = home.entries.get(name) if str(path).startswith(above) else None
        if isinstance(entry, Picture):
            large = decoding.side is not None and min(entry.height, entry.width) > decoding.side
            halved = decoding.clean and compressed(path, entry.size, entry.height * entry.width)
            if large or halved or CHANNELS[entry.mode] != channels or (entry.mode, decoding.kind) in UNLIKE:
                return None
            found.append(Entry(entry.offset, entry.height, entry.width))
        elif isinstance(entry, Unreadable):
            found.append(f"{path}: {entry.reason}")
        else:
            return None
    return home.bytes, found


def fingerprint(paths: Sequence[Path], decoding: Decoding) -> str:
    """A name that changes when a file is added, removed or changed, or is to be decoded otherwise."""
    digest = hashlib.sha256(f"2 {decoding!r}".encode())  # 2: of the format
    for path in paths:
        stat = path.stat()
        digest.update(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def decode_all(paths: Sequence[Path], stem: Path, decoding: Decoding) -> None:
    """Write `stem`.bin and, last of all, `stem`.json, so that a killed run leaves no half cache.

    The second file holds an `Entry` for each picture, or why it cannot be read.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    index: list[Entry | str] = []
    offset = 0
    part = stem.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        for picture in counted(decoded(paths, lambda path: decode(path, decoding)), len(paths), "pictures decoded"):
            if isinstance(picture, Damaged):
                index.append(str(picture))
            else:
                index.append(Entry(offset, *picture.shape[:2]))
                offset += file.write(picture.tobytes())
    part.replace(stem.with_suffix(".bin"))
    part.write_text(json.dumps(index), encoding="utf-8")
    part.replace(stem.with_suffix(".json"))


def kept(count: int, held_out: int) -> int:
    """How many of `count` pictures are trained on.

    Raises:
        DataError: none are left.
    """
    if count <= held_out:
        raise DataError(f"{count} pictures are all held out for tests; put more there, or --set held_out=0")
    return count - held_out
