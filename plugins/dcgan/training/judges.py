"""Who says what a made face shows, so that directions can be learned from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from imgen.contract.arrays import Array
from imgen.faces import SIZE
from imgen.faces.attributes import COLUMNS
from imgen.faces.training.classifier import feature_network
from imgen.faces.training.judges import Judge
from imgen.faces.training.marks import Classifier, known, marks, people, seen
from imgen.faces.training.measures import planes
from imgen.faces.training.portraits import located, portraits
from imgen.training.data import DataError, Pictures

BATCH = 100
SHOWN = 128  # pixels at which the network of the marks sees faces
PEOPLE = 4  # of the faces without marks one of so many is learned from, which are enough for age and gender
HELD_OUT = 500  # the last faces, whose marks are for tests


class Celebrities:
    """The network that features of losses come from, which learned celebrities' attributes (faces 1 to 4,500).

    Attributes:
        names: of what it tells.
    """

    names = tuple(COLUMNS)
    close = False  # how faces lie that it knows

    def __init__(self, folders: Sequence[Path]) -> None:
        self.places, self.signs = located(portraits(folders).names, COLUMNS)
        self.network = feature_network()

    def __call__(self, made: Array) -> Array:
        """Chances (N, K) of faces (N, 64, 64, 3) in 0..1."""
        found: list[Array] = []
        for start in range(0, len(made), BATCH):
            with torch.no_grad():
                logits, _ = self.network(torch.from_numpy(planes(made[start : start + BATCH])))
            found.append((logits[:, self.places] * torch.from_numpy(self.signs)).sigmoid().numpy())
        return np.concatenate(found)


class Marked:
    """Classifiers that learned from FairFace's labels and from marks made by eye, see `imgen.faces.training.marks`.

    Attributes:
        names: of what they tell; age is from 0 (an infant) to 1 (over 70).
        images: (N, 64, 64, 3), bytes, which they learned from.
        faces: the same in 0..1.
        truth: (N, K) of these, marks where there are any.
    """

    names = ("age", "gender", *marks()[0])
    close = True  # how faces lie that it knows

    def __init__(self, folders: Sequence[Path]) -> None:
        if len(folders) != 1:
            raise DataError(f"give --data one folder, fairface_128; got {len(folders)}")
        files = [path.name for path in Pictures([folders[0] / "images"]).paths]
        rows, marked = people(folders[0]), marks()[1]
        used = [i for i, file in enumerate(files) if i < len(files) - HELD_OUT and (file in marked or i % PEOPLE == 0)]
        files = [files[i] for i in used]
        self.images = portraits(folders, SIZE).images[used]
        self.faces = self.images.astype(np.float32) / np.float32(255)
        self.features = features = seen(enlarged(self.images))
        _, shown, self.marks = known(files, features, 0)
        told = np.array([rows[file][:2] for file in files], np.float32)
        self.people = Classifier(features, told)
        self.truth = np.concatenate([told, shown], 1)

    def ordered(self) -> Array:
        """The truth (N, K) with age and gender at the end, as `imgen.faces.training.asked` has it."""
        return np.roll(self.truth, -2, 1)

    def whole(self) -> Judge:
        """One network that says all of it, in that order, for gradients."""
        return Judge(Classifier(self.features, self.ordered()))

    def __call__(self, made: Array) -> Array:
        """Chances (N, K) of faces (N, 64, 64, 3) in 0..1."""
        features = seen(enlarged((made * 255).round().astype(np.uint8)))
        return np.concatenate([self.people(features), self.marks(features)], 1)


def enlarged(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Faces (N, S, S, 3) at SHOWN pixels, real ones as soft as made ones."""
    found: list[NDArray[np.uint8]] = []
    for start in range(0, len(images), BATCH):
        part = torch.from_numpy(images[start : start + BATCH]).permute(0, 3, 1, 2).float()
        large = F.interpolate(part, size=SHOWN, mode="bilinear", align_corners=False)
        found.append(large.round().to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return np.concatenate(found)


JUDGES = {"celebrities": Celebrities, "marks": Marked}
