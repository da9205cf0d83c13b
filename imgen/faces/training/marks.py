"""What faces show that no table of the data says: marks made by eye, and a classifier that learns from them.

`exports/core/closeup-marks.csv` holds 1,040 faces of FairFace, of which 200 are of the last 500. They were looked at on
sheets of forty at 128 pixels: 440 drawn at random, 440 in which a network of celebrities saw something rare, 160 of
which the classifier was least sure; then the 80 on which marks and classifier disagreed most were looked at again.
smile: the corners of the mouth go up. teeth: any are seen. mouth_open: the jaw is down or the lips are apart without a
smile. glasses: of any kind; sunglasses: no eye is seen through them. beard, moustache: more than stubble. hat: anything
on the head but hair. eyes_closed: or cast down so that only lids are seen. makeup: plain to see at this size.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from ...contract.arrays import Array
from ...inference.registry import shipped
from ...training.backbone import Kind, pretrained
from ...training.data import DataError, Pictures
from .portraits import portraits

MARKS = "closeup-marks.csv"
SHOWN = 128  # side in pixels of the faces that are looked at
RIDGE = 0.05  # of the classifier's weights
AGES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")


def marks() -> tuple[list[str], dict[str, list[int]]]:
    """The names of what was marked, and for each picture's name its row of 0 and 1."""
    text = (shipped("core") / MARKS).read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines())
    return header[1:], {row[0]: [int(value) for value in row[1:]] for row in rows}


def people(folder: Path) -> dict[str, tuple[float, float, str]]:
    """For each picture's name its age group from 0 (youngest) to 1, 1 for a man, and the origin, as people saw them.

    Raises:
        DataError: the folder holds no labels.csv with image, age, gender and origin.
    """
    table = folder / "labels.csv"
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        ages = {age: i / (len(AGES) - 1) for i, age in enumerate(AGES)}
        return {r["image"]: (ages[r["age"]], float(r["gender"] == "Male"), r["origin"]) for r in rows}
    except (OSError, KeyError) as error:
        raise DataError(f"{table} must hold image, age, gender and origin as FairFace has them; {error}") from error


def seen(images: NDArray[np.uint8], kind: Kind = "lite0") -> Array:
    """What a published network sees at two depths, each at 4x4 places, of faces (N, 128, 128, 3): (N, D)."""
    network = pretrained(kind).eval()
    found: list[Tensor] = []
    with torch.inference_mode():
        for i in tqdm(range(0, len(images), 50), desc="features"):
            pictures = torch.from_numpy(images[i : i + 50]).permute(0, 3, 1, 2).float() / 255
            *_, middle, last = network(pictures)
            found.append(torch.cat([F.avg_pool2d(middle, 2).flatten(1), last.flatten(1)], 1))
    return torch.cat(found).numpy()


class Classifier:
    """Logistic regressions on features, with a ridge.

    Args:
        features: (N, D).
        truth: (N, K), 0 to 1.
    """

    def __init__(self, features: Array, truth: Array) -> None:
        self.mean, self.spread = features.mean(0), features.std(0) + np.float32(0.1)
        x, y = torch.from_numpy((features - self.mean) / self.spread), torch.from_numpy(truth)
        self.weight = torch.zeros(x.shape[1], y.shape[1], requires_grad=True)
        self.bias = torch.zeros(y.shape[1], requires_grad=True)
        optimizer = torch.optim.LBFGS([self.weight, self.bias], max_iter=60, line_search_fn="strong_wolfe")

        def cost() -> Tensor:
            optimizer.zero_grad()
            errors = F.binary_cross_entropy_with_logits(x @ self.weight + self.bias, y, reduction="none")
            loss = errors.mean(0).sum() + RIDGE / 2 * self.weight.square().sum()
            loss.backward()
            return loss

        optimizer.step(cost)  # pyright: ignore[reportArgumentType] # a closure may return a tensor; the stub says float

    def __call__(self, features: Array) -> Array:
        """Chances (N, K) of features (N, D)."""
        with torch.no_grad():
            logits = torch.from_numpy((features - self.mean) / self.spread) @ self.weight + self.bias
            return logits.sigmoid().numpy()


def known(names: Sequence[str], features: Array, held_out: int) -> tuple[list[str], Array, Classifier]:
    """What every face shows: names, chances (N, K), and the classifier, which has not seen the last `held_out`.

    Marked faces have their marks.

    Raises:
        DataError: hardly any face is one that was marked.
    """
    kinds, rows = marks()
    marked = [i for i, name in enumerate(names[: len(names) - held_out]) if name in rows]
    if len(marked) < 100:
        raise DataError(f"only {len(marked)} of these faces are marked in {MARKS}; give --data faces/fairface_128")
    truth = np.array([rows[names[i]] for i in marked], np.float32)
    classifier = Classifier(features[marked], truth)
    chances = classifier(features)
    chances[marked] = truth
    return kinds, chances, classifier


class Table(NamedTuple):
    """Faces and what is known of them.

    Attributes:
        images: (N, 128, 128, 3).
        features: (N, D), see `seen`.
        kinds: names of what faces show; age and male come last.
        shown: (N, K), how much of each, 0 to 1.
        origins: (N, M), of which origin they are, 1 in one column, or in none for the first.
    """

    images: NDArray[np.uint8]
    features: Array
    kinds: list[str]
    shown: Array
    origins: Array


def table(folders: Sequence[Path], held_out: int) -> Table:
    """The faces of one folder, less the last.

    Raises:
        DataError: there is more than one folder, or a face is not in its table.
    """
    if len(folders) != 1:
        raise DataError(f"give --data one folder, fairface_128; got {len(folders)}")
    names = [path.name for path in Pictures([folders[0] / "images"]).paths]
    who = people(folders[0])
    missing = next((name for name in names if name not in who), None)
    if missing:
        raise DataError(f"{missing} is not in labels.csv; add a row for it or remove the picture")
    origins = sorted({who[name][2] for name in names})[1:]
    names = names[: len(names) - held_out]
    images = portraits(folders, SHOWN).images[: len(names)]
    features = seen(images)
    kinds, chances, _ = known(names, features, 0)
    shown = np.concatenate([chances, np.array([who[name][:2] for name in names], np.float32)], 1)
    of = np.array([[who[name][2] == origin for origin in origins] for name in names], np.float32)
    return Table(images, features, [*kinds, "age", "male"], shown, of)
