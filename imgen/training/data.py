"""Folders of pictures for training, decoded once into one flat file of bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps
from tqdm import tqdm

from ..errors import ImgenError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
# Stored at fewer bits a pixel than this, a lossy picture shows its compression: it is halved before it may
# serve as a clean target.
CLEAN_BITS_PER_PIXEL = 2.5

Crop = NDArray[np.uint8]


class DataError(ImgenError):
    """The data folder cannot be trained on; the message says what to put there."""


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
    """Many RGB pictures as one memory-mapped array of bytes.

    Args:
        folders: where the pictures are; all of them together are one set.
        clean: halve pictures whose compression shows, so that they can be targets of denoising.
        cache: where the decoded bytes are kept; a second run with the same files decodes nothing.
    """

    def __init__(self, folders: Sequence[Path], *, clean: bool = False, cache: Path | None = None) -> None:
        paths = [p for folder in folders for p in find_pictures(folder)]
        stem = (cache or cache_folder()) / fingerprint(paths, clean)
        if not stem.with_suffix(".json").exists():
            decode_all(paths, stem, clean)
        self.index = [Entry(*e) for e in json.loads(stem.with_suffix(".json").read_text())]
        self.bytes: NDArray[np.uint8] = np.memmap(stem.with_suffix(".bin"), dtype=np.uint8, mode="r")
        area = np.array([e.height * e.width for e in self.index], dtype=np.float64)
        self._chance = np.cumsum(area / area.sum())

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, i: int) -> Crop:
        """Picture `i` as (H, W, 3) bytes."""
        e = self.index[i]
        return self.bytes[e.offset : e.offset + e.height * e.width * 3].reshape(e.height, e.width, 3)

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


def fingerprint(paths: Sequence[Path], clean: bool) -> str:
    """A name that changes when a file is added, removed or changed."""
    digest = hashlib.sha256(b"clean" if clean else b"as is")
    for path in paths:
        stat = path.stat()
        digest.update(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def decode_all(paths: Sequence[Path], stem: Path, clean: bool) -> None:
    """Write `stem`.bin and, last of all, `stem`.json, so that a killed run leaves no half cache."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    index: list[Entry] = []
    offset = 0
    part = stem.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        for picture in tqdm(decoded(paths, clean), total=len(paths), desc="decoding", unit="picture"):
            index.append(Entry(offset, *picture.shape[:2]))
            offset += file.write(picture.tobytes())
    part.replace(stem.with_suffix(".bin"))
    part.write_text(json.dumps(index))
    part.replace(stem.with_suffix(".json"))


def decoded(paths: Sequence[Path], clean: bool) -> Iterator[Crop]:
    """Each picture as upright RGB bytes.

    Raises:
        DataError: a file that cannot be read, named.
    """
    for path in paths:
        try:
            with Pillow.open(path) as opened:
                picture = ImageOps.exif_transpose(opened).convert("RGB")
        except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
            raise DataError(f"{path} cannot be read ({error}); remove it from the data folder") from error
        lossy = path.suffix.lower() in {".jpg", ".jpeg", ".webp"}
        bits = 8 * path.stat().st_size / (picture.width * picture.height)
        if clean and lossy and bits < CLEAN_BITS_PER_PIXEL:
            picture = picture.reduce(2)
        yield np.asarray(picture)
