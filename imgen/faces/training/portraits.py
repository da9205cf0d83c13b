"""Aligned faces for training: pictures cropped alike, and what is known of each."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ...training.data import DataError, Pictures
from ...training.pairs import resize
from ..crop import SIZE


class Portraits(NamedTuple):
    """Faces whose eyes lie at the same places, `imgen.faces.EYES`.

    Attributes:
        images: (N, S, S, 3) bytes.
        names: of the attributes, as the table has them.
        attributes: (N, K), 0 or 1; K is 0 where there is no table.
    """

    images: NDArray[np.uint8]
    names: list[str]
    attributes: NDArray[np.float32]


def portraits(folders: Sequence[Path], size: int = SIZE) -> Portraits:
    """All aligned faces of some folders, in the order of their names, resized to `size` where they are not so.

    A folder holds pictures, or DIR/images/ with a table DIR/attributes.csv: a column `file` with their names, and a
    column of 0 and 1 for each attribute. Where one folder has no table, there are no attributes.

    Raises:
        DataError: a picture is not square or not in the table, or the tables have other columns.
    """
    pictures = Pictures([folder / "images" if (folder / "images").is_dir() else folder for folder in folders])
    for path, entry in zip(pictures.paths, pictures.index, strict=True):
        if entry.height != entry.width:
            raise DataError(f"{path} is {entry.width}x{entry.height}; aligned faces are square (see docs/faces.md)")
    squares = (pictures[i] for i in range(len(pictures)))
    images = np.stack([one if len(one) == size else resize(one, size, size) for one in squares])
    tables = [folder / "attributes.csv" for folder in folders]
    if not all(table.exists() for table in tables):
        return Portraits(images, [], np.zeros((len(images), 0), np.float32))
    names, known = read_tables(tables)
    missing = next((path for path in pictures.paths if path.name not in known), None)
    if missing:
        raise DataError(f"{missing} is not in {tables[0].name}; add a row for it or remove the picture")
    return Portraits(images, names, np.array([known[path.name] for path in pictures.paths], np.float32))


def located(names: Sequence[str], sliders: Mapping[str, str]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each slider the place of its column (K,), and 1, or -1 where its opposite is meant (K,).

    Args:
        names: the columns of a table.
        sliders: their columns by name; -COLUMN for the opposite.

    Raises:
        DataError: a column is missing.
    """
    places: list[int] = []
    for name, column in sliders.items():
        if column.removeprefix("-") not in names:
            raise DataError(f"slider {name}: there is no column {column}; the table has {', '.join(names)}")
        places.append(names.index(column.removeprefix("-")))
    signs = [-1.0 if column.startswith("-") else 1.0 for column in sliders.values()]
    return np.array(places, np.intp), np.array(signs, np.float32)


def columns(table: Portraits, sliders: Mapping[str, str]) -> NDArray[np.float32]:
    """For each face and slider (N, K) whether it has the attribute, 0 or 1; see `located`."""
    places, signs = located(table.names, sliders)
    values = table.attributes[:, places]
    return np.where(signs < 0, 1 - values, values).astype(np.float32)


def read_tables(tables: Sequence[Path]) -> tuple[list[str], dict[str, list[int]]]:
    """The names of the attributes, and for each file its row of 0 and 1."""
    names: list[str] = []
    known: dict[str, list[int]] = {}
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        if names and header[1:] != names:
            raise DataError(f"{table} has other columns than {tables[0]}; give all tables the same")
        names = header[1:]
        known |= {row[0]: [int(value) for value in row[1:]] for row in rows if row}
    return names, known


def batch_of(images: NDArray[np.uint8], chosen: NDArray[np.int64]) -> Tensor:
    """Those pictures (N, S, S, 3), each flipped or not by its number's sign, as (B, 3, S, S) in 0..1.

    A number n >= 0 takes picture n as it is, ~n the mirror image of picture n.
    """
    picked = images[np.where(chosen >= 0, chosen, ~chosen)]
    picked = np.where((chosen >= 0)[:, None, None, None], picked, picked[:, :, ::-1])
    return torch.from_numpy(picked).permute(0, 3, 1, 2).float().div(255).contiguous(memory_format=torch.channels_last)


def draw(rng: np.random.Generator, count: int, first: int, last: int) -> NDArray[np.int64]:
    """`count` numbers of pictures from first to last - 1, half of them as ~n for the mirror image."""
    chosen = rng.integers(first, last, count)
    return np.where(rng.random(count) < 0.5, chosen, ~chosen)


def moved(images: Tensor, rng: np.random.Generator, shift: float, turn: float, scale: float) -> Tensor:
    """Each picture (B, 3, S, S) shifted, turned and scaled a little at random; the border is continued.

    Args:
        images: any values.
        rng: the randomness of the step.
        shift: standard deviation in parts of the side.
        turn: standard deviation in degrees.
        scale: standard deviation of the logarithm of the scale.
    """
    count = len(images)
    angle = np.deg2rad(rng.normal(0, turn, count))
    factor = np.exp(rng.normal(0, scale, count))
    offset = rng.normal(0, 2 * shift, (2, count))  # affine_grid counts from -1 to 1
    grid = similarity(images, *(torch.from_numpy(part) for part in (angle, factor, offset)))
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def similarity(images: Tensor, angle: Tensor, factor: Tensor, offset: Tensor) -> Tensor:
    """Where each pixel of pictures (B, C, S, S) is taken from (B, S, S, 2), counted from -1 to 1.

    Args:
        images: whose shape counts.
        angle: (B,) in radians.
        factor: (B,), above 1 makes what is seen smaller.
        offset: (2, B), half a picture is 1.
    """
    cos, sin = factor * angle.cos(), factor * angle.sin()
    theta = torch.stack([cos, -sin, offset[0], sin, cos, offset[1]], 1).reshape(len(images), 2, 3)
    return F.affine_grid(theta.float(), list(images.shape), align_corners=False)


def random_faces(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels, for an export; faces have one size."""
    return {"image": rng.random((batch, 3, SIZE, SIZE), dtype=np.float32)}


def coarse_squares(rng: np.random.Generator, batch: int, size: int) -> NDArray[np.float32]:
    """Squares of random colour, 16 pixels wide (batch, 3, size, size): pictures that compress as well as faces do."""
    coarse = rng.random((batch, 3, size // 16, size // 16), dtype=np.float32)
    return coarse.repeat(16, axis=2).repeat(16, axis=3)
