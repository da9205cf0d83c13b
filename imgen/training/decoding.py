"""How files, and pictures in packs, become the bytes that training sees."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from ..errors import ImgenError
from .packed import Packed
from .packfile import Unreadable

LOSSY = {".jpg", ".jpeg", ".webp"}
FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "BMP"]
# Stored at fewer bits a pixel than this, a lossy picture shows its compression: it is halved before it may
# serve as a clean target.
CLEAN_BITS_PER_PIXEL = 2.5
CHUNK = 64  # pictures that may be in memory at once while they are decoded

Crop = NDArray[np.uint8]
Made = TypeVar("Made")


class DataError(ImgenError):
    """The data folder cannot be trained on; the message says what to put there."""


class Damaged(DataError):  # what a file is, hence no such name  # noqa: N818
    """One file cannot be read; training goes on without it."""


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


def decoded(paths: Sequence[Path], read: Callable[[Path], Made]) -> Iterator[Made | Damaged]:
    """What is read of each picture, or what is wrong with it, in order; several are decoded at once."""

    def one(path: Path) -> Made | Damaged:
        try:
            return read(path)
        except Damaged as error:
            return error

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), CHUNK):
            yield from pool.map(one, paths[start : start + CHUNK])


def upright(path: Path) -> Pillow.Image:
    """A picture as it is to be looked at, in its own mode.

    Raises:
        Damaged: the file cannot be read; it is named.
    """
    if isinstance(path, Packed):
        entry = path.entry()
        if isinstance(entry, Unreadable):
            raise Damaged(f"{path}: {entry.reason}")
        return path.picture()
    try:
        with Pillow.open(path, formats=FORMATS) as opened:
            picture = ImageOps.exif_transpose(opened)
            picture.load()
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
        raise Damaged(f"{path}: it cannot be read ({error})") from error
    return picture


def decode(path: Path, decoding: Decoding) -> Crop:
    """One picture, upright, as bytes (H, W, 3) or (H, W).

    Raises:
        Damaged: the file cannot be read; it is named.
        DataError: it is no label picture.
    """
    picture = upright(path)
    if decoding.kind == "labels" and picture.mode not in ("P", "L", "1"):
        raise DataError(f"{path} is {picture.mode}, not a label picture; save class numbers as grey or palette PNG")
    if decoding.kind == "rgb":
        picture = picture.convert("RGB")
    elif decoding.kind == "mask":
        picture = picture.convert("L")
    if decoding.clean and compressed(path, path.stat().st_size, picture.width * picture.height):
        picture = picture.reduce(2)
    if decoding.side:
        picture = shrunk(picture, decoding.side, smooth=decoding.kind != "labels")
    return np.asarray(picture, np.uint8)


def compressed(path: Path, size: int, pixels: int) -> bool:
    """Whether a file of so many bytes is a lossy one whose compression shows."""
    return path.suffix.lower() in LOSSY and 8 * size / pixels < CLEAN_BITS_PER_PIXEL


def shrunk(picture: Pillow.Image, side: int, *, smooth: bool) -> Pillow.Image:
    """A picture whose shorter side is at most so long."""
    if min(picture.size) <= side:
        return picture
    scale = side / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Pillow.Resampling.BOX if smooth else Pillow.Resampling.NEAREST)
