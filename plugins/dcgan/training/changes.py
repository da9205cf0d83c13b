"""Changes of codes and of a generator's first features, and the faces that they are learned from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from imgen.contract.arrays import Array
from imgen.faces.training.judges import Judge
from imgen.training import checkpoint
from imgen.training.checkpoint import as_bytes
from imgen.training.data import DataError

from ..networks import Searchable
from ..tools.attribute_words import FULL
from ..tools.codes import network
from .judges import SHOWN

PART = 50  # faces judged at once
NAMES = ("smile", "mouth_open", "age", "glasses", "sunglasses", "gender", "beard", "moustache", "makeup", "eyes_closed")
LIMIT = 1.3 * FULL  # of amounts, which grow ever slower


class Bases(NamedTuple):
    """Faces that are changed.

    Attributes:
        codes: (N, code).
        pictures: (N, 64, 64, 3), bytes.
        shown: (N, K) what they show, to the judge.
    """

    codes: Array
    pictures: NDArray[np.uint8]
    shown: Array


def looked_at(codes: Array, generator: Searchable, judge: Judge) -> Bases:
    """The faces of codes (N, code)."""
    made: list[NDArray[np.uint8]] = []
    shown: list[Array] = []
    with torch.no_grad():
        for start in tqdm(range(0, len(codes), PART), desc="faces to change"):
            faces = generator.pictures(torch.from_numpy(codes[start : start + PART]))
            shown.append(judge(enlarged(faces)).sigmoid().numpy())
            made.append((faces * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return Bases(codes, np.concatenate(made), np.concatenate(shown))


def enlarged(faces: Tensor) -> Tensor:
    """Faces (B, 3, S, S) at SHOWN pixels, as a judge sees them."""
    return F.interpolate(faces, size=SHOWN, mode="bilinear", align_corners=False)


class Drawn(nn.Module):
    """A generator that learns on, with the search around it.

    Args:
        whole: with its critic, which stays as it is.
        checksum: SHA-256 of the model whose codes it keeps.
    """

    of: Tensor  # (32,) its bytes

    def __init__(self, whole: Searchable, checksum: str) -> None:
        super().__init__()
        self.whole = whole
        self.register_buffer("of", as_bytes(checksum))
        for part in self.learning():
            part.requires_grad_(True)

    def learning(self) -> list[nn.Parameter]:
        """The generator's weights."""
        parts = self.whole.linear, self.whole.first, self.whole.drawing
        return [weight for part in parts for weight in part.parameters()]

    def forward(self, code: Tensor, extra: Tensor) -> Tensor:
        """(B, 3, 64, 64) in 0..1 of codes (B, code) and changes of the first features (B, features)."""
        whole = self.whole
        start = whole.start(code) + extra.unflatten(1, (-1, whole.base, whole.base))
        return whole.drawing(start)[0].sigmoid()


class Changes(nn.Module):
    """What brings each of some things (0) and what takes it (1).

    Args:
        count: of things.
        code: numbers in a code.
        features: numbers that the generator's first layer gives.
    """

    def __init__(self, count: int, code: int, features: int) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.zeros(2, count, code))
        self.features = nn.Parameter(torch.zeros(2, count, features))


def check_run(folder: Path) -> None:
    """That it is the run that the dcgan/faces in use comes from.

    Raises:
        DataError: it is another one, or none.
    """
    run = folder / checkpoint.CHECKPOINT
    if not run.exists():
        raise DataError(f"there is no {run}; give learned=RUN, a folder of `imgen train dcgan/faces-edits --out RUN`")
    about, card = checkpoint.about(run), network().card["training"]
    if any(about[key] != card[key] for key in ("model", "step", "seconds")):
        raise DataError(f"the dcgan/faces in use comes from another run; imgen export {folder} --name dcgan/faces")


def taken(folder: Path) -> list[Tensor]:
    """A run's changes of codes (2, K, code) and of features (2, K, features), K as NAMES."""
    tensors, _ = checkpoint.read(folder / checkpoint.CHECKPOINT)
    return [tensors[f"net/changes/{part}"].float() for part in ("codes", "features")]


class Sums(nn.Module):
    """What is exported: sums of normals, and changes.

    Args:
        normals: weights (B, K) to sums of normals (B, code).
        places: of the weights of what there are M changes of.
        codes: (2, M, code), changes of FULL of each, and of -FULL.
        features: (2, M, features).
    """

    def __init__(self, normals: nn.Module, places: list[int], codes: Tensor, features: Tensor) -> None:
        super().__init__()
        self.normals, self.places = normals, places
        full = LIMIT * math.tanh(FULL / LIMIT)  # what becomes of FULL
        self.codes, self.features = (nn.Parameter(part.flatten(0, 1) / full, False) for part in (codes, features))

    def forward(self, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights (B, K) to sums of normals (B, code), changes of code (B, code) and of features (B, features)."""
        amounts = LIMIT * torch.tanh(weights[:, self.places] / LIMIT)
        both = torch.cat([amounts.relu(), (-amounts).relu()], 1)
        return self.normals(weights), both @ self.codes, both @ self.features
