"""Folders of pictures for training, decoded once into one flat file of bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from ..contract.context import note
from ..errors import ImgenError
from .lines import counted

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
# Stored at fewer bits a pixel than this, a lossy picture shows its compression: it is halved before it may
# serve as a clean target.
CLEAN_BITS_PER_PIXEL = 2.5
CHUNK = 64  # pictures that may be in memory at once while they are decoded

Crop = NDArray[np.uint8]


class DataError(ImgenError):
    """The data folder cannot be trained on; the message says what to put there."""


class Damaged(DataError):  # what a file is, hence no such name  # noqa: N818
    """One file cannot be read; training goes on without it."""


class Entry(NamedTuple):
    """Where one picture lies in the flat file."""

    offset: int
    height: int
    width: int


class Decoding(NamedTuple):
    """How files become bytes.

    Attributes:
        kind: "rgb" pictures; "mask" a grey picture; "labels" the numbers of classes, from palette or grey files.
        clean: halve pictures whose compression shows, so that they can be targets of denoising.
        side: shrink pictures whose shorter side is longer than this; None keeps every size.
    """

    kind: Literal["rgb", "mask", "labels"] = "rgb"
    clean: bool = False
    side: int | None = None


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
        stem = (cache or cache_folder()) / fingerprint(files, decoding)
        if not stem.with_suffix(".json").exists():
            decode_all(files, stem, decoding)
        found: list[list[int] | str] = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        damaged = {path: reason for path, reason in zip(files, found, strict=True) if isinstance(reason, str)}
        if len(damaged) == len(files):
            raise DataError(f"none of the {len(files)} pictures can be read: {next(iter(damaged.values()))}")
        for reason in damaged.values():
            note(f"skipped {reason}")
        self.bytes: NDArray[np.uint8] = np.memmap(stem.with_suffix(".bin"), dtype=np.uint8, mode="r")
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
        for picture in counted(decoded(paths, decoding), len(paths), "pictures decoded"):
            if isinstance(picture, Damaged):
                index.append(str(picture))
            else:
                index.append(Entry(offset, *picture.shape[:2]))
                offset += file.write(picture.tobytes())
    part.replace(stem.with_suffix(".bin"))
    part.write_text(json.dumps(index), encoding="utf-8")
    part.replace(stem.with_suffix(".json"))


def decoded(paths: Sequence[Path], decoding: Decoding) -> Iterator[Crop | Damaged]:
    """Each picture, or what is wrong with it, in order; several are decoded at once."""

    def one(path: Path) -> Crop | Damaged:
        try:
            return decode(path, decoding)
        except Damaged as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), CHUNK):
            yield from pool.map(one, paths[start : start + CHUNK])


def decode(path: Path, decoding: Decoding) -> Crop:
    """One picture, upright, as bytes (H, W, 3) or (H, W).

    Raises:
        Damaged: the file cannot be read; it is named.
        DataError: it is no label picture.
    """
    try:
        with Pillow.open(path, formats=["JPEG", "PNG", "WEBP", "TIFF", "BMP"]) as opened:
            picture = ImageOps.exif_transpose(opened)
            picture.load()
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise Damaged(f"{path}: it cannot be read ({error})") from error
    if decoding.kind == "labels" and picture.mode not in ("P", "L", "1"):
        raise DataError(f"{path} is {picture.mode}, not a label picture; save class numbers as grey or palette PNG")
    if decoding.kind == "rgb":
        picture = picture.convert("RGB")
    elif decoding.kind == "mask":
        picture = picture.convert("L")
    lossy = path.suffix.lower() in {".jpg", ".jpeg", ".webp"}
    bits = 8 * path.stat().st_size / (picture.width * picture.height)
    if decoding.clean and lossy and bits < CLEAN_BITS_PER_PIXEL:
        picture = picture.reduce(2)
    if decoding.side and min(picture.size) > decoding.side:
        scale = decoding.side / min(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
        smooth = decoding.kind != "labels"
        picture = picture.resize(size, Pillow.Resampling.BOX if smooth else Pillow.Resampling.NEAREST)
    return np.asarray(picture, np.uint8)


def kept(count: int, held_out: int) -> int:
    """How many of `count` pictures are trained on.

    Raises:
        DataError: none are left.
    """
    if count <= held_out:
        raise DataError(f"{count} pictures are all held out for tests; put more there, or --set held_out=0")
    return count - held_out
