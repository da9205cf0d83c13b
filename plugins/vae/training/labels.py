"""Which faces have what: the codes, labels and light that directions are learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import imgen
from imgen import faces
from imgen.training.data import DataError, find_pictures

from ..tools.codes import HEAD, Space, latent, reconstructed

FEWEST = 8  # faces of each kind from which a direction can be learned
LIGHT = "light"  # kept by a slider that leaves it alone
LIGHTS = 4  # figures of the light, see `lighting`


def encoded(crops: NDArray[np.float32], space: Space = HEAD) -> NDArray[np.float32]:
    """The codes (N, latent) of aligned faces (N, S, S, 3) in one space."""
    zeros = np.zeros((100, latent(space)), np.float32)
    batches = [crops[i : i + 100] for i in range(0, len(crops), 100)]
    return np.concatenate([reconstructed(b, zeros[: len(b)], space)[1] for b in tqdm(batches, desc="encoding")])


def lighting(crops: NDArray[np.float32], area: tuple[slice, slice] = np.s_[20:56, 20:44]) -> NDArray[np.float32]:
    """The light on the face (N, LIGHTS): its mean red, green and blue, and how much brighter its left half is.

    Args:
        crops: aligned faces (N, S, S, 3).
        area: the rows and columns of the face in them.
    """
    face = crops[:, *area]
    half = face.shape[2] // 2
    across = face[:, :, :half].mean((1, 2, 3)) - face[:, :, half:].mean((1, 2, 3))
    return np.column_stack([face.mean((1, 2)), across]).astype(np.float32)


def two_folders(present: Path, absent: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Aligned faces (N, 64, 64, 3) of the photos in both folders, and 1 or 0 (N, 1) for the first or the second.

    Raises:
        DataError: too few faces were found in one of them.
    """
    crops: list[NDArray[np.float32]] = []
    truth: list[float] = []
    for folder, value in ((present, 1.0), (absent, 0.0)):
        before = len(crops)
        for path in tqdm(find_pictures(folder), desc=f"faces in {folder.name}"):
            photo = imgen.open(path).pixels
            aligned = photo.shape[:2] == (faces.SIZE, faces.SIZE)
            found = [photo] if aligned else [faces.align(photo, face) for face in faces.find(photo)[:1]]
            crops += found
            truth += [value] * len(found)
        if len(crops) - before < FEWEST:
            raise DataError(f"{folder} shows {len(crops) - before} faces; put at least {FEWEST} photos of faces there")
    return np.stack(crops), np.array(truth, np.float32)[:, None]
