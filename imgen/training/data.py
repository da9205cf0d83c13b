"""Folders of pictures for training, decoded once into one flat file of bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

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
    """Many pictures as one memory-mapped array of bytes.

    Args:
        folders: where the pictures are; all of them together are one set.
        decoding: how they are decoded.
        cache: where the decoded bytes are kept; a second run with the same files decodes nothing.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        decoding: Decoding = Decoding(),  # a tuple, never changed  # noqa: B008
        *,
        cache: Path | None = None,
    ) -> None:
        self.paths = [p for folder in folders for p in find_pictures(folder)]
        self.channels = 3 if decoding.kind == "rgb" else 1
        stem = (cache or cache_folder()) / fingerprint(self.paths, decoding)
        if not stem.with_suffix(".json").exists():
            decode_all(self.paths, stem, decoding)
        self.index = [Entry(*e) for e in json.loads(stem.with_suffix(".json").read_text())]
        self.bytes: NDArray[np.uint8] = np.memmap(stem.with_suffix(".bin"), dtype=np.uint8, mode="r")
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
    digest = hashlib.sha256(repr(decoding).encode())
    for path in paths:
        stat = path.stat()
        digest.update(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:24]


def decode_all(paths: Sequence[Path], stem: Path, decoding: Decoding) -> None:
    """Write `stem`.bin and, last of all, `stem`.json, so that a killed run leaves no half cache."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    index: list[Entry] = []
    offset = 0
    part = stem.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        for path in tqdm(paths, desc="decoding", unit="picture"):
            picture = decode(path, decoding)
            index.append(Entry(offset, *picture.shape[:2]))
            offset += file.write(picture.tobytes())
    part.replace(stem.with_suffix(".bin"))
    part.write_text(json.dumps(index))
    part.replace(stem.with_suffix(".json"))


def decode(path: Path, decoding: Decoding) -> Crop:
    """One picture, upright, as bytes (H, W, 3) or (H, W).

    Raises:
        DataError: the file cannot be read, or is no label picture; it is named.
    """
    try:
        with Pillow.open(path) as opened:
            picture = ImageOps.exif_transpose(opened)
            picture.load()
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read ({error}); remove it from the data folder") from error
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
